import type { RateClass } from "@dais/contracts/kit/operation";
import { epochsOf, type Gate, type InUse, type Limit, type Limits, type Subject } from "./gate.ts";

type Window = { start: number; count: number; before: number };

type Present = { use(session: InUse): boolean; there(session: InUse): boolean };

/** The gate of a single process without Redis: a sliding window per key, and epochs in a map. `use`, `there`: whether a session is. */
export function memoryGate(limits: Limits, now: () => Date, { use, there }: Present): Gate {
  const windows = new Map<string, Window>();
  const epochs = new Map<string, number>();
  const keyOf = ({ tenantId, actorId }: Subject) => `${tenantId}:${actorId}`;

  function take(key: string, rate: RateClass): Limit {
    const { limit, windowSeconds } = limits[rate];
    const time = now().getTime();
    const length = windowSeconds * 1000;
    const start = time - (time % length);
    let window = windows.get(`${rate}:${key}`);
    if (!window || window.start !== start) {
      window = { start, count: 0, before: window && window.start === start - length ? window.count : 0 };
      if (windows.size > 50_000) windows.clear();
      windows.set(`${rate}:${key}`, window);
    }
    const used = Math.floor(window.before * (1 - (time - start) / length)) + window.count;
    const allowed = used < limit;
    if (allowed) window.count += 1;
    return {
      class: rate,
      allowed,
      limit,
      windowSeconds,
      remaining: Math.max(0, limit - used - 1),
      resetSeconds: Math.ceil((start + length - time) / 1000),
    };
  }

  const epochOf = (subject: Subject) =>
    epochsOf(subject)
      .map((one) => epochs.get(keyOf(one)) ?? 0)
      .join(":");

  return {
    kind: "memory",
    admit: async (subject, rate, session) => ({
      epoch: epochOf(subject),
      settled: true, // what is remembered here ends with the process that could fail to bump a second time
      limit: take(keyOf(subject), rate),
      alive: session === undefined || use(session),
    }),
    look: async (watched) =>
      watched.map(({ subject, session }) => ({
        epoch: epochOf(subject),
        settled: true,
        alive: session === undefined || there(session),
      })),
    strike: async (address) => take(address, "auth"),
    bump: async (subjects) => {
      for (const subject of subjects) epochs.set(keyOf(subject), (epochs.get(keyOf(subject)) ?? 0) + 1);
    },
    ping: async () => {},
  };
}
