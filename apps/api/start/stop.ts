import { constants } from "node:os";
import type { Logger } from "pino";

/** What keeps Dais from starting, in a sentence for whoever started it. Anything else that is thrown is a bug. */
export class Refusal extends Error {}

export type Life = {
  /**
   * Waits for a step of the start and remembers how to undo it. Once the process has been told to stop, it never comes back:
   * the next step doesn't begin.
   * @param atOnce What to do instead of `undo` when there is no time; not waited for
   */
  began<T>(step: T | Promise<T>, undo?: (made: T) => unknown, atOnce?: (made: T) => void): Promise<T>;
  /** Says why the start failed, undoes what began, and ends with 1. */
  fail(error: unknown): Promise<void>;
};

/** Signals of one wish to stop come within this time: a terminal, npm and a supervisor may each send their own. */
const sameWishMs = 1000;

/**
 * Ends the process in order: on the first SIGINT, SIGTERM or SIGHUP what began is undone, last come first served, and the exit
 * code is 0. A second one, a moment later, ends it at once. An error that nobody caught is logged, and ends it with 1.
 */
export function lifecycle(drainSeconds: number, log: Logger): Life {
  const steps: { undo(): unknown; atOnce?(): void }[] = [];
  let pending: Promise<unknown> = Promise.resolve();
  let stoppingSince: number | null = null;

  async function stop(code: number): Promise<void> {
    if (stoppingSince !== null) return;
    stoppingSince = performance.now();
    setTimeout(() => endNow(1), (drainSeconds + 45) * 1000).unref();
    await pending.catch(() => {}); // a half-made step can't be undone
    for (const { undo } of steps.reverse()) {
      try {
        await undo();
      } catch (error) {
        log.error({ err: error }, "could not be stopped in order");
      }
    }
    process.exit(code);
  }

  function endNow(code: number): never {
    for (const { atOnce } of steps) atOnce?.();
    process.exit(code);
  }

  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (stoppingSince !== null && performance.now() - stoppingSince > sameWishMs)
        endNow(128 + constants.signals[name]);
      void stop(0);
    });
  }
  process.on("uncaughtException", (error) => {
    log.error({ err: error }, "a bug: nobody caught this");
    void stop(1);
  });

  return {
    async began(step, undo, atOnce) {
      const made = Promise.resolve(step);
      pending = made.then((it) => steps.push({ undo: () => undo?.(it), atOnce: () => atOnce?.(it) }));
      await pending;
      return stoppingSince === null ? made : new Promise(() => {});
    },
    async fail(error) {
      if (stoppingSince !== null) return;
      if (error instanceof Refusal) process.stderr.write(`${error.message}\n`);
      else log.error({ err: error }, "Dais could not start");
      await stop(1);
    },
  };
}
