import type { Log } from "../context.ts";
import { type Connection, type Lane, lane } from "../lane.ts";

/** One connection of role `dais_system`, in whose session something lives: a LISTEN, or locks. */
export type Steady = {
  /** Runs on the connection of the moment. @throws where there is none just now, or what `work` throws */
  use<T>(work: (lane: Lane) => Promise<T>): Promise<T>;
  /** Gives the connection up, with all that lives in its session. */
  drop(): Promise<void>;
  close(): Promise<void>;
};

const leastMs = 100;
const mostMs = 5000;

/**
 * Keeps such a connection: one that is lost is replaced, at most so often that a database that comes back isn't overrun.
 * @param made Makes the session what it must be, each time anew
 */
export function steady(
  connection: Connection,
  { log, made, name = "dais events" }: { log: Log; made?: (lane: Lane) => Promise<unknown>; name?: string },
): Steady {
  // By its name, whoever looks into the database tells it from the connections of calls.
  const named = { ...connection, connection: { ...connection.connection, application_name: name } };
  let current = lane(named, "dais_system");
  let ready: Promise<unknown> | null = null;
  let failures = 0;
  let notBefore = 0;
  let closed = false;

  async function sound(): Promise<Lane> {
    if (current.lost() && !closed) {
      if (performance.now() < notBefore) throw away();
      failures += 1;
      notBefore = performance.now() + Math.min(mostMs, leastMs * 2 ** (failures - 1));
      current = lane(named, "dais_system");
      ready = null;
    }
    const mine = current;
    ready ??= Promise.resolve(made?.(mine)).then(
      () => {
        if (failures > 0) log.info({ failures }, "the line to Postgres is back");
        failures = 0;
      },
      async (error) => {
        log.warn({ err: error }, "the line to Postgres could not be made");
        await mine.close().catch(() => {});
        throw error;
      },
    );
    await ready;
    return mine;
  }

  return {
    use: async (work) => work(await sound()),
    drop: () => current.close(),
    async close() {
      closed = true;
      await current.close();
    },
  };
}

const away = () => Object.assign(new Error("There is no line to Postgres."), { code: "CONNECTION_CLOSED" });
