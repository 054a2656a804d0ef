import { signalWorkflow } from "@dais/contracts/workflows/signal";
import { machineOf } from "@dais/kernel/machine";
import type { Along } from "@dais/kernel/machine-statements";
import { raiseAt } from "./raise.ts";

export const machine = machineOf(signalWorkflow);

const settled = { snoozed_until: "null", raise_at: "null" };

/** What moves set besides the state: until when a signal is put away, and when it comes back if nobody touches it. */
export const along: Along = {
  acknowledge: { ...settled, raise_at: raiseAt("$1", "$2") },
  snooze: { ...settled, snoozed_until: "($3::json->>'until')::timestamptz" },
  wake: settled,
  raise: settled,
  dismiss: settled,
  escalate: settled,
  withdraw: settled,
};
