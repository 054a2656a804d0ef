import { boolean, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { actions } from "./actions.ts";
import { instant, tenantId } from "./columns.ts";
import { people } from "./people.ts";

/** Each item stands for itself: who ticks one is in nobody's way who ticks another. */
export const actionItems = pgTable(
  "action_items",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    actionId: uuid("action_id").notNull(),
    place: integer().notNull(),
    text: text().notNull(),
    done: boolean().notNull(),
    by: text().notNull(),
    at: instant("at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("action_items_of_action").on(t.tenantId, t.actionId, t.place, t.id),
    foreignKey({
      name: "action_items_of",
      columns: [t.tenantId, t.actionId],
      foreignColumns: [actions.tenantId, actions.id],
    }),
  ],
);

/** What people and agents noted beside an action. */
export const actionNotes = pgTable(
  "action_notes",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    actionId: uuid("action_id").notNull(),
    body: text().notNull(),
    by: text().notNull(),
    at: instant("at").notNull(),
  },
  (t) => [
    index("action_notes_newest").on(t.tenantId, t.actionId, t.at, t.id),
    foreignKey({
      name: "action_notes_of",
      columns: [t.tenantId, t.actionId],
      foreignColumns: [actions.tenantId, actions.id],
    }),
  ],
);

/** Pages that show what was done. */
export const actionEvidence = pgTable(
  "action_evidence",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    actionId: uuid("action_id").notNull(),
    url: text().notNull(),
    title: text(),
    by: text().notNull(),
    at: instant("at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("action_evidence_newest").on(t.tenantId, t.actionId, t.at, t.id),
    foreignKey({
      name: "action_evidence_of",
      columns: [t.tenantId, t.actionId],
      foreignColumns: [actions.tenantId, actions.id],
    }),
  ],
);

/** Who watches an action, beside its owner and deputies. */
export const actionWatchers = pgTable(
  "action_watchers",
  {
    tenantId: tenantId(),
    actionId: uuid("action_id").notNull(),
    personId: uuid("person_id").notNull(),
    by: text().notNull(),
    at: instant("at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.actionId, t.personId] }),
    index("action_watchers_person").on(t.tenantId, t.personId, t.actionId),
    foreignKey({
      name: "action_watchers_of",
      columns: [t.tenantId, t.actionId],
      foreignColumns: [actions.tenantId, actions.id],
    }),
    foreignKey({
      name: "action_watchers_who",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);
