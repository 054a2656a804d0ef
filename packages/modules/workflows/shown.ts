import { operations } from "@dais/contracts";
import type { MoveSpec, StateSpec, WorkflowSpec } from "@dais/contracts/kit/workflow";
import type { Workflow } from "@dais/contracts/workflows";

/** A workflow's table as the contract shows it, each move with what its operation asks of the caller. */
export const shown = ({ name, capability, title, initial, states, moves }: WorkflowSpec): Workflow => ({
  name,
  capability,
  title,
  initial,
  states: Object.entries(states).map(([state, spec]) => ({ state, ...stateOf(spec) })),
  moves: Object.entries(moves).map(([event, spec]) => ({ event, ...moveOf(capability, event, spec) })),
});

function stateOf(spec: StateSpec): Omit<Workflow["states"][number], "state"> {
  if ("final" in spec) return { final: true, rests: null, waits: null };
  if ("rests" in spec) return { final: false, rests: spec.rests, waits: null };
  const { waits, within } = spec;
  return {
    final: false,
    rests: null,
    waits: {
      permission: "for" in waits ? waits.for : null,
      person: "person" in waits ? waits.person : null,
      hours: "hours" in within ? within.hours : null,
      workingDays: "workingDays" in within ? within.workingDays : null,
      until: "until" in within ? within.until : null,
    },
  };
}

function moveOf(capability: string, event: string, spec: MoveSpec<string>): Omit<Workflow["moves"][number], "event"> {
  const operation = spec.by === "system" ? undefined : operations.get(`${capability}.${event}`);
  return {
    from: [...spec.from],
    to: spec.to,
    by: spec.by ?? "caller",
    operation: operation?.path ?? null,
    permission: operation?.meta.permission ?? null,
    agent: operation?.meta.agent ?? null,
    stepUp: (operation?.meta.assurance ?? null) !== null,
    fourEyes: spec.fourEyes ?? false,
    hand: spec.hand ?? false,
    irreversible: spec.irreversible ?? false,
    policies: [...(spec.policies ?? [])],
  };
}
