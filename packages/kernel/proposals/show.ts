import { operations } from "@dais/contracts";
import { idOf } from "@dais/contracts/kit/ids";
import type { Proposal, ProposalEffect } from "@dais/contracts/proposals/shape";
import type { proposals } from "@dais/drizzle/schema/proposals";

export type ProposalRow = typeof proposals.$inferSelect;

/** The row as the contract shows it. Who may decide follows from the command, as the contract has it now. */
export function showProposal(row: ProposalRow): Proposal {
  const effect = row.effect as ProposalEffect;
  const { permission = null, assurance = null } = operations.get(row.operation)?.meta ?? {};
  return {
    id: idOf("prp", row.id),
    operation: row.operation,
    input: row.input,
    inputHash: row.inputHash,
    effect,
    effectHash: row.effectHash,
    targets: effect.changes.map(({ resource }) => resource),
    agentId: row.agentId,
    onBehalfOf: row.onBehalfOf,
    model: row.model,
    modelVersion: row.modelVersion,
    classification: row.classification,
    state: row.state,
    stateReason: row.stateReason,
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    permission,
    stepUp: assurance && { maxAgeSeconds: assurance.maxAgeSeconds },
    expiresAt: row.expiresAt.toISOString(),
    output: row.output as Proposal["output"],
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** What somebody finds who looks at what waits: what the command would do. */
export const proposalWaiting = ({ operation }: Pick<ProposalRow, "operation">) => ({
  title: { en: operations.get(operation)?.meta.openapi.summary ?? operation, ar: null },
});
