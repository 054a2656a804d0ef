import { uuidOf } from "@dais/contracts/kit/ids";
import { lane } from "@dais/kernel/lane";
import { bell } from "@dais/kernel/relay/bell";
import { type FedEvent, type Feed, feed } from "@dais/kernel/relay/feed";
import { pruneDeadLetters, pruneInbox, pruneOutbox } from "@dais/kernel/relay/prune";
import type postgres from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import { afterFile } from "./support/ending.ts";
import { settled } from "./support/owner.ts";
import type { Place } from "./support/place.ts";
import { type RelayHome, relayHome, until } from "./support/relay.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
let home: RelayHome;
let live: Feed;
beforeAll(async () => {
  home = await relayHome();
  live = home.server.feed as Feed;
});

/** Events of a tenant as one stream gets them. */
function stream(at: Place, of: Feed = live) {
  const got: FedEvent[] = [];
  const stop = of.subscribe(at.tenantId, (event) => void got.push(event));
  return { got, stop, versions: () => got.map((event) => event.resourceVersion) };
}

/** A transaction that has written an event, and waits to be committed. `begin` only makes it one, by its number. */
async function open(
  at: Place,
  version: number,
  first: (sql: postgres.TransactionSql) => Promise<unknown> = async () => {},
) {
  const [written, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = home.owner.begin(async (sql) => {
    await first(sql);
    await home.write(at, { resource_version: version }, sql);
    written.resolve();
    await go.promise;
  });
  await written.promise;
  return {
    async commit() {
      go.resolve();
      await ended;
    },
  };
}

/** Everything after a position, in pages. */
async function resumed(at: Place, from: string, limit = 3): Promise<(number | null)[]> {
  const all: (number | null)[] = [];
  for (let position = from; ; ) {
    const page = await live.since(at.tenantId, position, limit);
    if (!page) throw new Error("gone");
    expect(page.events.length).toBeLessThanOrEqual(limit);
    all.push(...page.events.map((event) => event.resourceVersion));
    position = page.position;
    if (!page.more) return all;
  }
}

describe("the feed", () => {
  test("tells each stream of its own tenant's events, once, without asking the relay", async () => {
    const [here, there] = [await home.place(), await home.place()];
    const [one, other, foreign] = [stream(here), stream(here), stream(there)];
    for (let n = 0; n < 3; n++) await home.touch(here);
    await until(() => expect(one.versions()).toEqual([2, 3, 4]));
    await until(() => expect(other.versions()).toEqual([2, 3, 4]));
    expect(foreign.got).toEqual([]);
    one.stop();
    await home.touch(here);
    await until(() => expect(other.versions()).toEqual([2, 3, 4, 5]));
    expect(one.versions()).toEqual([2, 3, 4]);
  });

  test("every process hears of what any of them has committed", async () => {
    const here = await home.place();
    const own = bell(home.connection, { id: "another", log: silent });
    const another = feed({ bell: own, app: home.server.app, log: silent });
    afterFile(() => own.close());
    await another.position();
    const far = stream(here, another);
    await home.touch(here);
    await until(() => expect(far.versions()).toEqual([2]));
  });

  test("misses nothing of a transaction that was open while later ones were committed", async () => {
    const here = await home.place();
    const { versions } = stream(here);
    const before = await live.position();
    const late = await open(here, 70);
    await home.touch(here, here.entities.holding);
    await until(() => expect(versions()).toEqual([2]));
    const between = await live.position();
    await home.touch(here, here.entities.holding);
    await late.commit();
    await until(() => expect([...versions()].sort()).toEqual([2, 3, 70]));
    expect(await resumed(here, before, 1)).toHaveLength(3);
    expect((await resumed(here, between)).sort()).toEqual([3, 70]);
    expect(await resumed(here, await live.position())).toEqual([]);
  });

  test("keeps the order of a resource, also where the later change began first", async () => {
    const here = await home.place();
    const { versions } = stream(here);
    const before = await live.position();
    const row = [here.tenantId, uuidOf(here.entities.company)] as const;
    const [began, locked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const change = (sql: postgres.TransactionSql) =>
      sql`update entities set version = version + 1 where tenant_id = ${row[0]} and id = ${row[1]}`;
    // The elder has its number already, and gets the row only after the younger's commit.
    const elder = home.owner.begin(async (sql) => {
      await sql`select pg_current_xact_id()`;
      began.resolve();
      await locked.promise;
      await change(sql);
      await home.write(here, { resource_version: 3 }, sql);
    });
    await began.promise;
    const younger = await open(here, 2, change);
    locked.resolve();
    await younger.commit();
    await elder;
    await until(() => expect(versions()).toEqual([2, 3]));
    expect(await resumed(here, before, 1)).toEqual([2, 3]);
  });

  test("a stream resumes at any event it has seen, in pages of any size, without a gap or a double", async () => {
    const here = await home.place();
    const { got, versions } = stream(here);
    await home.owner.begin(async (sql) => {
      for (let version = 1; version <= 5; version++) await home.write(here, { resource_version: version }, sql);
    });
    for (let version = 6; version <= 9; version++) await home.write(here, { resource_version: version });
    await until(() => expect(versions()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]));
    for (const [n, { position }] of got.entries())
      for (const limit of [1, 2, 100]) expect(await resumed(here, position, limit)).toEqual(versions().slice(n + 1));
    for (const [n, { position }] of got.entries())
      expect(got.map((event) => live.passed(position, event))).toEqual(got.map((_, at) => at <= n));
  });

  test("a tenant that nobody listened to is heard from its first stream on", async () => {
    for (let n = 0; n < 20; n++) {
      const here = await home.place();
      const [, { got }] = await Promise.all([home.touch(await home.place()), stream(here)]);
      await home.touch(here);
      await until(() => expect(got).toHaveLength(1));
    }
  });

  test("a position of another tenant shows nothing of it", async () => {
    const [here, there] = [await home.place(), await home.place()];
    const position = await live.position();
    await home.touch(there);
    expect(await live.since(here.tenantId, position, 10)).toMatchObject({ events: [] });
  });

  test.each(["", "x", "1:2", "5:3:", "1:9:7,20", "1:9:~1:9:", "1:99999999999999999999:", "1:2:~x"])(
    "%j is no position",
    async (text) => expect(await live.since((await home.place()).tenantId, text, 10)).toBeNull(),
  );

  test("a position from another database's future is none here", async () => {
    const here = await home.place();
    expect(await live.since(here.tenantId, "9000000000:9000000000:", 10)).toBeNull();
  });
});

describe("pruning", () => {
  const system = () => lane(home.connection, "dais_system");
  const old = new Date("2026-01-01T00:00:00Z");
  const limit = new Date("2026-01-02T00:00:00Z");

  test("removes what is old and done with, says so to streams that have not seen it, and keeps what somebody needs", async () => {
    const here = await home.place();
    const resource = () => ({ resource_id: crypto.randomUUID(), occurred_at: old });
    const before = await live.position();
    const done = await home.write(here, { ...resource(), published_at: old });
    const young = await home.write(here, { ...resource(), published_at: new Date() });
    const waits = await home.write(here, resource());
    const behind = { ...resource(), published_at: old };
    const stalled = await home.write(here, behind);
    const dead = await home.write(here, { ...resource(), published_at: old });
    const [{ seq: deadSeq } = { seq: 0 }] = await home.owner`select seq from outbox where id = ${dead}`;
    const [{ seq: stallSeq } = { seq: 0 }] = await home.owner`select seq from outbox where id = ${stalled}`;
    await home.owner`insert into stalls (tenant_id, resource_id, consumer, from_seq, attempts, retry_at, since)
      values (${here.tenantId}, ${behind.resource_id}, 'far', ${stallSeq}, 1, ${new Date("2100-01-01T00:00:00Z")}, ${old})`;
    await home.owner`insert into dead_letters (id, tenant_id, consumer, seq, event_id, event_name, resource_type, resource_id, occurred_at,
      request_id, error_code, attempts, failed_at) values (${crypto.randomUUID()}, ${here.tenantId}, 'far', ${deadSeq}, ${dead}, 'x', 'entity',
      ${crypto.randomUUID()}, ${old}, 'r', 'Error', 10, ${old})`;
    const kept = async () =>
      (await home.owner`select id from outbox where tenant_id = ${here.tenantId} order by seq`).map((row) => row.id);

    const sweeper = system();
    await settled();
    expect(await pruneOutbox(sweeper.send, limit)).toBe(1);
    expect(await kept()).toEqual([young, waits, stalled, dead]);
    expect(await kept()).not.toContain(done);
    expect(await live.since(here.tenantId, before, 10)).toBeNull();
    const present = stream(here);
    await home.touch(here);
    await until(() => expect(present.versions()).toContain(2));
    expect(await live.since(here.tenantId, present.got.at(-1)?.position as string, 10)).toMatchObject({ events: [] });

    await home.owner`update dead_letters set dropped_at = ${old} where seq = ${deadSeq}`;
    await home.owner`delete from stalls where tenant_id = ${here.tenantId}`;
    expect(await pruneDeadLetters(sweeper.send, limit)).toBe(1);
    await settled();
    expect(await pruneOutbox(sweeper.send, limit)).toBe(2);
    expect(await kept()).toEqual([young, waits, expect.any(String)]);

    const taken = (at: Date) =>
      home.owner`insert into inbox (tenant_id, consumer, event_id, taken_at) values (${here.tenantId}, 'far', ${crypto.randomUUID()}, ${at})`;
    await taken(new Date(old.getTime() - 2 * 3_600_000));
    await taken(new Date(old.getTime() + 3_600_000));
    expect(await pruneInbox(sweeper.send, limit)).toBe(1);
    await home.owner`update outbox set published_at = ${old} where id = ${waits}`;
    await home.owner`update outbox set published_at = ${old} where tenant_id <> ${here.tenantId} or published_at is null`;
    expect(await pruneInbox(sweeper.send, limit)).toBe(1);
    await sweeper.close();
  });
});
