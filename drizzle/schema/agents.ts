import { agentStates } from "@dais/contracts/agents";
import { foreignKey, index, integer, numeric, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";
import { people } from "./people.ts";
import { texts } from "./texts.ts";

/** Software agents, each with a person who answers for it. `state` moves only through the machine `agent`. */
export const agents = pgTable(
  "agents",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    name: text().notNull(),
    purpose: text().notNull(),
    ownerId: uuid("owner_id").notNull(),
    model: text().notNull(),
    modelVersion: text("model_version").notNull(),
    permissions: texts().notNull(),
    clearance: text().notNull(),
    /** People besides its owner for whom it may act. */
    actsFor: uuid("acts_for").array().notNull(),
    budgetCalls: integer("budget_calls"),
    budgetAmount: numeric("budget_amount", { precision: 24, scale: 6 }),
    budgetCurrency: text("budget_currency"),
    state: text({ enum: agentStates }).notNull(),
    stateReason: text("state_reason"),
    /** That it is there is known to everybody: the lowest level. */
    classification: text().notNull(),
    createdBy: text("created_by").notNull(),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("agents_tenant_id").on(t.tenantId, t.id),
    index("agents_newest").on(t.tenantId, t.createdAt, t.id),
    index("agents_owner").on(t.tenantId, t.ownerId),
    foreignKey({
      name: "agents_owned",
      columns: [t.tenantId, t.ownerId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);
