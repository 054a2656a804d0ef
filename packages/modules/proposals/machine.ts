import { proposalWorkflow } from "@dais/contracts/workflows/proposal";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

const decided = { decided_by: "(select along->>'by' from given)", decided_at: "$2" };
/** Who decided, and when, is set with the move. */
export const along: Along = { approve: decided, reject: decided };

export const machine = machineOf(proposalWorkflow);
