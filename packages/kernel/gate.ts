import type { RateClass } from "@dais/contracts/kit/operation";

/** What is left of an allowance, as the RateLimit fields say it. */
export type Limit = {
  class: RateClass;
  allowed: boolean;
  limit: number;
  windowSeconds: number;
  remaining: number;
  resetSeconds: number;
};
/** Calls per window and actor, by class. */
export type Limits = Record<RateClass, { limit: number; windowSeconds: number }>;

export type Subject = {
  tenantId: string;
  actorId: string;
  /** Others on whom the actor's credential depends: its epoch is theirs, too. Allowances are the actor's alone. */
  behind?: readonly string[];
};
/** By the names of actors, the subjects whose epochs make a subject's. */
export const epochsOf = ({ tenantId, actorId, behind = [] }: Subject): Subject[] =>
  [actorId, ...behind].map((id) => ({ tenantId, actorId: id }));
/** A session whose text came with a call: `sessionHash` of it, and its absolute end, for which nobody asks the store again. */
export type InUse = { hash: string; endsAt: number };

/** `settled`: whether no commit that the epoch knows nothing of can change what was learnt under it. */
export type Stand = { epoch: string; settled: boolean; alive: boolean };

/** Longer than from the first `bump` to the commit: what goes out between them is a few statements, each with a time limit. */
export const unsettledSeconds = 30;

/**
 * What all processes must agree on before a call is served: whether the caller's credential still means what a process remembers
 * of it, and whether the caller has calls left. Redis where it is configured; otherwise the memory of the one process.
 * Every function rejects when the store is away: whoever can't be checked isn't served.
 */
export type Gate = {
  /**
   * One exchange: what the caller's credentials mean, and one call off its allowance. With a session also whether it is still
   * there (`alive`), which counts as use of it; true where none was asked for.
   */
  admit(subject: Subject, rate: RateClass, session?: InUse): Promise<Stand & { limit: Limit }>;
  /**
   * The same of many at once, in one exchange, and without taking anything from anybody: to look is no use of a session, and no call.
   * The answers come in the order of who was asked for.
   */
  look(watched: readonly { subject: Subject; session?: InUse }[]): Promise<Stand[]>;
  /** Counts a failed credential against the address it came from, in class `auth`. */
  strike(address: string): Promise<Limit>;
  /**
   * Makes every process forget what it remembers of these actors. Called before AND after the commit that revokes; should the process
   * die in between, nobody waits for the second time: for `unsettledSeconds` nothing that is learnt of them is remembered for long.
   */
  bump(subjects: readonly Subject[]): Promise<void>;
  ping(): Promise<void>;
  /** Said aloud at the start. */
  readonly kind: "redis" | "memory";
};
