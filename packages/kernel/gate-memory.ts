import type { RateClass } from "@dais/contracts/kit/operation";
import type { Gate, Limit, Limits, Subject } from "./gate.ts";

type Window = { start: number; count: number; before: number };

/** The gate of a single process without Redis: a sliding window per key, and epochs in a map. */
export function memoryGate(limits: Limits, now: () => Date): Gate {
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

  return {
    kind: "memory",
    admit: async (subject, rate) => ({
      epoch: String(epochs.get(keyOf(subject)) ?? 0),
      limit: take(keyOf(subject), rate),
    }),
    strike: async (address) => take(address, "auth"),
    bump: async (subjects) => {
      for (const subject of subjects) epochs.set(keyOf(subject), (epochs.get(keyOf(subject)) ?? 0) + 1);
    },
    ping: async () => {},
    close: async () => {},
  };
}
