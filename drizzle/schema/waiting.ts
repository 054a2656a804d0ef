import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey, smallint, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { texts } from "./texts.ts";

/**
 * What waits for somebody: for each thing in a state that is not final who acts next, and by when. One row, or, where it waits for several
 * at once, a row for each; `since`, `due_at`, `overdue_at` and `escalates_at` are the thing's, and the same in all of them. The kernel's
 * moves keep it.
 */
export const waiting = pgTable(
  "waiting",
  {
    tenantId: tenantId(),
    machine: text().notNull(),
    resourceId: uuid("resource_id").notNull(),
    slot: smallint().notNull().default(0),
    state: text().notNull(),
    /** Who holds this permission acts next; null where a person or a group does. */
    permission: text(),
    /** This person acts next. */
    personId: uuid("person_id"),
    /** Whoever is in this group, over however many groups, acts next. */
    groupId: uuid("group_id"),
    /** Permissions of the moves that they would make: who has one by delegation may act for them. */
    moves: texts().notNull().default(sql`'{}'`),
    /** People who act in none of this: they had a hand in it, or have acted already. */
    barred: uuid().array().notNull().default(sql`'{}'`),
    /** What the thing is called; as classified as the thing. */
    titleEn: text("title_en"),
    titleAr: text("title_ar"),
    entityId: uuid("entity_id"),
    classification: text().notNull(),
    since: instant("since").notNull(),
    /** Null: no term. */
    dueAt: instant("due_at"),
    /** When it was told that it is overdue. */
    overdueAt: instant("overdue_at"),
    /** When the second term ends, after which deputies see it, too. */
    escalatesAt: instant("escalates_at"),
  },
  (t) => [
    uniqueIndex("waiting_key").on(t.tenantId, t.machine, t.resourceId, t.slot),
    index("waiting_person").on(t.tenantId, t.personId, t.since, t.resourceId),
    index("waiting_permission").on(t.tenantId, t.permission, t.since, t.resourceId),
    index("waiting_group").on(t.tenantId, t.groupId, t.since, t.resourceId),
    index("waiting_due").on(t.tenantId, t.dueAt),
  ],
);

/** For how long a thing may wait in a state, where an organisation says it otherwise than the machine. */
export const terms = pgTable(
  "terms",
  {
    tenantId: tenantId(),
    machine: text().notNull(),
    state: text().notNull(),
    hours: integer(),
    workingDays: integer("working_days"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.machine, t.state] })],
);
