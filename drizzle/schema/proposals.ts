import { proposalStates } from "@dais/contracts/proposals/values";
import { index, integer, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";
import { texts } from "./texts.ts";

/** Commands that agents propose and people decide about. `state` moves only through the machine `proposal`. */
export const proposals = pgTable(
  "proposals",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    /** RPC path of the command, and its input as the contract read it. */
    operation: text().notNull(),
    input: jsonb().$type<Record<string, unknown>>().notNull(),
    /** SHA-256 over the canonical JSON (RFC 8785) of operation and input. */
    inputHash: text("input_hash").notNull(),
    /** What the command would do: see packages/kernel/proposals. */
    effect: jsonb().$type<Record<string, unknown>>().notNull(),
    effectHash: text("effect_hash").notNull(),
    /** The uuids that the dry run gave out: the command gets the same, so that it does what was shown. */
    ids: texts().notNull(),
    agentId: text("agent_id").notNull(),
    /** Whom the agent acted for, or null. */
    onBehalfOf: text("on_behalf_of"),
    /** People who may not approve: the agent's owner, and whoever else is behind it. */
    persons: texts().notNull(),
    model: text(),
    modelVersion: text("model_version"),
    /** Of the highest that the command touches. */
    classification: text().notNull(),
    state: text({ enum: proposalStates }).notNull(),
    stateReason: text("state_reason"),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    /** What the command answered, where it was approved. */
    output: jsonb().$type<unknown>(),
    expiresAt: instant("expires_at").notNull(),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("proposals_tenant_id").on(t.tenantId, t.id),
    index("proposals_newest").on(t.tenantId, t.state, t.createdAt, t.id),
    index("proposals_agent").on(t.tenantId, t.agentId, t.state),
    index("proposals_due").on(t.tenantId, t.state, t.expiresAt),
  ],
);
