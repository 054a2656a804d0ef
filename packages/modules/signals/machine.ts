import type { signalStates } from "@dais/contracts/signals";
import { createMachine, state, transition } from "robot3";

/** new -> acknowledged -> dismissed | escalated. */
export const machine = createMachine("new", {
  new: state(transition("acknowledge", "acknowledged")),
  acknowledged: state(transition("dismiss", "dismissed"), transition("escalate", "escalated")),
  dismissed: state(),
  escalated: state(),
} satisfies Record<(typeof signalStates)[number], unknown>);
