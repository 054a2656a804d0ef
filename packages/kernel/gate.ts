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

export type Subject = { tenantId: string; actorId: string };

/**
 * What all processes must agree on before a call is served: whether the caller's credential still means what a process remembers
 * of it, and whether the caller has calls left. Redis where it is configured; otherwise the memory of the one process.
 * Every function rejects when the store is away: whoever can't be checked isn't served.
 */
export type Gate = {
  /** One exchange: the epoch of the caller's credentials, and one call off its allowance. */
  admit(subject: Subject, rate: RateClass): Promise<{ epoch: string; limit: Limit }>;
  /** Counts a failed credential against the address it came from, in class `auth`. */
  strike(address: string): Promise<Limit>;
  /** Makes every process forget what it remembers of these actors. Called before AND after the commit that revokes. */
  bump(subjects: readonly Subject[]): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
  /** Said aloud at the start. */
  readonly kind: "redis" | "memory";
};
