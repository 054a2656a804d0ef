import { waitMs } from "../relay/retry.ts";

/** When what was not taken is sent again, and when a webhook is given up. */
export type WebhookPatience = {
  /** Waits before the second attempt and each further one, in seconds. After the last, a delivery is given up. */
  waits: readonly number[];
  /** A webhook that only failed for so long is given up. */
  failDays: number;
};

/**
 * About a day: 23 hours and 36 minutes, and up to a quarter more by chance. A receiver that restarts misses nothing, nor one that is mended
 * the next morning.
 */
export const usualPatience: WebhookPatience = {
  waits: [5, 30, 300, 1800, 7200, 18_000, 28_800, 28_800],
  failDays: 5,
};
const mostAskedSeconds = 86_400;

/**
 * When to try again after the nth failure; null: not any more. Who asks to be left alone for longer is, up to a day; up to a quarter is
 * added by chance, so that what failed together doesn't come back together.
 */
export function nextAt(
  { waits }: WebhookPatience,
  of: { failures: number; now: Date; asked: number | null; chance: () => number },
): Date | null {
  const seconds = waits[of.failures - 1];
  if (seconds === undefined) return null;
  const least = Math.max(seconds, Math.min(of.asked ?? 0, mostAskedSeconds)) * 1000;
  return new Date(of.now.getTime() + waitMs({ firstMs: least, mostMs: least }, 1, of.chance));
}

/** Whether a webhook has only failed for too long. */
export const givenUp = ({ failDays }: WebhookPatience, failingSince: Date, now: Date): boolean =>
  now.getTime() - failingSince.getTime() >= failDays * 86_400_000;
