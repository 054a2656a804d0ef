import type { agentStates } from "@dais/contracts/agents";
import { createMachine, state, transition } from "robot3";

/** active <-> suspended; either way retired, for good. */
export const machine = createMachine("active", {
  active: state(transition("suspend", "suspended"), transition("retire", "retired")),
  suspended: state(transition("resume", "active"), transition("retire", "retired")),
  retired: state(),
} satisfies Record<(typeof agentStates)[number], unknown>);
