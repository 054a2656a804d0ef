import { uuidOf } from "@dais/contracts/kit/ids";
import { startPostgres } from "@dais/local/postgres";
import { ownRedis } from "@dais/local/redis";
import postgres from "postgres";
import { testDatabase } from "../../support/database.ts";
import { type Actor, actor, revocations } from "../../support/doors/actors.ts";
import { again, clock, knock, type Met } from "../../support/doors/doors.ts";
import { isStream, letIn, type Shut, shutAfter, shutOut } from "../../support/doors/shut.ts";
import { type World, world } from "../../support/doors/world.ts";
import type { Bench, Row } from "../bench.ts";
import { quantile } from "../compare.ts";

const many = 200;
const atOnce = 4;
const bar = 1000;
/** For so long after the answer everybody goes on knocking. */
const triedForMs = 1500;

export const revocation: Bench = {
  name: "revocation",
  title: "Out means out",
  about: `From the commit that shuts somebody out, at the time that Postgres notes for it, to the first refusal, in milliseconds. ${many} times a person is disabled, loses the role or some clearance, or is signed out everywhere, a key is revoked, an agent suspended, or a program disabled: ${atOnce} at a time, turn by turn, and each is asked for every 50 ms at every door of two processes that share one Postgres and one Redis. Of a stream that goes on, with less to tell, it is the last event that it should not have told; a job is looked at every 50 ms. On two cores that all of it shares, an answer may take its time; the last that was accepted is by when it was sent. Accepted are calls that were sent after the door's first refusal, or more than a second after the commit. At the end Redis is stopped for a while, and started again without what it knew.`,
  async run() {
    const server = await startPostgres({ temporary: true, settings: { track_commit_timestamp: "on" } });
    const connection = await testDatabase(server.connection);
    const owner = postgres({ ...connection, max: 4, onnotice: () => {} });
    const redis = await ownRedis();
    const at = await world({ postgres: connection, owner, redis: redis.url, slots: atOnce });
    const stopReporting = again(50, () => at.report().catch(() => {})); // not while Redis is away
    const { rows, out } = await measured(at);
    rows.push(...(await withoutRedis(at, redis, out)));
    await stopReporting();
    await at.stop();
    await owner.end();
    await server.stop();
    return rows;
  },
};

/** Of each door, how long until it was shut, and how long after the commit a call was sent that was accepted. */
type Out = { after: Map<string, { shut: number; still: number }[]>; accepted: number; calls: number };

async function measured(at: World): Promise<{ rows: Row[]; out: Actor[] }> {
  const all: Out = { after: new Map(), accepted: 0, calls: 0 };
  const out: Actor[] = [];
  let next = 0;
  const lane = async (slot: number) => {
    for (let n = next++; n < many + atOnce; n = next++) {
      const somebody = await actor(at, revocations[n % revocations.length] as Actor["revocation"], slot, n);
      const shut = await shutOut(at, somebody, { triedForMs });
      // The first ones find processes that have yet to load what they need.
      if (n >= atOnce) note(all, shut, await committedAt(at, somebody));
      out.push(somebody);
      if (out.length % 20 === 0) process.stderr.write(`  ${out.length} of ${many}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, slot) => lane(slot)));
  const rows = [...all.after].map(([door, times]) => rowOf(door, times));
  rows.unshift(rowOf("All doors", [...all.after.values()].flat()));
  const figure = "Accepted after the first refusal, or a second after the commit";
  const measured = `${all.accepted} of ${all.calls} calls and events`;
  rows.push({ figure, measured, bar: { text: "0", met: all.accepted === 0 } });
  return { rows, out };
}

function note(all: Out, shut: Shut, from: number): void {
  for (const met of shut.met) {
    const still = Math.max(0, (met.accepted.at(-1) ?? from) - from);
    const times = { shut: shutAfter(shut, met, from), still };
    all.after.set(met.door, [...(all.after.get(met.door) ?? []), times]);
    all.accepted += letIn(met, from, bar);
    all.calls += met.accepted.length + met.refused.length;
  }
}

function rowOf(door: string, times: readonly { shut: number; still: number }[]): Row {
  const sorted = times.map(({ shut }) => shut).sort((a, b) => a - b);
  const [p50, p99, most] = [0.5, 0.99, 1].map((q) => Math.round(quantile(sorted, q)));
  const still = Math.round(Math.max(...times.map(({ still }) => still)));
  return {
    figure: door,
    measured: `p50 ${p50} ms, p99 ${p99} ms, slowest ${most} ms; ${times.length} times; the last that was accepted: ${still} ms`,
    bar: { text: `p99 < ${bar} ms`, met: quantile(sorted, 0.99) < bar },
  };
}

/** When the change was committed, by the last event that tells of it. */
async function committedAt({ owner, home }: World, { id }: Actor): Promise<number> {
  const [row] = await owner`
    select extract(epoch from pg_xact_commit_timestamp(xid::xid))::float8 * 1000 as at from outbox
    where tenant_id = ${home.tenantId} and (resource_id = ${uuidOf(id)} or payload->>'personId' = ${id}) order by seq desc limit 1`;
  return row?.at as number;
}

/** Redis goes, and comes back empty. `out`: those who were shut out before. */
async function withoutRedis(
  at: World,
  redis: Awaited<ReturnType<typeof ownRedis>>,
  out: readonly Actor[],
): Promise<Row[]> {
  const inside = await Promise.all(
    (["key", "agent", "program", "disable"] as const).map((one, slot) => actor(at, one, slot, slot)),
  );
  const knocking = inside.map((one) => knock(at, { ...one, job: null }));
  const met = knocking.flatMap(({ all }) => all);
  await until(() => met.every(({ accepted }) => accepted.length > 0));
  await redis.stop();
  const goneAt = clock();
  const outside = out.slice(-4).map((one) => knock(at, { ...one, job: null }));
  await until(() => clock() > goneAt + 5000 && met.filter(isStream).every(({ refused }) => refused.length > 0));
  const away = met
    .filter((one) => !isStream(one))
    .flatMap(({ refused }) => refused.filter(({ at: when }) => when > goneAt));
  const accepted = met.flatMap((one) =>
    one.accepted.filter((when) => when > goneAt + (isStream(one) ? bar : 0)),
  ).length;
  const streamsAfter = Math.max(...met.filter(isStream).map(({ refused }) => (refused[0]?.at as number) - goneAt));

  const back = await ownRedis({ port: Number(new URL(redis.url).port) });
  const backAt = clock();
  // Sessions lived in it, and are gone with it.
  const good = met.filter(
    (one) => !isStream(one) && !one.door.includes("session") && !hasSession(inside, knocking, one),
  );
  await until(() => good.every((one) => one.accepted.some((when) => when > backAt)));
  const againAfter = Math.max(...good.map((one) => (one.accepted.find((when) => when > backAt) as number) - backAt));
  await until(() => clock() > backAt + 2000);
  const wrong = outside.flatMap(({ all }) => all.flatMap((one) => one.accepted)).length;
  await Promise.all([...knocking, ...outside].map(({ stop }) => stop()));
  await back.stop();
  const only503 = away.every(({ status }) => status === 503);
  return [
    {
      figure: "Redis away: answers",
      measured: `${away.length}, ${only503 ? "each a 503" : "not each a 503"}, ${accepted} accepted; the last stream ended after ${Math.round(streamsAfter)} ms`,
      bar: { text: "503 only, 0 accepted", met: only503 && accepted === 0 },
    },
    {
      figure: "Redis back, and empty: keys and tokens are let in again by themselves",
      measured: `at every door after ${Math.round(againAfter)} ms; of those who had been shut out before, ${wrong} calls were accepted`,
      bar: { text: "0 accepted", met: wrong === 0 },
    },
  ];
}

const hasSession = (actors: readonly Actor[], knocking: readonly { all: readonly Met[] }[], one: Met): boolean =>
  actors.some(
    ({ credentials }, n) =>
      credentials.session !== undefined && knocking[n]?.all.includes(one) && /tRPC|download/.test(one.door),
  );

async function until(so: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !so(); ) {
    if (performance.now() > end) throw new Error("What was waited for did not come about.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
