import { programKinds } from "@dais/contracts/programs";
import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { agents } from "./agents.ts";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";

/**
 * Applications of a directory that may call with the issuer's tokens. Each calls for one organisation: a token names a directory and an
 * application, and nothing of ours.
 */
export const programs = pgTable(
  "programs",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    /** The directory (Entra's `tid`), or the issuer where it knows no directories. */
    tid: text().notNull(),
    /** The application's id there (a token's `azp`). */
    clientId: text("client_id").notNull(),
    name: text().notNull(),
    kind: text({ enum: programKinds }).notNull(),
    agentId: uuid("agent_id"),
    clearance: text().notNull(),
    disabledAt: instant("disabled_at"),
    lastUsedAt: instant("last_used_at"),
    createdBy: text("created_by").notNull(),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("programs_client").on(t.tid, t.clientId),
    index("programs_newest").on(t.tenantId, t.createdAt, t.id),
    index("programs_of_agent").on(t.tenantId, t.agentId),
    foreignKey({
      name: "programs_agent",
      columns: [t.tenantId, t.agentId],
      foreignColumns: [agents.tenantId, agents.id],
    }),
    check("programs_kind", sql`(${t.kind} = 'agent') = (${t.agentId} is not null)`),
  ],
);
