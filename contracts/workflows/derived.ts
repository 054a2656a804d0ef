import type { StateSpec, WorkflowSpec } from "../kit/workflow.ts";
import { workflows } from "./all.ts";

/** RPC paths of the operations that move a thing that is there. */
const moves: ReadonlySet<string> = new Set(
  [...workflows.values()].flatMap(({ capability, moves }) =>
    Object.entries(moves)
      .filter(([, { by, from }]) => by !== "system" && from.length > 0)
      .map(([event]) => `${capability}.${event}`),
  ),
);
/** Whether an operation is a move of a workflow: such alone can be delegated. */
export const isMove = (path: string): boolean => moves.has(path);

/** A state in which somebody has to act, as the table has it. */
export type Waits = { workflow: WorkflowSpec; state: string } & Extract<StateSpec, { waits: unknown }>;

/** Every state of every workflow in which somebody has to act. */
export const waitingStates: readonly Waits[] = [...workflows.values()].flatMap((workflow) =>
  Object.entries(workflow.states).flatMap(([state, spec]) => ("waits" in spec ? [{ workflow, state, ...spec }] : [])),
);
