import { uuidOf } from "@dais/contracts/kit/ids";
import type { Log } from "@dais/kernel/context";
import { bell } from "@dais/kernel/relay/bell";
import type { Consumer } from "@dais/kernel/relay/consumer";
import { noMeter } from "@dais/kernel/relay/meter";
import type { On } from "@dais/kernel/task";
import { type Worker, type WorkerOptions, worker } from "@dais/worker/worker";
import postgres from "postgres";
import { inject, vi } from "vitest";
import { impatient, takenTable, touch } from "./consumers.ts";
import { dropDatabase, testDatabase } from "./database.ts";
import { afterFile } from "./ending.ts";
import { type Place, place } from "./place.ts";
import { type Options, startServer } from "./server.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const sources = { now: () => new Date(), random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)) };

/** A database of the test file's own, since a relay takes all that waits. Dropped after the file. */
export async function relayHome(options: Pick<Options, "env" | "sources" | "carriers"> = {}) {
  const database = await testDatabase(inject("postgres"), inject("template"));
  const owner = postgres({ ...database, max: 4, onnotice: () => {} });
  await owner.unsafe(takenTable);
  const connection = { ...inject("login"), database: database.database };
  const server = await startServer({ connection, ...options });
  const stops: (() => Promise<unknown>)[] = [];
  const rest = () => Promise.all(stops.splice(0).map((stop) => stop()));
  afterFile(async () => {
    await rest();
    await server.stop();
    await owner.end();
    await dropDatabase(database);
  });

  return {
    owner,
    connection,
    server,
    place: (): Promise<Place> => place({ owner }),
    /** Stops all who work; for `afterEach`, since who has other consumers would take what the next test waits for. */
    rest,
    /** Delivers as a process does, on lines of its own. */
    async work(consumers: readonly Consumer[], more: Partial<WorkerOptions> = {}): Promise<Worker> {
      const own = bell(connection, { id: crypto.randomUUID(), log: silent });
      const { kernel } = server;
      const patience = impatient;
      const started = worker({
        kernel,
        connection,
        bell: own,
        sources,
        log: silent,
        lanes: 4,
        consumers,
        patience,
        ...more,
      });
      let stopped: Promise<void> | undefined;
      const stop = () => (stopped ??= started.stop().then(own.close));
      stops.push(stop);
      return { ...started, stop };
    },
    touch: (at: Place, id: string = at.entities.company, on: Partial<On> = {}) =>
      server.kernel.perform(touch, { tenantId: at.tenantId, requestId: "touched", ...on }, id),
    /** Writes an event as another version of the program might. */
    write: async (at: Place, more: Record<string, unknown> = {}, sql: postgres.ISql = owner): Promise<string> => {
      const row = {
        id: crypto.randomUUID(),
        tenant_id: at.tenantId,
        name: "entity.updated",
        event_version: 1,
        occurred_at: new Date(),
        resource_type: "entity",
        resource_id: uuidOf(at.entities.company),
        resource_version: 1,
        payload: { id: at.entities.company },
        actor_kind: "client",
        actor_id: "key_test",
        request_id: "written",
        ...more,
      };
      await sql`insert into outbox ${sql(row)}`;
      return row.id;
    },
    /** As the server has the database, within an organisation. */
    within: (at: Place, text: string, params: readonly unknown[]) =>
      server.app.hold(at.tenantId, async (lane) => {
        const [, , rows] = await Promise.all([
          lane.send("begin read write"),
          lane.send("select set_config('dais.tenant', $1, true)", [at.tenantId]),
          lane.send(text, params),
          lane.send("commit"),
        ]);
        return rows;
      }),
    taken: (at: Place, consumer?: string) =>
      owner`select * from taken where tenant_id = ${at.tenantId} and ${consumer ? owner`consumer = ${consumer}` : true} order by n`,
    waiting: async (at: Place): Promise<number> =>
      (await owner`select 1 from outbox where tenant_id = ${at.tenantId} and published_at is null`).length,
    dead: (at: Place) => owner`select * from dead_letters where tenant_id = ${at.tenantId} order by seq`,
    stalls: (at: Place) => owner`select * from stalls where tenant_id = ${at.tenantId} order by consumer`,
  };
}
export type RelayHome = Awaited<ReturnType<typeof relayHome>>;

/** Waits for a condition, for long where the machine is busy. */
export const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 40_000, interval: 20 });

/** A meter that remembers. */
export function counting() {
  const seen: string[] = [];
  return {
    seen,
    meter: {
      ...noMeter,
      failed: (consumer: string, code: string) => void seen.push(`failed ${consumer} ${code}`),
      dead: (consumer: string) => void seen.push(`dead ${consumer}`),
      unknown: (event: string, version: number) => void seen.push(`unknown ${event} ${version}`),
    },
  };
}
