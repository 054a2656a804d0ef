import { briefingWorkflow } from "@dais/contracts/workflows/briefing";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

export const machine = machineOf(briefingWorkflow);

const by = "$3::json->>'by'";
const anew = { submitted_by: "null", approved_by: "null", approved_at: "null" };

/** What moves set besides the state. What becomes a draft again was approved by nobody. */
export const along: Along = {
  submit: { submitted_by: by },
  return: anew,
  approve: { approved_by: by, approved_at: "$2" },
  revise: anew,
  distribute: { distributed_by: by, distributed_at: "$2", recipients: "($3::json->>'recipients')::int" },
};
