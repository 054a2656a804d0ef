import { uuidOf } from "@dais/contracts/kit/ids";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { setJob } from "./support/things.ts";

const owner = asOwner();
let url: string;
let here: Place;
let api: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  api = restClient(url, await here.key());
});

const problem = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const never = "job_01kejc8ht0e6ssypg6m30swm9g";
/** Uuids that grow. */
const ids = (n: number) =>
  Array.from(
    { length: n },
    (_, at) => `01890a5d-ac96-7${String(at).padStart(3, "0")}-8000-${crypto.randomUUID().slice(24)}`,
  );
const queued = (id: string) =>
  owner`select b.*, j.run from jobs j left join dais_jobs.job b on b.name = 'jobs' and b.id = j.run where j.id = ${uuidOf(id)}`;

describe("jobs.list", () => {
  test("200: newest first, by pages that stay whole while jobs are added", async () => {
    const at = await place();
    const mine = restClient(url, await at.key());
    const [first, second, third, later] = ids(4);
    for (const id of [second, first, third]) await setJob(at, { id });
    const page = (await mine.get("/jobs?limit=2")).body;
    expect(page.items.map((job: { id: string }) => uuidOf(job.id))).toEqual([third, second]);
    await setJob(at, { id: later });
    const next = (await mine.get(`/jobs?limit=2&cursor=${page.nextCursor}`)).body;
    expect(next).toMatchObject({ items: [{}], nextCursor: null });
    expect(uuidOf(next.items[0].id)).toBe(first);
  });

  test("200: of some states, of one name", async () => {
    const at = await place();
    const mine = restClient(url, await at.key());
    for (const state of ["failed", "done", "dropped"]) await setJob(at, { state, name: "entities.one" });
    await setJob(at, { state: "failed", name: "entities.other" });
    const some = async (query: string) =>
      (await mine.get(`/jobs?${query}`)).body.items
        .map((job: { state: string; name: string }) => `${job.name} ${job.state}`)
        .sort();
    expect(await some("state=failed")).toEqual(["entities.one failed", "entities.other failed"]);
    expect(await some("state=done&state=dropped")).toEqual(["entities.one done", "entities.one dropped"]);
    expect(await some("name=entities.other")).toEqual(["entities.other failed"]);
    expect(await some("state=failed&name=entities.one")).toEqual(["entities.one failed"]);
  });

  test("400 invalid_cursor: one of another list", async () => {
    const at = await place();
    const mine = restClient(url, await at.key());
    for (const id of ids(2)) await setJob(at, { id });
    const { nextCursor } = (await mine.get("/jobs?limit=1")).body;
    expect(await mine.get(`/jobs?limit=1&state=failed&cursor=${nextCursor}`)).toMatchObject(
      problem(400, "invalid_cursor"),
    );
    expect(await api.get(`/jobs?limit=1&cursor=${nextCursor}`)).toMatchObject(problem(400, "invalid_cursor"));
  });

  test("200: nothing of another organisation", async () => {
    const at = await place();
    const id = await setJob(at);
    const seen = (await api.get("/jobs?limit=100")).body.items.map((job: { id: string }) => job.id);
    expect(seen).not.toContain(id);
  });
});

describe("jobs.get", () => {
  test("200: how it fares, and nothing of what it works on", async () => {
    const id = await setJob(here, {
      data: owner.json({ secret: "nobody's business" }),
      position: owner.json("nobody's place"),
      done: 12,
      total: 40,
      on_behalf_of: "per_01kejc8ht0e6ssypg6m30swmp3",
    });
    const answer = await api.get(`/jobs/${id}`);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        id,
        name: "entities.test",
        state: "failed",
        attempts: 3,
        maxAttempts: 3,
        error: { code: "internal", message: "A test" },
        progress: { done: 12, total: 40 },
        onBehalfOf: "per_01kejc8ht0e6ssypg6m30swmp3",
      },
    });
    expect(JSON.stringify(answer.body)).not.toContain("nobody's");
    expect(answer.headers.get("etag")).toBeTruthy();
  });

  test("200: no error and no progress where there is none", async () => {
    const id = await setJob(here, { state: "waiting", error_code: null, finished_at: null });
    expect((await api.get(`/jobs/${id}`)).body).toMatchObject({ error: null, progress: null, finishedAt: null });
  });

  test("404 job_not_found: no such job, or another organisation's", async () => {
    expect(await api.get(`/jobs/${never}`)).toMatchObject(problem(404, "job_not_found"));
    const theirs = await setJob(await place());
    expect(await api.get(`/jobs/${theirs}`)).toMatchObject(problem(404, "job_not_found"));
  });
});

describe("jobs.retry", () => {
  test("202: a failed job waits again, on record and told; pg-boss has it in the same transaction", async () => {
    const id = await setJob(here);
    const [before] = await queued(id);
    expect(before?.id).toBeNull();
    const answer = await api.post(`/jobs/${id}/retry`);
    expect(answer).toMatchObject({
      status: 202,
      body: { id, state: "waiting", attempts: 0, error: null, finishedAt: null, version: 8 },
    });
    const [after] = await queued(id);
    expect(after?.run).not.toBe(before?.run);
    expect(after).toMatchObject({
      id: after?.run,
      state: "created",
      retry_limit: 2,
      expire_seconds: 60,
      group_id: here.tenantId,
    });
    const [entry] = await here.trail(uuidOf(id));
    expect(entry).toMatchObject({ operation: "jobs.retry", action: "job.retry", outcome: "done", event: "retry" });
    expect(await owner`select name from outbox where resource_id = ${uuidOf(id)}`).toEqual([{ name: "job.retried" }]);
  });

  test.each(["waiting", "running", "retrying", "done", "dropped"])("409 job_wrong_state: %s", async (state) => {
    const id = await setJob(here, { state });
    expect(await api.post(`/jobs/${id}/retry`)).toMatchObject(problem(409, "job_wrong_state", { state }));
    expect(await here.trail(uuidOf(id))).toEqual([]);
  });

  test("404 job_not_found: another organisation's stays as it is", async () => {
    const there = await place();
    const id = await setJob(there);
    expect(await api.post(`/jobs/${id}/retry`)).toMatchObject(problem(404, "job_not_found"));
    expect((await owner`select state from jobs where id = ${uuidOf(id)}`)[0]?.state).toBe("failed");
  });

  test("two at once: one retries, the other is refused", async () => {
    const id = await setJob(here);
    const both = await Promise.all([api.post(`/jobs/${id}/retry`), api.post(`/jobs/${id}/retry`)]);
    expect(both.map((answer) => answer.status).sort()).toEqual([202, 409]);
    expect((await queued(id)).length).toBe(1);
  });
});

describe("jobs.drop", () => {
  const reason = "The signals that it was for are gone.";

  test.each(["waiting", "retrying", "failed"])(
    "200: a job that is %s is given up, with the reason on record",
    async (state) => {
      const id = await setJob(here, { state, finished_at: null, singleton_key: crypto.randomUUID() });
      const answer = await api.post(`/jobs/${id}/drop`, { reason });
      expect(answer).toMatchObject({ status: 200, body: { changed: true, job: { state: "dropped", version: 8 } } });
      expect(answer.body.job.finishedAt).not.toBeNull();
      const [entry] = await here.trail(uuidOf(id));
      expect(entry).toMatchObject({ operation: "jobs.drop", action: "job.drop", reason, changed: true });
      expect(await owner`select name from outbox where resource_id = ${uuidOf(id)}`).toEqual([{ name: "job.dropped" }]);
    },
  );

  test("200: a second time changes nothing, and says so", async () => {
    const id = await setJob(here);
    await api.post(`/jobs/${id}/drop`, { reason });
    const again = await api.post(`/jobs/${id}/drop`, { reason });
    expect(again).toMatchObject({ status: 200, body: { changed: false, job: { state: "dropped", version: 8 } } });
    expect(await owner`select name from outbox where resource_id = ${uuidOf(id)}`).toHaveLength(1);
  });

  test("409 job_wrong_state: what is done can't be given up", async () => {
    const id = await setJob(here, { state: "done" });
    expect(await api.post(`/jobs/${id}/drop`, { reason })).toMatchObject(
      problem(409, "job_wrong_state", { state: "done" }),
    );
  });

  test("400: a reason is asked for", async () => {
    const id = await setJob(here);
    for (const body of [{}, { reason: " " }, { reason: "x".repeat(501) }])
      expect(await api.post(`/jobs/${id}/drop`, body)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: "/body/reason" }] },
      });
  });
});

describe("what waits", () => {
  const app = postgres({ ...inject("login"), max: 1, onnotice: () => {}, connection: { role: "dais_app" } });
  afterAll(() => app.end());

  test("dais_app can't look at the engine, nor give it anything by its own hand", async () => {
    for (const table of ["job", "job_common", "queue", "schedule", "fired"])
      await expect(app`select * from dais_jobs.${app(table)}`).rejects.toMatchObject({ code: "42501" });
    await expect(app`insert into dais_jobs.job (name) values ('tick')`).rejects.toMatchObject({ code: "42501" });
    await expect(app`select dais_jobs.create_queue('mine', '{}')`).rejects.toMatchObject({ code: "42501" });
  });

  test("dais_system sees that a job ended, and never what it worked on", async () => {
    const system = postgres({ ...inject("login"), max: 1, onnotice: () => {}, connection: { role: "dais_system" } });
    await setJob(here);
    expect((await system`select id, state from jobs limit 1`).length).toBe(1);
    for (const column of ["data", "position", "error_message"])
      await expect(system`select ${system(column)} from jobs limit 1`).rejects.toMatchObject({ code: "42501" });
    await expect(system`update jobs set state = 'waiting'`).rejects.toMatchObject({ code: "42501" });
    await expect(system`create table dais_jobs.more ()`).rejects.toMatchObject({ code: "42501" });
    await system.end();
  });

  test("a tenant that is undone takes its ticket along", async () => {
    const id = crypto.randomUUID();
    const undone = owner.begin(async (tx) => {
      await tx`insert into jobs (id, tenant_id, name, data, state, run, attempts, retry_limit, retry_delay_seconds, retry_backoff, expire_seconds, request_id, created_at, version)
        values (${id}, ${here.tenantId}, 'entities.test', '{}', 'waiting', ${id}, 0, 1, 1, false, 60, 'r', ${new Date()}, 1)`;
      expect(await tx`select 1 from dais_jobs.job where id = ${id}`).toHaveLength(1);
      throw new Error("undo");
    });
    await expect(undone).rejects.toThrow("undo");
    expect(await owner`select 1 from dais_jobs.job where id = ${id}`).toHaveLength(0);
  });
});
