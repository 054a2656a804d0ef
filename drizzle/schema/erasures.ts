import { erasureStates } from "@dais/contracts/erasures/values";
import { foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";

/** What the law wants gone from the audit log, and who decided about it. `state` moves only through the machine `erasure`. */
export const erasures = pgTable(
  "erasures",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    /** Whose entries, where a person was named instead of the entries themselves: `per_…`. */
    personId: text("person_id"),
    fromAt: instant("from_at"),
    toAt: instant("to_at"),
    /** How many entries, and the SHA-256 over their uuids in order, each with a comma behind it: no other ones are erased by it. */
    entries: integer().notNull(),
    entriesSha256: text("entries_sha256").notNull(),
    /** Which law, which right, whose request. */
    reason: text().notNull(),
    requestedBy: text("requested_by").notNull(),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    /** Of the highest of its entries. */
    classification: text().notNull(),
    state: text({ enum: erasureStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("erasures_tenant_id").on(t.tenantId, t.id),
    index("erasures_newest").on(t.tenantId, t.createdAt, t.id),
  ],
);

/** The entries that an erasure is about, found when it was asked for. Never changed. */
export const erasureEntries = pgTable(
  "erasure_entries",
  {
    tenantId: tenantId(),
    erasureId: uuid("erasure_id").notNull(),
    entryId: uuid("entry_id").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.erasureId, t.entryId] }),
    foreignKey({
      name: "erasure_entries_erasure",
      columns: [t.tenantId, t.erasureId],
      foreignColumns: [erasures.tenantId, erasures.id],
    }),
  ],
);
