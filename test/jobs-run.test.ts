import { idOf } from "@dais/contracts/kit/ids";
import { bossOn, usualPace } from "@dais/jobs/boss";
import { record } from "@dais/kernel/audit";
import { enqueue } from "@dais/kernel/jobs";
import { Problem } from "@dais/kernel/problem";
import { afterEach, describe, expect, test, vi } from "vitest";
import { enqueueing, jobThat, onOf, ownDatabase } from "./support/jobs.ts";
import type { Place } from "./support/place.ts";
import { cleanUp, program } from "./support/programs.ts";
import { restClient } from "./support/rest.ts";

const here = await ownDatabase();
const { owner } = here;
afterEach(cleanUp);

const fine = jobThat("entities.fine", () => {});
const secret = "the minister's telephone number";
const sick = jobThat("entities.sick", () => {
  throw new Error(secret);
});
/** How often jobs took effect. */
const effects = (at: Place, name: string) =>
  owner`select reason from audit where tenant_id = ${at.tenantId} and operation = ${name} and reason like ${`${name} %`} order by reason`;
const tickets = (run: unknown) =>
  owner`select *, extract(epoch from start_after - now())::float as waits from dais_jobs.job where data->>'run' = ${String(run)}`;
/** Until `let()`, whoever awaits `held` waits. */
function gate() {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  return { held, let: () => resolve() };
}
const run = async (jobs: Parameters<typeof here.work>[0], more?: Parameters<typeof here.work>[1]) => {
  const worker = await here.work(jobs, more);
  return { [Symbol.asyncDispose]: worker.stop, ...worker };
};

describe("a job", () => {
  test("runs once, by the system, on behalf of whoever caused it, and leaves the same traces", async () => {
    const at = await here.place();
    const id = await here.enqueue(at, fine, { n: 1 });
    await using _worker = await run([fine]);
    await here.until(id, { state: "done", attempts: 1, error_code: null });
    expect(await effects(at, fine.name)).toHaveLength(1);
    const [entry] = await owner`select * from audit where tenant_id = ${at.tenantId} and operation = ${fine.name}`;
    expect(entry).toMatchObject({
      actor_kind: "system",
      on_behalf_of: onOf(at).onBehalfOf,
      request_id: onOf(at).requestId,
      trace_id: onOf(at).traceparent.split("-")[1],
    });
  });

  test("is written with the change that wants it, or not at all", async () => {
    const at = await here.place();
    const before = (await owner`select count(*)::int as n from dais_jobs.job where name = 'jobs'`)[0]?.n;
    const change = here.server.kernel.perform(enqueueing, onOf(at), (ctx) => {
      enqueue(ctx, fine, { n: 1 });
      throw new Problem("busy");
    });
    await expect(change).rejects.toMatchObject({ code: "busy" });
    expect(await here.rows(at)).toEqual([]);
    expect((await owner`select count(*)::int as n from dais_jobs.job where name = 'jobs'`)[0]?.n).toBe(before);
  });

  test("is known to pg-boss by its ids alone", async () => {
    const at = await here.place();
    const id = await here.enqueue(at, fine, { n: 73_194 });
    const [row] = await here.rows(at);
    const [ticket] = await tickets(row?.run);
    expect(ticket?.data).toEqual({ tenant: at.tenantId, job: id, run: row?.run });
    expect(JSON.stringify(ticket)).not.toContain("73194");
  });

  test("has what fits its schema, or there is no job", async () => {
    const at = await here.place();
    await expect(here.enqueue(at, fine, { n: "one" } as never)).rejects.toThrow();
    expect(await here.rows(at)).toEqual([]);
  });

  test("that is not due yet is left alone", async () => {
    const at = await here.place();
    await using _worker = await run([fine]);
    const id = await here.enqueue(at, fine, { n: 1 }, { startAfter: new Date(Date.now() + 3_600_000) });
    await here.until(await here.enqueue(at, fine, { n: 2 }), { state: "done" });
    const row = await here.until(id, { state: "waiting" });
    await owner`update dais_jobs.job set start_after = now() where id = ${row.run as string}`;
    await here.until(id, { state: "done" });
  });

  test("with a singletonKey waits once; a second may wait once the first has begun", async () => {
    const at = await here.place();
    const hold = gate();
    const slow = jobThat("entities.slow", () => hold.held);
    for (const n of [1, 2, 3]) await here.enqueue(at, slow, { n }, { singletonKey: "k" });
    const [first, ...rest] = await here.rows(at);
    expect(rest).toEqual([]);
    await using _worker = await run([slow]);
    await here.until(first?.id, { state: "running" });
    const second = await here.enqueue(at, slow, { n: 4 }, { singletonKey: "k" });
    hold.let();
    await here.until(second, { state: "done" });
    expect((await effects(at, slow.name)).map((row) => row.reason)).toEqual(["entities.slow 1", "entities.slow 4"]);
  });
});

describe("a job that fails", () => {
  test("is tried again, after a longer while each time", async () => {
    const at = await here.place();
    const backing = jobThat("entities.sick", sick.run as never, {
      retry: { limit: 2, delaySeconds: 100, backoff: true },
    });
    const id = await here.enqueue(at, backing, { n: 1 });
    await using _worker = await run([backing]);
    const waits: number[] = [];
    for (const attempts of [1, 2]) {
      const { run } = await here.until(id, { state: "retrying", attempts });
      await vi.waitFor(async () => expect((await tickets(run))[0]).toMatchObject({ state: "retry" }), 40_000);
      waits.push((await tickets(run))[0]?.waits);
      await owner`update dais_jobs.job set start_after = now() where id = ${run as string}`;
    }
    await here.until(id, { state: "failed", attempts: 3 });
    expect(waits[0]).toBeGreaterThan(80);
    expect(waits[1]).toBeGreaterThan(180);
  });

  test("fails for good after its last attempt: on record and told, without what it worked on or what went wrong in it", async () => {
    const at = await here.place();
    const id = await here.enqueue(at, sick, { n: 1 });
    await using _worker = await run([sick]);
    const row = await here.until(id, { state: "failed", attempts: 3, error_code: "internal" });
    expect(await effects(at, sick.name)).toEqual([]);
    const [entry] = await owner`select * from audit where resource_id = ${id} and event = 'fail'`;
    expect(entry).toMatchObject({ operation: "jobs.fail", to_state: "failed", on_behalf_of: onOf(at).onBehalfOf });
    const told = await owner`select name, payload from outbox where resource_id = ${id}`;
    expect(told).toEqual([{ name: "job.failed", payload: { id: idOf("job", id) } }]);
    await vi.waitFor(async () => {
      const left = await tickets(row.run);
      expect(left.map(({ name, state }) => [name, state])).toEqual(
        expect.arrayContaining([
          ["jobs", "failed"],
          ["dead", "completed"],
        ]),
      );
      expect(JSON.stringify(left)).not.toContain(secret);
    }, 40_000);
    expect(JSON.stringify([row, entry])).not.toContain(secret);
  });

  test("with a problem says which", async () => {
    const at = await here.place();
    const away = jobThat(
      "entities.away",
      () => {
        throw new Problem("unavailable");
      },
      { retry: { limit: 0, delaySeconds: 0, backoff: false } },
    );
    const id = await here.enqueue(at, away, { n: 1 });
    await using _worker = await run([away]);
    await here.until(id, { state: "failed", attempts: 1, error_code: "unavailable" });
  });

  test("because its data is that of another version says so", async () => {
    const at = await here.place();
    const id = await here.enqueue(at, fine, { n: 1 });
    await owner`update jobs set data = '{"m": 1}' where id = ${id}`;
    await using _worker = await run([fine]);
    await here.until(id, { state: "failed", error_code: "data_invalid" });
  });

  test("takes nothing along of what it did", async () => {
    const at = await here.place();
    const half = jobThat("entities.half", (ctx) => {
      record(ctx, { resource: { type: "entity", id: null }, reason: "entities.half 0" });
      throw new Error("after the first half");
    });
    const id = await here.enqueue(at, half, { n: 1 });
    await using _worker = await run([half]);
    await here.until(id, { state: "failed" });
    expect(await effects(at, half.name)).toEqual([]);
  });

  test("in one organisation doesn't keep those of others waiting", async () => {
    const [one, other] = [await here.place(), await here.place()];
    const choosy = jobThat("entities.choosy", (ctx) => {
      if (ctx.tenant.id === one.tenantId) throw new Error("not here");
    });
    const bad = await here.enqueue(one, choosy, { n: 1 });
    const good = await here.enqueue(other, choosy, { n: 1 });
    await using _worker = await run([choosy], { concurrency: 1 });
    await here.until(good, { state: "done" });
    await here.until(bad, { state: "failed" });
  });

  test("can be retried, and then runs as if it were new", async () => {
    const at = await here.place();
    let well = false;
    const fickle = jobThat("entities.fickle", () => {
      if (!well) throw new Error("not yet");
    });
    const id = await here.enqueue(at, fickle, { n: 1 });
    await using _worker = await run([fickle]);
    await here.until(id, { state: "failed" });
    well = true;
    const api = restClient(here.server.url, await at.key());
    const answer = await api.post(`/jobs/${idOf("job", id)}/retry`);
    expect(answer).toMatchObject({ status: 202, body: { state: "waiting", attempts: 0, error: null } });
    await here.until(id, { state: "done", attempts: 1 });
    expect(await effects(at, fickle.name)).toHaveLength(1);
  });
});

describe("a job that is dropped", () => {
  const drop = async (at: Place, id: string) =>
    restClient(here.server.url, await at.key()).post(`/jobs/${idOf("job", id)}/drop`, { reason: "A test." });

  test("before it began never runs", async () => {
    const at = await here.place();
    const id = await here.enqueue(at, fine, { n: 1 });
    expect((await drop(at, id)).status).toBe(200);
    await using _worker = await run([fine]);
    await here.until(await here.enqueue(at, fine, { n: 2 }), { state: "done" });
    expect((await effects(at, fine.name)).map((row) => row.reason)).toEqual(["entities.fine 2"]);
    await here.until(id, { state: "dropped", attempts: 0 });
  });

  test("409 job_wrong_state in the middle of a step; between two of them it stops there", async () => {
    const at = await here.place();
    const holds = [gate(), gate()];
    const seen: unknown[] = [];
    const long = stepping("entities.long", async (position) => {
      seen.push(position);
      await holds[position]?.held;
    });
    const id = await here.enqueue(at, long, { n: 50 });
    await using _worker = await run([long]);
    await vi.waitFor(() => expect(seen).toEqual([0]), 40_000);
    await here.until(id, { state: "running" });
    expect(await drop(at, id)).toMatchObject({ status: 409, body: { code: "job_wrong_state", state: "running" } });
    holds[0]?.let();
    await vi.waitFor(() => expect(seen).toEqual([0, 1]), 40_000);
    // Between two steps there is next to no time: the row is set as the operation would set it there.
    const between = owner`update jobs set state = 'dropped' where id = ${id}`;
    const waits = () =>
      owner`select 1 as one from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update jobs%'`;
    between.execute();
    await expect.poll(async () => (await waits()).length).toBe(1);
    holds[1]?.let();
    await between;
    // Postgres may let the next steps go first: it stops between some two of them.
    const { position, done } = await here.until(id, { state: "dropped" });
    expect(position).toBe(done);
    expect(done).toBeLessThan(50);
    await here.until(
      await here.enqueue(
        at,
        stepping("entities.long", () => {}),
        { n: 1 },
      ),
      { state: "done" },
    );
    expect(seen.slice(0, done as number)).toEqual(Array.from({ length: done as number }, (_, n) => n));
    expect((await effects(at, long.name)).map((row) => row.reason)).toEqual([0, 0, 1].map((n) => `${long.name} ${n}`));
  });
});

describe("a job that asks the outside first", () => {
  /** Transactions that wait for their holder, or hold a row of the job's. */
  const open = () =>
    owner`select 1 as one from pg_stat_activity where datname = current_database() and state like 'idle in transaction%' and application_name = 'dais'`;

  test("does so outside of any transaction, and its step is handed the answer", async () => {
    const at = await here.place();
    const [hold, begun] = [gate(), gate()];
    const handed: unknown[] = [];
    const asking = jobThat("entities.asking", () => {}, {
      async prepare(data: { n: number }) {
        begun.let();
        await hold.held;
        return `answer ${data.n}`;
      },
      async run(ctx: never, _data: unknown, _at: unknown, prepared: unknown) {
        handed.push(prepared);
        record(ctx, { resource: { type: "entity", id: null }, reason: "entities.asking" });
        return undefined;
      },
    } as never);
    const id = await here.enqueue(at, asking, { n: 7 });
    await using _worker = await run([asking]);
    await begun.held;
    expect(await open()).toEqual([]);
    expect(await owner`select state from jobs where id = ${id} for update nowait`).toEqual([{ state: "running" }]);
    hold.let();
    await here.until(id, { state: "done" });
    expect(handed).toEqual(["answer 7"]);
  });

  test("asks again before each step and after each failure, and fails as a step does", async () => {
    const at = await here.place();
    const asked: unknown[] = [];
    const asking = stepping("entities.asking", () => {}, {
      async prepare(_data: unknown, { position }: { position: unknown }) {
        asked.push(position);
        if (asked.length === 2) throw new Problem("unavailable");
      },
    });
    const id = await here.enqueue(at, asking, { n: 2 });
    await using _worker = await run([asking]);
    await here.until(id, { state: "done", done: 2 });
    expect(asked).toEqual([null, 1, 1]);
    expect(await effects(at, asking.name)).toHaveLength(2);
  });

  test("takes no effect where it was dropped meanwhile", async () => {
    const at = await here.place();
    const [hold, begun] = [gate(), gate()];
    const asking = jobThat("entities.asking", () => {}, {
      prepare: async () => {
        begun.let();
        await hold.held;
      },
    });
    const id = await here.enqueue(at, asking, { n: 1 });
    await using _worker = await run([asking, fine], { concurrency: 1 });
    await begun.held;
    await owner`update jobs set state = 'dropped' where id = ${id}`;
    hold.let();
    await here.until(await here.enqueue(at, fine, { n: 2 }), { state: "done" });
    expect(await effects(at, asking.name)).toEqual([]);
    await here.until(id, { state: "dropped" });
  });
});

/** A job of `n` steps, one for each number. */
const stepping = (name: string, each: (position: number) => unknown, more = {}) =>
  jobThat(name, () => {}, {
    async run(ctx: never, data: { n: number }, { position }: { position: unknown }) {
      const at = (position as number | null) ?? 0;
      await each(at);
      record(ctx, { resource: { type: "entity", id: null }, reason: `${name} ${at}` });
      return at + 1 < data.n ? { next: at + 1, done: at + 1, total: data.n } : undefined;
    },
    ...more,
  } as never);

describe("a job of many steps", () => {
  test("says how far it is, and goes on behind its last step after a failure", async () => {
    const at = await here.place();
    const hold = gate();
    let fell = false;
    const long = stepping("entities.long", async (position) => {
      if (position === 2 && !fell) {
        fell = true;
        throw new Error("at the third");
      }
      if (position === 3) await hold.held;
    });
    const id = await here.enqueue(at, long, { n: 5 });
    await using _worker = await run([long]);
    await here.until(id, { state: "running", attempts: 2, done: 3, total: 5 });
    const api = restClient(here.server.url, await at.key());
    expect((await api.get(`/jobs/${idOf("job", id)}`)).body).toMatchObject({ progress: { done: 3, total: 5 } });
    hold.let();
    await here.until(id, { state: "done", done: 5, total: 5 });
    expect((await effects(at, long.name)).map((row) => row.reason)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `${long.name} ${n}`),
    );
  });

  test("makes room where its process is told to stop, and another one goes on with it", async () => {
    const at = await here.place();
    const hold = gate();
    const long = stepping("entities.long", (position) => position === 1 && hold.held);
    const id = await here.enqueue(at, long, { n: 50 });
    const first = await run([long]);
    const { run: before } = await here.until(id, { state: "running", done: 1 });
    const stopped = first.stop();
    hold.let();
    await stopped;
    const row = await here.until(id, { state: "waiting", attempts: 0 });
    expect(row.run).not.toBe(before);
    // A process that stops may take it up once more before it hears of that, for one step.
    expect(row.done).toBeGreaterThanOrEqual(2);
    expect(row.done).toBeLessThan(50);
    await using _second = await run([long]);
    await here.until(id, { state: "done" });
    expect(await effects(at, long.name)).toHaveLength(50);
  });
});

describe("several workers", () => {
  test("share the jobs, and none is done twice", async () => {
    const at = await here.place();
    const each = Array.from({ length: 120 }, (_, n) => n);
    for (const n of each) await here.enqueue(at, fine, { n });
    await using _one = await run([fine], { perTenant: 8 });
    await using _two = await run([fine], { perTenant: 8 });
    await vi.waitFor(async () => expect(await effects(at, fine.name)).toHaveLength(each.length), 20_000);
    expect((await here.rows(at)).every(({ state, attempts }) => state === "done" && attempts === 1)).toBe(true);
  });

  test("leave room for other organisations where one has many jobs", async () => {
    const [rush, other] = [await here.place(), await here.place()];
    const hold = gate();
    const slow = jobThat("entities.slow", (ctx) => ctx.tenant.id === rush.tenantId && hold.held);
    const [first, ...rest] = [await here.enqueue(rush, slow, { n: 1 }), await here.enqueue(rush, slow, { n: 2 })];
    await using _one = await run([slow], { concurrency: 1, perTenant: 1 });
    await here.until(first, { state: "running" });
    await using _two = await run([slow], { concurrency: 1, perTenant: 1 });
    await here.until(await here.enqueue(other, slow, { n: 3 }), { state: "done" });
    await here.until(rest[0] as string, { state: "waiting" });
    hold.let();
    await here.until(rest[0] as string, { state: "done" });
  });

  test("that don't know a job yet leave it to those who do", async () => {
    const at = await here.place();
    const id = await here.enqueue(at, fine, { n: 1 });
    const old = await run([]);
    const row = await here.until(id, { state: "waiting", start_after: expect.any(Date), attempts: 0 });
    await old.stop();
    await owner`update dais_jobs.job set start_after = now() where id = ${row.run as string}`;
    await using _new = await run([fine]);
    await here.until(id, { state: "done" });
  });

  test("give up a job that nobody has known for a day", async () => {
    const at = await here.place();
    const id = await here.enqueue(at, fine, { n: 1 });
    await owner`update jobs set created_at = created_at - interval '25 hours' where id = ${id}`;
    await using _worker = await run([]);
    await here.until(id, { state: "failed", error_code: "unknown" });
  });
});

describe("a process that ends", () => {
  /** A worker in a process of its own that says when it is in the middle of a job, and never leaves it. */
  const stuck = (limit: number) =>
    program(`
      import { readConfig } from "@dais/api/config";
      import { logger } from "@dais/api/log";
      import { server } from "@dais/api/server";
      import { startJobs } from "@dais/jobs/start";
      import { z } from "zod";
      const sources = { now: () => new Date(), random: (n) => crypto.getRandomValues(new Uint8Array(n)) };
      const connection = ${JSON.stringify(here.connection)};
      const log = logger("silent");
      const { kernel, app } = await server({ config: readConfig({ PORT: "0" }), connection, cursorKey: new Uint8Array(32), sources, log });
      const job = {
        name: "entities.stuck", action: "entity.stuck", schema: z.any(), expireSeconds: 2,
        retry: { limit: ${limit}, delaySeconds: 0, backoff: false },
        run: () => new Promise(() => console.log("begun")),
      };
      await startJobs({ connection, kernel, app, jobs: [job], schedules: [], sources, log, pace: { poll: 0.5, supervise: 1, cron: 1 } });
      console.log("works");
    `);
  const within = (limit: number) =>
    jobThat("entities.stuck", () => {}, { expireSeconds: 2, retry: { limit, delaySeconds: 0, backoff: false } });

  test("by SIGKILL loses no job: another one begins it again", async () => {
    const at = await here.place();
    const worker = stuck(2);
    expect(await worker.line()).toBe("works");
    const id = await here.enqueue(at, within(2), { n: 1 });
    expect(await worker.line()).toBe("begun");
    worker.kill("SIGKILL");
    await worker.end;
    await using _another = await run([within(2)]);
    await here.until(id, { state: "done", attempts: 2 });
    expect(await effects(at, "entities.stuck")).toHaveLength(1);
  });

  test("by SIGKILL in the last attempt: the job fails for good, and says that it was lost", async () => {
    const at = await here.place();
    const worker = stuck(0);
    expect(await worker.line()).toBe("works");
    const id = await here.enqueue(at, within(0), { n: 1 });
    expect(await worker.line()).toBe("begun");
    worker.kill("SIGKILL");
    await worker.end;
    await using _another = await run([within(0)]);
    await here.until(id, { state: "failed", attempts: 1, error_code: "lost" });
    expect(await owner`select name from outbox where resource_id = ${id}`).toEqual([{ name: "job.failed" }]);
  });

  test("in order lets its jobs end", async () => {
    const at = await here.place();
    const hold = gate();
    const slow = jobThat("entities.slow", () => hold.held);
    const id = await here.enqueue(at, slow, { n: 1 });
    const worker = await run([slow]);
    await here.until(id, { state: "running" });
    const stopped = worker.stop();
    hold.let();
    await stopped;
    expect((await here.rows(at))[0]).toMatchObject({ state: "done", attempts: 1 });
  });

  test("whoever was thought dead and comes back changes nothing", async () => {
    const at = await here.place();
    const hold = gate();
    const names: string[] = [];
    const zombie = jobThat("entities.zombie", () => {
      names.push("begun");
      return hold.held;
    });
    const id = await here.enqueue(at, zombie, { n: 1 });
    await using _worker = await run([zombie]);
    await vi.waitFor(() => expect(names).toHaveLength(1), 40_000);
    // Another one has taken over meanwhile, as after a lost heartbeat; the row is locked, so it is written once that is let go.
    const taken = owner`update jobs set attempts = attempts + 1 where id = ${id}`;
    await owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction' and application_name = 'dais'`;
    await taken;
    hold.let();
    await here.until(id, { state: "done" });
    expect(await effects(at, zombie.name)).toHaveLength(1);
  });
});

describe("the engine", () => {
  test("in the migrations is that of the pg-boss that runs here, to the letter", async () => {
    const boss = bossOn(here.connection, usualPace);
    await boss.start();
    const { extraIndexes: _own, ...drift } = await boss.detectSchemaDrift();
    await boss.stop();
    expect(drift).toMatchObject({ ok: true, missing: [], mismatched: [], mismatchedFunctions: [], columnDrift: [] });
  });
});
