import type { Actor, Ctx } from "./context.ts";

/**
 * Work that no caller asks for at a face: what a sign-in changes, what an event or the clock brings about. It is done like a command, in one
 * transaction with its audit entries and events, and by actor `system`.
 */
export type Task<In, Out> = {
  /** Capability and verb, as an operation's path: `people.signIn`. */
  name: string;
  /** `noun.verb`, as audit entries say it. */
  action: string;
  /** It may find nothing to do, and then leaves no trace: no audit entry is asked of it. */
  quiet?: true;
  run(ctx: Ctx, input: In): Promise<Out>;
};
export const task = <In, Out>(of: Task<In, Out>): Task<In, Out> => of;

/** Where and for whom a task is done. */
export type On = {
  /** The tenant's uuid. */
  tenantId: string;
  /** Public id of whoever caused it, or null. */
  onBehalfOf?: string | null;
  requestId: string;
  traceparent?: string | null;
  address?: string | null;
  /** Who does it, where it isn't the server: somebody at its console. */
  as?: Pick<Actor, "id" | "permissions">;
  /** Does it once for all: a second time, on whatever process, nothing is done and the answer is null. */
  once?: { consumer: string; eventId: string };
};

/** @returns what the task answers, or null where `once` found it done. @throws Problem, or whatever the task throws */
export type Perform = <In, Out>(task: Task<In, Out>, on: On, input: In) => Promise<Out | null>;

/** The server itself. It holds no permission: tasks are called by their names, and never by a caller's choice. */
export const systemActor = (clearance: string, onBehalfOf: string | null): Actor => ({
  kind: "system",
  id: "system",
  roles: [],
  permissions: new Set(),
  clearance,
  onBehalfOf,
  persons: onBehalfOf?.startsWith("per_") ? [onBehalfOf] : [],
  session: null,
});
