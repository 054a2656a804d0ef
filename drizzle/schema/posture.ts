import { foreignKey, index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";

/** Every change of posture; the newest of an entity (or, with none, of the organisation) is the one that holds. */
export const posture = pgTable(
  "posture",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    entityId: uuid("entity_id"),
    level: text().notNull(),
    rank: integer().notNull(),
    reason: text().notNull(),
    source: text().notNull(),
    since: instant("since").notNull(),
  },
  (t) => [
    index("posture_newest").on(t.tenantId, t.entityId, t.since, t.id),
    foreignKey({
      name: "posture_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);
