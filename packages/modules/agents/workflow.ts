import type { Agent } from "@dais/contracts/agents";
import { idOf } from "@dais/contracts/kit/ids";
import { agentWorkflow } from "@dais/contracts/workflows/agent";
import { agents } from "@dais/drizzle/schema/agents";
import type { Workflow } from "@dais/kernel/machine";
import { machine } from "./machine.ts";

export type Row = typeof agents.$inferSelect;

/** The agent as a thing whose state moves. */
export const workflow: Workflow<typeof agents, Agent> = {
  spec: agentWorkflow,
  idKind: "agt",
  table: agents,
  machine,
  show,
  problems: { notFound: "agent_not_found", wrongState: "agent_wrong_state", changed: "agent_changed" },
};

/** The row as the contract shows it. */
export function show(row: Row): Agent {
  const { budgetAmount: amount, budgetCurrency: currency } = row;
  return {
    id: idOf("agt", row.id),
    name: row.name,
    purpose: row.purpose,
    ownerId: idOf("per", row.ownerId),
    model: row.model,
    modelVersion: row.modelVersion,
    permissions: row.permissions,
    clearance: row.clearance,
    actsFor: row.actsFor.map((id) => idOf("per", id)),
    budget: {
      callsPerDay: row.budgetCalls,
      costPerMonth: amount === null || currency === null ? null : { amount: plain(amount), currency },
    },
    state: row.state,
    stateReason: row.stateReason,
    createdBy: row.createdBy,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Postgres fills up to six places: two are left, and more where they say something. */
const plain = (amount: string): string => amount.replace(/(\.\d{2}\d*?)0+$/, "$1");
