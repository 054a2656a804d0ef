import { foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";
import { people } from "./people.ts";
import { texts } from "./texts.ts";

/** Who may make whose moves for a time. A delegation ends by itself at `until`, or earlier at `ended_at`. */
export const delegations = pgTable(
  "delegations",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    fromId: uuid("from_id").notNull(),
    toId: uuid("to_id").notNull(),
    /** Permissions of the moves: `posture.confirm`. */
    moves: texts().notNull(),
    /** Only for things of this entity; null: of all. */
    entityId: uuid("entity_id"),
    startsAt: instant("starts_at").notNull(),
    until: instant("until").notNull(),
    reason: text().notNull(),
    endedAt: instant("ended_at"),
    createdBy: text("created_by").notNull(),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("delegations_tenant_id").on(t.tenantId, t.id),
    index("delegations_to").on(t.tenantId, t.toId, t.until),
    index("delegations_from").on(t.tenantId, t.fromId, t.until),
    foreignKey({
      name: "delegations_given",
      columns: [t.tenantId, t.fromId],
      foreignColumns: [people.tenantId, people.id],
    }),
    foreignKey({
      name: "delegations_taken",
      columns: [t.tenantId, t.toId],
      foreignColumns: [people.tenantId, people.id],
    }),
    foreignKey({
      name: "delegations_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);
