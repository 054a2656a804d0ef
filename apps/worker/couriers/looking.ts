import type { Log } from "@dais/kernel/context";

const gapMs = 20;
const mostMs = 5000;

/**
 * Does something again and again until it is stopped: at once where there was more, otherwise when it is woken or after a while. What goes wrong is
 * tried again, later each time.
 */
export function looking(
  look: () => Promise<boolean>,
  { everyMs, log, what }: { everyMs: number; log: Log; what: string },
) {
  let rung = Promise.withResolvers<void>();
  let stopping = false;
  let failures = 0;

  async function run(): Promise<void> {
    while (!stopping) {
      rung = Promise.withResolvers();
      const more = await look().then(
        (found) => {
          failures = 0;
          return found;
        },
        (error) => {
          log.warn({ err: error, failures }, `${what} starts anew`);
          failures += 1;
          return false;
        },
      );
      if (stopping) break;
      const pause = failures > 0 ? Math.min(mostMs, 100 * 2 ** failures) : more ? 0 : gapMs;
      if (pause > 0) await sleep(pause);
      if (!more && failures === 0) await Promise.race([rung.promise, sleep(everyMs)]);
    }
  }

  const ended = run();
  return {
    wake: () => rung.resolve(),
    async stop() {
      stopping = true;
      rung.resolve();
      await ended;
    },
  };
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
