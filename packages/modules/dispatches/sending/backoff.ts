import { waitMs } from "@dais/kernel/relay/retry";

const first = 5000;
const most = 300_000;
/** Who asks to be left alone is, for so long at most. */
export const mostAskedMs = 3_600_000;

/** When to try a channel again that refused for now, after so many tries: later each time, spread by chance, and never before it asked for. */
export function backoff(of: { tries: number; now: Date; askedMs: number | null; chance: number }): Date {
  const own = waitMs({ firstMs: first, mostMs: most }, of.tries, () => of.chance);
  const asked = Math.min(of.askedMs ?? 0, mostAskedMs);
  // Those who were asked to come back at the same moment don't.
  return new Date(of.now.getTime() + Math.max(own, asked * (1 + of.chance / 4)));
}

const asks = [5, 15, 40, 120, 300, 900, 3600];

/** When a vendor is asked again what became of a message, after so many times. */
export const nextAsk = (times: number, now: Date): Date =>
  new Date(now.getTime() + (asks[Math.min(times, asks.length - 1)] as number) * 1000);

/** A vendor is believed that there is no such message once it has said so so often, and so long after. */
export const believed = { asks: 3, afterMs: 60_000 };
/** A vendor that is away for so long is not asked any more. */
export const givenUpAfterMs = 24 * 3_600_000;
