import { erasureWorkflow } from "@dais/contracts/workflows/erasure";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

export const machine = machineOf(erasureWorkflow);

const decided = { decided_by: "$3::json->>'by'", decided_at: "$2" };

/** What moves set besides the state: who decided, and when. */
export const along: Along = { erase: decided, reject: decided, withdraw: decided };
