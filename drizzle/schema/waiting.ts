import { index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";

/** What waits for somebody, one row for each thing in a state that is not final: who acts next, and by when. The kernel's moves keep it. */
export const waiting = pgTable(
  "waiting",
  {
    tenantId: tenantId(),
    machine: text().notNull(),
    resourceId: uuid("resource_id").notNull(),
    state: text().notNull(),
    /** Who holds this permission acts next; null where `person_id` does. */
    permission: text(),
    /** This person acts next, and no other. */
    personId: uuid("person_id"),
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
    primaryKey({ columns: [t.tenantId, t.machine, t.resourceId] }),
    index("waiting_person").on(t.tenantId, t.personId, t.since, t.resourceId),
    index("waiting_permission").on(t.tenantId, t.permission, t.since, t.resourceId),
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
