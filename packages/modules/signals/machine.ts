import type { signalStates } from "@dais/contracts/signals";
import type { Along } from "@dais/kernel/machine-statements";
import { createMachine, state, transition } from "robot3";
import { raiseAt } from "./raise.ts";

const merge = transition("merge", "merged");
const over = [transition("withdraw", "withdrawn"), merge] as const;

/**
 * new -> acknowledged -> dismissed | escalated. `snooze` puts a signal away until a time, `wake` and `raise` bring it back, `reopen` takes
 * back a dismissal. Its source may withdraw it; it is there again when somebody says so, or something reports it anew. And it may turn out
 * to be another one.
 */
export const machine = createMachine("new", {
  new: state(transition("acknowledge", "acknowledged"), transition("snooze", "snoozed"), ...over),
  acknowledged: state(
    transition("dismiss", "dismissed"),
    transition("escalate", "escalated"),
    transition("snooze", "snoozed"),
    transition("raise", "new"),
    ...over,
  ),
  snoozed: state(transition("wake", "new"), transition("acknowledge", "acknowledged"), ...over),
  dismissed: state(transition("reopen", "new"), ...over),
  escalated: state(...over),
  withdrawn: state(transition("reopen", "new"), merge),
  merged: state(),
} satisfies Record<(typeof signalStates)[number], unknown>);

/** What no caller may say: what the clock, the signal's source or another report brings about. */
export const own: ReadonlySet<string> = new Set(["wake", "raise", "withdraw", "merge"]);

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
