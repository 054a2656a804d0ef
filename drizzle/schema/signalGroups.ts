import { sql } from "drizzle-orm";
import { foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { signals } from "./signals.ts";

/** Signals about one thing that happens. Which ones follows from rules and from what people said; `signals.group_id` keeps the result. */
export const signalGroups = pgTable(
  "signal_groups",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    name: text(),
    /** The signal that stands for the group, where somebody chose one. */
    leadId: uuid("lead_id"),
    /** The group that this one became part of. */
    mergedInto: uuid("merged_into"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("signal_groups_tenant_id").on(t.tenantId, t.id),
    index("signal_groups_newest").on(t.tenantId, t.id).where(sql`${t.mergedInto} is null`),
    foreignKey({
      name: "signal_groups_lead",
      columns: [t.tenantId, t.leadId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
  ],
);

/**
 * What was said of two signals: by people, that they belong together or that they don't, which holds against every rule; or by their
 * source, that one refers to the other.
 */
export const signalTies = pgTable(
  "signal_ties",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    /** The smaller id of the two. */
    oneId: uuid("one_id").notNull(),
    otherId: uuid("other_id").notNull(),
    kind: text({ enum: ["together", "apart", "refers"] }).notNull(),
    by: text().notNull(),
    at: instant("at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    unique("signal_ties_pair").on(t.tenantId, t.oneId, t.otherId),
    index("signal_ties_other").on(t.tenantId, t.otherId),
    index("signal_ties_apart").on(t.tenantId).where(sql`${t.kind} = 'apart' and ${t.endedAt} is null`),
    foreignKey({
      name: "signal_ties_one",
      columns: [t.tenantId, t.oneId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
    foreignKey({
      name: "signal_ties_two",
      columns: [t.tenantId, t.otherId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
  ],
);
