import { postureStates } from "@dais/contracts/posture/values";
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";
import { organisations } from "./organisations.ts";

/** Changes of posture that somebody proposed. `state` moves only through the machine `posture`; a confirmed one has its row in `posture`. */
export const postureChanges = pgTable(
  "posture_changes",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    entityId: uuid("entity_id"),
    /** The level that held when it was proposed; null where none did. */
    fromLevel: text("from_level"),
    level: text().notNull(),
    rank: integer().notNull(),
    reason: text().notNull(),
    signalIds: uuid("signal_ids").array().notNull(),
    proposedBy: text("proposed_by").notNull(),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    /** Not below its signals'. */
    classification: text().notNull(),
    state: text({ enum: postureStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("posture_changes_tenant_id").on(t.tenantId, t.id),
    index("posture_changes_newest").on(t.tenantId, t.createdAt, t.id),
    index("posture_changes_open").on(t.tenantId, t.entityId, t.state),
    foreignKey({
      name: "posture_changes_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);

type Text = { en: string; ar: string | null };

/** The levels of posture of an organisation that has its own: all of them, calmest first. */
export const postureLevels = pgTable(
  "posture_levels",
  {
    tenantId: tenantId(),
    key: text().notNull(),
    rank: integer().notNull(),
    name: jsonb().$type<Text>().notNull(),
    criteria: jsonb().$type<Text>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] }), unique("posture_levels_rank").on(t.tenantId, t.rank)],
);
