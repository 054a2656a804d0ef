import { webhookWorkflow } from "@dais/contracts/workflows/webhook";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

export const machine = machineOf(webhookWorkflow);

/** Who comes back begins well: what was is no reason to be given up again at the first failure. */
export const along: Along = { enable: { failures: "0", failing_since: "null" } };
