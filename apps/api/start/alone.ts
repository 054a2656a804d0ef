import type { Connection } from "@dais/kernel/lane";
import type { Logger } from "pino";
import postgres from "postgres";
import { Refusal } from "./stop.ts";

/** Any constant will do, as long as every Dais uses the same. */
const lock = 0x6461_6901;
const patienceMs = 1000;

/**
 * Sees to it that a process which keeps sessions in its own memory is the only one on its database: what another process revokes, it
 * would never hear of. Processes that share a Redis may be many.
 * @param shared Whether this process shares a Redis
 * @returns a function that gives the place up
 * @throws Refusal where the place is taken
 */
export async function alone(connection: Connection, shared: boolean, log: Logger): Promise<() => Promise<void>> {
  let ended = false;
  const sql = postgres({
    ...connection,
    connection: { ...connection.connection, application_name: "dais place", role: "dais_app" },
    ...{ max: 1, fetch_types: false, idle_timeout: 0, max_lifetime: null, onnotice: () => {} },
    onclose: () => void again(),
  });
  const take = async () => {
    const [row] = shared
      ? await sql`select pg_try_advisory_lock_shared(${lock}) as mine`
      : await sql`select pg_try_advisory_lock(${lock}) as mine`;
    return row?.mine === true;
  };
  /** With the connection goes the place. Who can't have it back has company, and must not go on. */
  async function again(): Promise<void> {
    while (!ended) {
      const mine = await take().catch(() => null);
      if (mine) return;
      if (mine === false) throw new Error("Another process serves this database, and they share no Redis.");
      await new Promise((resolve) => setTimeout(resolve, patienceMs).unref());
    }
  }
  const release = async () => {
    ended = true;
    await sql.end({ timeout: 1 }).catch((error) => log.debug({ err: error }, "the place was gone already"));
  };
  if (await take()) return release;
  await release();
  throw new Refusal(
    shared
      ? "A process without Redis serves this database: it would not hear of what this one revokes. Stop it, or give it the same REDIS_URL."
      : "Another process serves this database. Set REDIS_URL for both, so that each hears of what the other revokes.",
  );
}
