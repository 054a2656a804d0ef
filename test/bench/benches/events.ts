import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { startPostgres } from "@dais/local/postgres";
import postgres from "postgres";
import { testDatabase } from "../../support/database.ts";
import type { Bench, Row } from "../bench.ts";
import { quantile } from "../compare.ts";
import { drive, type Next } from "../load.ts";
import { atRate } from "../openloop.ts";
import { type Stage, type Tenant, tenant } from "../stage.ts";
import { written } from "../wire.ts";

const backlog = 20_000;
const commands = 5000;
const rate = 150;
const seconds = 10;
/** What thirty lines of a loop over `for update skip locked` reached. */
const trial = { perSecond: 1209, p50: 5 };

export const events: Bench = {
  name: "events",
  title: "Events",
  about: `From the commit, at the time that Postgres notes for it, to the consumer's handler; each is taken in a transaction of its own, with its row in the inbox. Waiting: ${backlog} events of ${backlog / 10} resources. Postgres, Redis, load and servers share the machine. The bar is what a trial of 30 lines reached.`,
  async run(stage) {
    const { redis } = await stage();
    const place = await ownStage(redis);
    const rows: Row[] = [await drained(place), await asFastAsCan(place)];
    rows.push(await latency(place, "Commit to handler, one process", ["all"]));
    rows.push(await latency(place, "Commit to handler, calls and worker apart", ["api", "worker"]));
    await place.stop();
    return rows;
  },
};

type Place = Pick<Stage, "postgres" | "redis" | "owner" | "tenants"> & {
  /** The next command. */
  next: Next;
  stop(): Promise<void>;
};

/** A Postgres of its own, that notes when each transaction was committed. */
async function ownStage(redis: string): Promise<Place> {
  const settings = { shared_buffers: "512MB", max_wal_size: "4GB", track_commit_timestamp: "on" };
  const server = await startPostgres({ temporary: true, settings });
  const connection = await testDatabase(server.connection);
  const owner = postgres({ ...connection, max: 2, onnotice: () => {} });
  const tenants: Tenant[] = [];
  for (let n = 0; n < 10; n++) tenants.push(await tenant(owner, `events-${n}`));
  const stop = async () => {
    await owner.end();
    await server.stop();
  };
  return { postgres: connection, redis, owner, tenants, next: additions(tenants), stop };
}

/** Each adds an entity: a row, an audit entry and an event. */
function additions(tenants: readonly Tenant[]): Next {
  let n = 0;
  return () =>
    written({
      method: "POST",
      path: "/v1/entities",
      headers: { authorization: `Bearer ${tenants[n % tenants.length]?.key}` },
      body: JSON.stringify({ key: `e${n++}`, name: { en: "Bench", ar: null }, kind: "company", parentId: null }),
    });
}

async function hearer({ postgres, redis }: Place, role: string) {
  const file = join(import.meta.dirname, "../hearer.ts");
  const child: ChildProcess = fork(file, [JSON.stringify({ postgres, redis, role })], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [port] = (await once(child, "message")) as [number];
  return {
    port,
    async heard(): Promise<[id: string, at: number][]> {
      child.send("heard");
      return (await once(child, "message"))[0];
    },
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** Until every event is marked, and so taken. */
async function allTaken({ owner }: Place): Promise<void> {
  for (;;) {
    const [row] = await owner`select exists (select from outbox where published_at is null) as more`;
    if (!row?.more) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function drained(place: Place): Promise<Row> {
  const worker = await hearer(place, "worker");
  await place.owner`
    insert into outbox (id, tenant_id, name, event_version, occurred_at, resource_type, resource_id, payload, actor_kind, actor_id, request_id)
    select gen_random_uuid(), (${place.tenants.map(({ id }) => id)}::uuid[])[1 + n % ${place.tenants.length}], 'signal.ingested', 1, ${new Date()},
      'signal', lpad(to_hex(n % ${backlog / 10}), 32, '0')::uuid, '{}', 'client', 'key_bench', 'bench'
    from generate_series(0, ${backlog - 1}) n`;
  const start = performance.now();
  await allTaken(place);
  const perSecond = Math.round(backlog / ((performance.now() - start) / 1000));
  await worker.stop();
  return {
    figure: "Waiting events taken by one worker",
    measured: `${perSecond}/s`,
    bar: { text: `> ${trial.perSecond}/s`, met: perSecond > trial.perSecond },
  };
}

async function asFastAsCan(place: Place): Promise<Row> {
  const [api, worker] = [await hearer(place, "api"), await hearer(place, "worker")];
  const side = { subject: subjectOf(api.port), next: place.next, status: 201 };
  await drive(side, 1000);
  await allTaken(place);
  const start = performance.now();
  await drive(side, commands);
  const written = performance.now();
  await allTaken(place);
  const perSecond = Math.round(commands / ((performance.now() - start) / 1000));
  const behind = Math.round(performance.now() - written);
  await Promise.all([api.stop(), worker.stop()]);
  return {
    figure: `${commands} commands by 16 connections, from the first one to the last event taken`,
    measured: `${perSecond}/s; the last event ${behind} ms after the last answer`,
  };
}

/** Only what `drive` asks of it. */
const subjectOf = (port: number) => ({
  name: "dais",
  port,
  cpu: async () => 0,
  memory: async () => ({ heap: 0, resident: 0 }),
  stop: async () => {},
});

async function latency(place: Place, figure: string, roles: readonly string[]): Promise<Row> {
  const processes = await Promise.all(roles.map((role) => hearer(place, role)));
  const [first, last] = [processes[0], processes.at(-1)] as [(typeof processes)[0], (typeof processes)[0]];
  await atRate([first.port], place.next, rate, 3);
  await allTaken(place);
  await last.heard();
  await atRate([first.port], place.next, rate, seconds);
  await allTaken(place);
  const heard = await last.heard();
  await Promise.all(processes.map((one) => one.stop()));
  if (heard.length !== rate * seconds) throw new Error(`${heard.length} of ${rate * seconds} events were heard.`);
  const committed = await place.owner`
    select id, extract(epoch from pg_xact_commit_timestamp(xid::xid))::float8 * 1000 as at from outbox where id = any (${heard.map(([id]) => id)})`;
  const at = new Map(committed.map((row) => [row.id as string, row.at as number]));
  const times = heard.map(([id, when]) => when - (at.get(id) as number)).sort((a, b) => a - b);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  return {
    figure,
    measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, at ${rate} commands/s`,
    bar: { text: `p50 < ${trial.p50} ms`, met: p50 < trial.p50 },
  };
}
