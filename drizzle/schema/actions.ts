import { actionStates, priorities, sourceTypes } from "@dais/contracts/actions";
import { sql } from "drizzle-orm";
import { date, foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";
import { organisations } from "./organisations.ts";
import { people } from "./people.ts";
import { texts } from "./texts.ts";

/** What somebody sees to. `state` moves only through the machine `action`: the trigger `actions_moved` refuses the rest at commit. */
export const actions = pgTable(
  "actions",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    title: text().notNull(),
    details: text().notNull(),
    priority: text({ enum: priorities }).notNull(),
    dueDay: date("due_day"),
    /** The end of `due_day` in the organisation's zone, as it was when the day was set. */
    dueAt: instant("due_at"),
    ownerId: uuid("owner_id").notNull(),
    deputyIds: uuid("deputy_ids").array().notNull(),
    entityId: uuid("entity_id"),
    classification: text().notNull(),
    sourceType: text("source_type", { enum: sourceTypes }),
    sourceId: uuid("source_id"),
    createdBy: text("created_by").notNull(),
    completedBy: text("completed_by"),
    completedAt: instant("completed_at"),
    /** Public ids of the people behind who completed it: none of them verifies it. */
    completedPersons: texts("completed_persons").notNull().default([]),
    verifiedBy: text("verified_by"),
    verifiedAt: instant("verified_at"),
    state: text({ enum: actionStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => {
    const due = sql`coalesce(${t.dueAt}, 'infinity'::timestamptz)`;
    const working = sql`${t.state} in ('open', 'in_progress', 'blocked')`;
    return [
      unique("actions_tenant_id").on(t.tenantId, t.id),
      index("actions_due").on(t.tenantId, due, t.id),
      index("actions_working").on(t.tenantId, due, t.id).where(working),
      index("actions_owner").on(t.tenantId, t.ownerId, due, t.id),
      index("actions_mine").on(t.tenantId, t.ownerId, due, t.id).where(working),
      index("actions_entity").on(t.tenantId, t.entityId, due, t.id),
      index("actions_source").on(t.tenantId, t.sourceId),
      index("actions_created").on(t.tenantId, t.createdAt),
      index("actions_completed").on(t.tenantId, t.completedAt),
      foreignKey({
        name: "actions_owned",
        columns: [t.tenantId, t.ownerId],
        foreignColumns: [people.tenantId, people.id],
      }),
      foreignKey({
        name: "actions_of_entity",
        columns: [t.tenantId, t.entityId],
        foreignColumns: [entities.tenantId, entities.id],
      }),
    ];
  },
);
