import { dispatchRecipientWorkflow } from "@dais/contracts/workflows/dispatchRecipient";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";

export const machine = machineOf(dispatchRecipientWorkflow);

/** Nothing more happens by the clock. */
const still = { next_at: "null", escalate_at: "null" };

/** Where it is on the ladder, and when something is done about it next: whoever sends says so. */
const onward = {
  step: "($3::json->>'step')::int",
  tries: "($3::json->>'tries')::int",
  next_at: "($3::json->>'nextAt')::timestamptz",
};

/** What moves set besides the state. */
export const along: Along = {
  ...{ begin: onward, hand: onward, deliver: onward, see: onward, retry: onward, fall: onward },
  ...{ fail: onward, expire: onward, lose: onward },
  acknowledge: {
    ...still,
    acknowledged_via: "(select along->>'via' from given)",
    acknowledged_at: "$2",
  },
  recall: still,
};
