import { postureWorkflow } from "@dais/contracts/workflows/posture";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

export const machine = machineOf(postureWorkflow);

const decided = { decided_by: "$3::json->>'by'", decided_at: "$2" };

/** What moves set besides the state: who decided, and when. What is overtaken, nobody decided. */
export const along: Along = { confirm: decided, reject: decided, withdraw: decided };
