import type { Log } from "../context.ts";
import type { Connection, Lane } from "../lane.ts";
import { steady } from "./steady.ts";

/** Says that events were committed, by whatever process. It may ring for nothing, and rings once a second in any case. */
export type Bell = {
  /** Called after a commit that has written events. */
  ring(): void;
  /** @returns how to stop hearing */
  hear(wake: () => void): () => void;
  /** Runs on its line to Postgres, as `dais_system`. */
  use<T>(work: (lane: Lane) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

const channel = "dais_outbox";
/** A commit that nobody rang for (its process died, the line was down) is found after so long. */
const pollMs = 1000;
/** Other processes are told at most so often: one notification stands for all commits before it. */
const gapMs = 5;

/**
 * Rings here at once, and in every other process by NOTIFY: after the commit and not within it, because Postgres lets transactions
 * that notify commit one at a time only.
 * @param id Of this process, by which it doesn't answer to itself
 */
export function bell(connection: Connection, { id, log }: { id: string; log: Log }): Bell {
  const hearers = new Set<() => void>();
  const wake = () => {
    for (const each of hearers) each();
  };
  const onnotify = (_: string, from: string) => void (from === id || wake());
  const line = steady({ ...connection, onnotify } as Connection, {
    log,
    made: (lane) => lane.send(`listen ${channel}`).then(wake), // what was rung meanwhile was not heard
  });
  line.use(async () => {}).catch(() => {});
  let told = true;
  let telling = false;

  const poll = setInterval(() => {
    wake();
    // Also shows whether the connection is still there.
    line.use((lane) => lane.send("select 1")).catch(() => {});
  }, pollMs).unref();

  async function tell(): Promise<void> {
    if (telling) return;
    telling = true;
    while (!told) {
      told = true;
      await line.use((lane) => lane.send("select pg_notify($1, $2)", [channel, id])).catch(() => {}); // they poll
      await new Promise((resolve) => setTimeout(resolve, gapMs).unref());
    }
    telling = false;
  }

  return {
    ring() {
      wake();
      told = false;
      void tell();
    },
    hear(each) {
      hearers.add(each);
      return () => void hearers.delete(each);
    },
    use: line.use,
    async close() {
      clearInterval(poll);
      hearers.clear();
      await line.close();
    },
  };
}
