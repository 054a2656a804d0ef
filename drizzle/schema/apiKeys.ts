import { apiKeyKinds } from "@dais/contracts/apiKeys";
import { index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";

/** Credentials of programs and agents. `hash` is the SHA-256 of the whole text: the text has 256 random bits, so no salt is needed. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    hash: text().notNull(),
    name: text().notNull(),
    kind: text({ enum: apiKeyKinds }).notNull(),
    permissions: text().array().notNull(),
    clearance: text().notNull(),
    createdBy: text("created_by").notNull(),
    onBehalfOf: text("on_behalf_of"),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [unique("api_keys_hash").on(t.tenantId, t.hash), index("api_keys_newest").on(t.tenantId, t.createdAt, t.id)],
);
