import { dispatchWorkflow } from "@dais/contracts/workflows/dispatch";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

export const machine = machineOf(dispatchWorkflow);

/** What moves set besides the state. */
export const along: Along = { stop: { stopped_at: "$2" }, finish: { finished_at: "$2" } };
