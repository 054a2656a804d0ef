import { mostAskedMs } from "@dais/modules/dispatches/sending";

/** A vendor that gives no time is left alone for so long, and longer each time it says so again without having taken anything meanwhile. */
const firstMs = 1000;
const mostMs = 60_000;
/** Whoever waits in line for the end of a pause looks so often, at least: the clock is not the timers'. */
const lookMs = 250;

/** A pause that is as short as this is sat out in line. */
const momentMs = 10_000;

type Waiting = (turn: boolean) => void;

/**
 * How fast one channel goes: so many at once, in the order in which they came, and nobody while its vendor wants to be left alone. After that half as many
 * at once, and gradually more again with what it takes, so that few are refused where it takes less than we have.
 */
export function pacing(most: number, now: () => Date) {
  let width = most;
  let under = 0;
  let notBefore = 0;
  /** Pauses since the vendor last took something. */
  let pauses = 0;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const line = new Set<Waiting>();

  const paused = (): boolean => !ended && now().getTime() < notBefore;

  function go(): void {
    clearTimeout(timer);
    if (line.size === 0) return;
    if (paused()) {
      timer = setTimeout(go, Math.min(lookMs, notBefore - now().getTime()));
      return;
    }
    for (const waiting of line) {
      if (under >= Math.floor(width)) return;
      under += 1;
      line.delete(waiting);
      waiting(true);
    }
  }

  return {
    /**
     * Does the work when its turn comes.
     * @returns what came of it; null: its turn didn't come within so long
     */
    async turn<T>(work: () => Promise<T>, withinMs: number): Promise<T | null> {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      line.add(resolve);
      const over = setTimeout(() => line.delete(resolve) && resolve(false), withinMs);
      go();
      const has = await promise;
      clearTimeout(over);
      if (!has) return null;
      try {
        return await work();
      } finally {
        under -= 1;
        go();
      }
    },
    /** Whether the channel is to be left alone now. */
    paused,
    /** Until when, where that is longer than a moment; null: for nobody to wait elsewhere. */
    pausedUntil: (): Date | null => (paused() && notBefore - now().getTime() > momentMs ? new Date(notBefore) : null),
    /** So many go at once. */
    width: (): number => Math.floor(width),
    taken(): void {
      pauses = 0;
      width = Math.min(most, width + 1 / width);
    },
    /** What was under way already when the vendor first said so says nothing new. */
    limited(askedMs: number | null): void {
      if (!paused()) {
        width = Math.max(1, width / 2);
        pauses += 1;
      }
      const own = Math.min(mostMs, firstMs * 2 ** (pauses - 1));
      notBefore = Math.max(notBefore, now().getTime() + Math.max(own, Math.min(askedMs ?? 0, mostAskedMs)));
    },
    /** Lets everybody in line have their turn now. */
    end(): void {
      ended = true;
      go();
    },
  };
}
