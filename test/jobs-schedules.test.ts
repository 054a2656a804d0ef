import { schedule } from "@dais/kernel/schedules";
import { describe, expect, test, vi } from "vitest";
import { jobThat, ownDatabase } from "./support/jobs.ts";

const here = await ownDatabase();
const { owner } = here;
const run = async (schedules: ReturnType<typeof schedule>[], retain = {}) => {
  const worker = await here.work([daily], { schedules, retain });
  return { [Symbol.asyncDispose]: worker.stop, ...worker };
};
const daily = jobThat("entities.daily", () => {});
const atSix = (name: string, zone: "tenant" | "UTC" = "tenant") =>
  schedule({ name, cron: "0 6 * * *", zone, job: daily, data: { n: 6 } });
const setClock = (now: string) => {
  here.clock.now = () => new Date(now);
};
/** Waits until a tick that began after this call is over, and no other is under way, as pg-boss begins one with each minute. */
async function ticked(times = 1): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const [ticket] = await here.tick();
    const left = () =>
      owner`select id, state from dais_jobs.job
        where name = 'tick' and (state = 'active' or (id = ${ticket?.id} and state <> 'completed'))`;
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 40_000, interval: 20 });
  }
}
const made = async (tenantId: string) =>
  (await owner`select name, data, on_behalf_of from jobs where tenant_id = ${tenantId} order by id`).map((row) => ({
    ...row,
  }));

describe("a schedule", () => {
  test("fires at the tenant's own hour", async () => {
    setClock("2026-01-06T01:59:00.000Z");
    const [dubai, newYork] = [await here.place(), await here.place()];
    await owner`update organisations set time_zone = 'America/New_York' where id = ${newYork.tenantId}`;
    await using _worker = await run([atSix("zones")]);
    await ticked();
    setClock("2026-01-06T02:00:30.000Z");
    await ticked();
    expect(await made(dubai.tenantId)).toEqual([{ name: "entities.daily", data: { n: 6 }, on_behalf_of: null }]);
    expect(await made(newYork.tenantId)).toEqual([]);
    setClock("2026-01-06T11:00:30.000Z");
    await ticked();
    expect(await made(dubai.tenantId)).toHaveLength(1);
    expect(await made(newYork.tenantId)).toHaveLength(1);
    const [row] = await owner`select id from jobs where tenant_id = ${newYork.tenantId}`;
    await here.until(row?.id, { state: "done" });
  });

  test("fires once, however many processes run and however often they look", async () => {
    setClock("2026-02-01T05:59:59.000Z");
    const at = await here.place();
    const all = [atSix("once", "UTC")];
    await using _one = await run(all);
    await using _two = await run(all);
    await ticked();
    setClock("2026-02-01T06:00:01.000Z");
    await ticked(3);
    expect(await made(at.tenantId)).toHaveLength(1);
  });

  test("makes up once for all that was missed while no process ran", async () => {
    setClock("2026-03-01T07:00:00.000Z");
    const at = await here.place();
    const first = await run([atSix("missed", "UTC")]);
    await ticked();
    await first.stop();
    setClock("2026-03-05T09:00:00.000Z");
    await using _later = await run([atSix("missed", "UTC")]);
    await ticked(2);
    expect(await made(at.tenantId)).toHaveLength(1);
    const [mark] =
      await owner`select due from dais_jobs.fired where schedule = 'missed' and tenant_id = ${at.tenantId}`;
    expect(mark?.due).toEqual(new Date("2026-03-05T06:00:00.000Z"));
  });

  test("that is new has missed nothing, but what is due just now", async () => {
    setClock("2026-04-01T06:01:00.000Z");
    const now = await here.place();
    await using _worker = await run([atSix("new", "UTC")]);
    await ticked();
    expect(await made(now.tenantId)).toHaveLength(1);
    setClock("2026-04-01T13:00:00.000Z");
    const later = await here.place();
    await ticked();
    expect(await made(later.tenantId)).toEqual([]);
    expect(await made(now.tenantId)).toHaveLength(1);
  });

  test("doesn't go back where the clock does", async () => {
    setClock("2026-05-02T05:59:59.000Z");
    const at = await here.place();
    await using _worker = await run([atSix("back", "UTC")]);
    await ticked();
    for (const now of ["2026-05-02T06:00:01.000Z", "2026-05-02T05:50:01.000Z", "2026-05-02T06:00:02.000Z"]) {
      setClock(now);
      await ticked();
    }
    expect(await made(at.tenantId)).toHaveLength(1);
  });

  test("is told of the minutes by pg-boss: of all that passed while no process ran, once", async () => {
    setClock("2026-06-01T05:59:59.000Z");
    const at = await here.place();
    const first = await run([atSix("told", "UTC")]);
    await ticked();
    await first.stop();
    // As if the last process had ended an hour ago.
    await owner`delete from dais_jobs.job where name in ('tick', '__pgboss__send-it')`;
    await owner`update dais_jobs.schedule set created_on = now() - interval '1 day'`;
    await owner`update dais_jobs.version set cron_on = now() - interval '1 hour'`;
    setClock("2026-06-01T06:00:01.000Z");
    await using _later = await run([atSix("told", "UTC")]);
    await vi.waitFor(async () => expect(await made(at.tenantId)).toHaveLength(1), { timeout: 40_000, interval: 50 });
    // One for those that passed, one for the minute that has just begun, and one where another begins just now.
    expect((await owner`select 1 from dais_jobs.job where name = 'tick'`).length).toBeLessThanOrEqual(3);
  });

  test("with an expression that is none keeps the process from starting", async () => {
    const wrong = schedule({ name: "wrong", cron: "0 25 * * *", zone: "UTC", job: daily, data: { n: 1 } });
    await expect(run([wrong])).rejects.toThrow();
  });
});

describe("housekeeping", () => {
  test("removes what has served its purpose, and nothing younger", async () => {
    setClock("2026-11-01T00:30:00.000Z");
    const at = await here.place();
    const [old, young] = ["2026-10-01T00:00:00.000Z", "2026-10-31T23:00:00.000Z"];
    for (const [key, time] of [
      ["old", old],
      ["young", young],
    ] as const) {
      await owner`insert into idempotency (tenant_id, actor_id, operation, key, request_hash, created_at) values (${at.tenantId}, 'a', 'o', ${key}, 'h', ${time})`;
      await owner`insert into outbox (id, tenant_id, xid, name, event_version, occurred_at, resource_type, resource_id, payload, actor_kind, actor_id, request_id, published_at)
        values (${crypto.randomUUID()}, ${at.tenantId}, pg_current_xact_id(), ${`entity.${key}`}, 1, ${time}, 'entity', ${crypto.randomUUID()}, '{}', 'system', 'system', 'r', ${time})`;
      await owner`insert into inbox (tenant_id, consumer, event_id, taken_at) values (${at.tenantId}, ${key}, ${crypto.randomUUID()}, ${time})`;
      await owner`insert into security_events (kind, address, minute, count, first_at, last_at, request_id) values (${key}, ${at.slug}, ${time}, 1, ${time}, ${time}, 'r')`;
      for (const state of ["done", "failed", "dropped"])
        await owner`insert into jobs (id, tenant_id, name, data, state, run, attempts, retry_limit, retry_delay_seconds, retry_backoff, expire_seconds, request_id, created_at, finished_at, version)
          values (${crypto.randomUUID()}, ${at.tenantId}, ${`entities.${key}`}, '{}', ${state}, ${crypto.randomUUID()}, 1, 1, 1, false, 60, 'r', ${time}, ${time}, 1)`;
    }
    const left = async () => [
      (await owner`select key from idempotency where tenant_id = ${at.tenantId}`).map((row) => row.key),
      (await owner`select name from outbox where tenant_id = ${at.tenantId}`).map((row) => row.name),
      (await owner`select consumer from inbox where tenant_id = ${at.tenantId}`).map((row) => row.consumer),
      (await owner`select kind from security_events where address = ${at.slug}`).map((row) => row.kind),
      [...new Set((await owner`select name from jobs where tenant_id = ${at.tenantId}`).map((row) => row.name))],
    ];
    await using _worker = await run([], { securityEventDays: 30 });
    await ticked();
    await vi.waitFor(
      async () => expect(await left()).toEqual([["young"], ["entity.young"], ["young"], ["young"], ["entities.young"]]),
      {
        timeout: 40_000,
        interval: 50,
      },
    );
  });

  test("is done once an hour, whichever process it is that does it", async () => {
    setClock("2026-12-01T10:00:30.000Z");
    const sweeps = () => owner`select id from dais_jobs.job where name = 'sweep' and data->>'sweep' = 'prune.jobs'`;
    const before = (await sweeps()).length;
    await using _one = await run([]);
    await using _two = await run([]);
    await ticked(3);
    expect(await sweeps()).toHaveLength(before + 1);
    setClock("2026-12-01T11:00:00.000Z");
    await ticked(2);
    expect(await sweeps()).toHaveLength(before + 2);
  });
});
