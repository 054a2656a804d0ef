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

/**
 * The moves that callers make out of a state, and the permission of each. By the rule that it is the workflow's name and the move's own: the
 * contract is not asked, for it stands on this.
 */
export const movesFrom = ({ name, moves }: WorkflowSpec, state: string): { event: string; permission: string }[] =>
  Object.entries(moves)
    .filter(([, { by, from }]) => by !== "system" && from.includes(state))
    .map(([event]) => ({ event, permission: `${name}.${event.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`)}` }));

/** Every permission of a move of a workflow. */
export const movePermissions: readonly string[] = [...workflows.values()].flatMap((workflow) => [
  ...new Set(
    Object.keys(workflow.states).flatMap((state) => movesFrom(workflow, state).map(({ permission }) => permission)),
  ),
]);

/** Every permission for whose holders a thing may wait: of a move of its own, or of a command that answers it. */
export const waitedPermissions: readonly string[] = [
  ...new Set([...movePermissions, ...waitingStates.flatMap(({ waits }) => ("for" in waits ? [waits.for] : []))]),
];
