/**
 * What can go wrong with a request: `refuse` answers 429; `break` answers 500 and did nothing, `break_after` did it and answers 500; `cut` ends
 * the connection before anything was done, `cut_after` when it was done; `hang` and `hang_after` never answer.
 */
export const faultKinds = ["refuse", "break", "break_after", "cut", "cut_after", "hang", "hang_after"] as const;
export type Fault = (typeof faultKinds)[number];

export type FaultPlan = {
  /** The same seed, the same faults in the same order of requests. */
  seed?: number;
  /** How often each happens to a message that is sent, from 0 to 1; all together at most 1. */
  sending?: Partial<Record<Fault, number>>;
  /** And to a question about messages. */
  looking?: Partial<Record<Fault, number>>;
  /** How often a callback is sent twice. */
  twice?: number;
  /** How often a callback is overtaken by the one after it. */
  overtaken?: number;
  /** Between one callback about a message and the next, from and to. */
  delayMs?: readonly [number, number];
};

export type Faults = {
  next(of: "sending" | "looking"): Fault | null;
  /** Lets this happen to the next request of its kind, before any chance. */
  once(fault: Fault, of?: "sending" | "looking"): void;
  chance(rate: number): boolean;
  /** A number from one to below the other. */
  between(from: number, to: number): number;
  plan: FaultPlan;
};

/** Faults by a plan that can be changed while it runs. */
export function faultsOf(plan: FaultPlan = {}): Faults {
  const random = randomOf(plan.seed ?? 1);
  const queued = { sending: [] as Fault[], looking: [] as Fault[] };
  return {
    plan,
    chance: (rate) => rate > 0 && random() < rate,
    between: (from, to) => from + random() * (to - from),
    once: (fault, of = "sending") => void queued[of].push(fault),
    next(of) {
      const first = queued[of].shift();
      if (first) return first;
      const rates = plan[of];
      if (!rates) return null;
      let left = random();
      for (const fault of faultKinds) {
        left -= rates[fault] ?? 0;
        if (left < 0) return fault;
      }
      return null;
    },
  };
}

/** Mulberry32: small, fast, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
