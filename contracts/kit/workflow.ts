import type { IdKind } from "./ids.ts";

/** A state: either nobody has to act any more, or somebody has, or it waits for nobody and says why that is no limbo. */
export type StateSpec =
  | { final: true }
  | { rests: string }
  | {
      /** Who acts next: whoever holds this permission, or the person that a field of the thing names. */
      waits: { for: string } | { person: string };
      /** By when, where the organisation says nothing else: hours by the clock, or working days by its calendar. */
      within: { hours: number } | { workingDays: number } | OwnTerm;
    };

/** A field of the thing that says by when, or null: no organisation says it otherwise. Past it, deputies see the thing at once. */
export type OwnTerm = { until: string };

/** A move, as its table says it. The operation of the same name makes it, unless the server itself does, by rule. */
export type MoveSpec<State extends string> = {
  /** Nothing: the move makes the thing. */
  from: readonly State[];
  to: State;
  by?: "system";
  /** What its event says that has happened, where that isn't the past of the move: `<name>.<told>`. */
  told?: string;
  /**
   * Whoever had a hand in the content may not make it: who made the thing, edited it, or made a move with `hand`. It is of this very
   * content: its SHA-256 goes on record, and by its version the move is of nothing that came later.
   */
  fourEyes?: true;
  /** Who makes it has a hand in the content. */
  hand?: true;
  /** It can't be taken back, and wants a reason of at least ten characters. */
  irreversible?: true;
  /** What else must be so, by the names of policies that the module judges. */
  policies?: readonly string[];
};

/** A workflow as data: what documents draw, `workflows.get` shows, and the kernel makes its machine of. */
export type WorkflowSpec<State extends string = string, Event extends string = string> = {
  /** The noun: of permissions, audit entries and events. */
  name: string;
  /** Of its things' ids. */
  kind: IdKind;
  /** The capability whose operations make the moves. */
  capability: string;
  title: string;
  initial: State;
  states: Readonly<Record<State, StateSpec>>;
  moves: Readonly<Record<Event, MoveSpec<State>>>;
};

/** Of an irreversible move's reason. */
export const leastReason = 10;

export const workflow = <const State extends string, const Event extends string>(
  spec: WorkflowSpec<State, Event>,
): WorkflowSpec<State, Event> => spec;
