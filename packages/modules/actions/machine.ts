import { actionWorkflow } from "@dais/contracts/workflows/action";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

export const machine = machineOf(actionWorkflow);

const undone = {
  ...{ completed_by: "null", completed_at: "null", completed_persons: "'{}'" },
  ...{ verified_by: "null", verified_at: "null" },
};

/** What moves set besides the state: who completed and who verified it, and when. */
export const along: Along = {
  complete: {
    completed_by: "$3::json->>'by'",
    completed_at: "$2",
    completed_persons: "array(select json_array_elements_text($3::json->'persons'))",
  },
  verify: { verified_by: "$3::json->>'by'", verified_at: "$2" },
  reopen: undone,
};
