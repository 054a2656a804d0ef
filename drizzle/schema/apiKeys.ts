import { apiKeyKinds } from "@dais/contracts/apiKeys";
import { foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { agents } from "./agents.ts";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";
import { texts } from "./texts.ts";

/** Credentials of programs and agents. `hash` is the SHA-256 of the whole text: the text has 256 random bits, so no salt is needed. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    hash: text().notNull(),
    /** Of the text before the last rotation, which works until `graceEndsAt`. */
    previousHash: text("previous_hash"),
    graceEndsAt: instant("grace_ends_at"),
    name: text().notNull(),
    kind: text({ enum: apiKeyKinds }).notNull(),
    permissions: texts().notNull(),
    clearance: text().notNull(),
    createdBy: text("created_by").notNull(),
    onBehalfOf: text("on_behalf_of"),
    /** Whose credential it is, where that is a registered agent's. */
    agentId: uuid("agent_id"),
    /** Networks (CIDR) that it may be used from; null: from anywhere. */
    ipRanges: texts("ip_ranges"),
    /** To the minute. */
    lastUsedAt: instant("last_used_at"),
    rotatedAt: instant("rotated_at"),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    unique("api_keys_hash").on(t.tenantId, t.hash),
    unique("api_keys_previous_hash").on(t.tenantId, t.previousHash),
    index("api_keys_newest").on(t.tenantId, t.createdAt, t.id),
    index("api_keys_of_agent").on(t.tenantId, t.agentId),
    foreignKey({
      name: "api_keys_agent",
      columns: [t.tenantId, t.agentId],
      foreignColumns: [agents.tenantId, agents.id],
    }),
  ],
);
