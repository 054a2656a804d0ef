import { approvalWorkflow } from "@dais/contracts/workflows/approval";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

const steps = "(select along->'steps' from given)::jsonb";

/** The vote that decides stands in the steps with the move. What nobody voted on, nobody decided. */
export const along: Along = {
  approve: { steps, outcome_option: "(select along->>'option' from given)", decided_at: "$2" },
  refuse: { steps, decided_at: "$2" },
};

export const machine = machineOf(approvalWorkflow);
