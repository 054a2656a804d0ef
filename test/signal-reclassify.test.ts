import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { afterEach, describe, expect, test, vi } from "vitest";
import { behind } from "./support/background.ts";
import { ownDatabase } from "./support/jobs.ts";
import type { Place } from "./support/place.ts";
import { cleanUp, program } from "./support/programs.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";

const here = await ownDatabase();
const { owner } = here;
const url = here.server.url;
afterEach(cleanUp);

type Home = { place: Place; api: RestClient };
async function home(): Promise<Home> {
  const place = await here.place();
  return { place, api: restClient(url, await place.key()) };
}
const said = { label: "flood", severity: "severe", confidence: 0.3, rationale: "All of these are floods." };
const ask = (api: RestClient, filters: object = {}, more: object = {}) =>
  api.post("/signals/reclassify", { filters, ...said, ...more });
/** Makes signals, and answers with their ids in their order. */
async function signals({ api }: Home, count: number, more: Record<string, unknown> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1000) {
    const some = Array.from({ length: Math.min(1000, count - n) }, (_, m) =>
      aSignal({ title: `Report ${n + m}`, ...more }),
    );
    const { items } = (await api.post("/signals/batch", { items: some })).body;
    ids.push(...items.map(({ id }: { id: string }) => id));
  }
  return ids;
}
const working = async () => {
  const worker = await here.work(behind.jobs);
  return { [Symbol.asyncDispose]: worker.stop };
};
const done = (jobId: string) => here.until(uuidOf(jobId), { state: "done" }, 60_000);
const labelled = ({ place }: Home) =>
  owner`select id, label, assessed_by, review, version from signals where tenant_id = ${place.tenantId} and label is not null order by id`;
const problem = (status: number, code: string) => ({ status, body: { code } });

describe("signals.reclassify", () => {
  test("202: a job makes the caller's assessment on each that fits, with progress to watch", async () => {
    const at = await home();
    const person = await at.place.person();
    const api = restClient(url, await person.session());
    const ids = await signals(at, 450, { severity: "minor" });
    const [other] = await signals(at, 1, { severity: "extreme" });
    const answer = await ask(api, { severity: ["minor"], category: ["met"], source: "nws" });
    expect(answer).toMatchObject({ status: 202, body: { total: 450 } });
    const { jobId } = answer.body;
    expect(answer.headers.get("location")).toBe(`/v1/jobs/${jobId}`);
    expect((await api.get(`/jobs/${jobId}`)).body).toMatchObject({
      name: "signals.reclassify",
      state: "waiting",
      progress: null,
    });
    await using _worker = await working();
    await done(jobId);
    expect((await api.get(`/jobs/${jobId}`)).body).toMatchObject({
      state: "done",
      progress: { done: 450, total: 450 },
      onBehalfOf: person.id,
    });
    const all = await labelled(at);
    expect(all.map(({ id }) => idOf("sig", id)).sort()).toEqual([...ids].sort());
    expect(all[0]).toMatchObject({ label: "flood", assessed_by: "person", review: null, version: 2 });
    expect((await api.get(`/signals/${other}`)).body).toMatchObject({ label: null, version: 1 });
    const { items } = (await api.get(`/signals/${ids[7]}/assessments`)).body;
    expect(items).toMatchObject([{ ...said, by: person.id, byKind: "person", model: null }]);
  });

  test("each signal is on record and told, as the system's work on behalf of the caller", async () => {
    const at = await home();
    const ids = await signals(at, 3);
    const person = await at.place.person();
    const { jobId } = (await ask(restClient(url, await person.session()))).body;
    await using _worker = await working();
    await done(jobId);
    for (const id of ids) {
      const [, entry] = await owner`select * from audit where resource_id = ${uuidOf(id)} order by seq`;
      expect(entry).toMatchObject({
        ...{ operation: "signals.reclassify", action: "signal.reclassify", outcome: "done", changed: true },
        ...{ actor_kind: "system", on_behalf_of: person.id, resource_version: 2 },
      });
      expect(entry?.changes).toMatchObject({ label: [null, "flood"] });
      const names = await owner`select name from outbox where resource_id = ${uuidOf(id)} order by seq`;
      expect(names.map(({ name }) => name)).toEqual(["signal.ingested", "signal.assessed"]);
    }
  });

  test("a program's assessments are those of a program: doubtful ones go to the review queue", async () => {
    const at = await home();
    await signals(at, 2);
    const { jobId } = (await ask(at.api)).body;
    await using _worker = await working();
    await done(jobId);
    expect(await labelled(at)).toMatchObject(Array(2).fill({ assessed_by: "program", review: "low_confidence" }));
  });

  test("what came after the call, lies above the clearance, is another organisation's or was merged stays as it is", async () => {
    const [at, elsewhere] = [await home(), await home()];
    const low = restClient(url, await at.place.key({ clearance: "internal" }));
    const [ours] = await signals(at, 1);
    await signals(at, 1, { classification: "secret" });
    await signals(elsewhere, 1);
    const answer = await ask(low);
    expect(answer.body.total).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await signals(at, 1, { title: "Later" });
    await using _worker = await working();
    await done(answer.body.jobId);
    expect((await labelled(at)).map(({ id }) => idOf("sig", id))).toEqual([ours]);
    expect(await labelled(elsewhere)).toEqual([]);
  });

  test.each<[string, (at: Home, person: string) => Promise<unknown>]>([
    [
      "lost the permission",
      (_, person) => owner`update person_roles set ended_at = ${new Date()} where person_id = ${person}`,
    ],
    ["was shut out", (_, person) => owner`update people set disabled_at = ${new Date()} where id = ${person}`],
  ])("a caller who %s meanwhile: the job fails at once, says `forbidden`, and changes nothing", async (_, lose) => {
    const at = await home();
    await signals(at, 2);
    const person = await at.place.person();
    const { jobId } = (await ask(restClient(url, await person.session()))).body;
    await lose(at, person.uuid);
    await using _worker = await working();
    await here.until(uuidOf(jobId), { state: "failed", error_code: "forbidden", attempts: 1 });
    expect(await labelled(at)).toEqual([]);
    expect((await at.api.get(`/jobs/${jobId}`)).body.error).toMatchObject({ code: "forbidden" });
  });

  test("a key that was revoked meanwhile: the same", async () => {
    const at = await home();
    await signals(at, 1);
    const key = restClient(url, await at.place.key({ permissions: ["signal.reclassify"] }));
    const { jobId } = (await ask(key)).body;
    await owner`update api_keys set revoked_at = ${new Date()} where tenant_id = ${at.place.tenantId} and 'signal.reclassify' = all (permissions)`;
    await using _worker = await working();
    await here.until(uuidOf(jobId), { state: "failed", error_code: "forbidden" });
    expect(await labelled(at)).toEqual([]);
  });

  test("a caller whose clearance was lowered meanwhile: what lies above it is left alone; one that was raised adds nothing", async () => {
    const at = await home();
    const secret = { classification: "secret" };
    await signals(at, 1, secret);
    const [open] = await signals(at, 1);
    const [lowered, raised] = [await at.place.person(), await at.place.person({ clearance: "internal" })];
    const jobs = await Promise.all(
      [lowered, raised].map(async (one) => (await ask(restClient(url, await one.session()))).body),
    );
    expect(jobs.map(({ total }) => total)).toEqual([2, 1]);
    await owner`update people set clearance = 'internal' where id = ${lowered.uuid}`;
    await owner`update people set clearance = 'secret' where id = ${raised.uuid}`;
    await using _worker = await working();
    for (const { jobId } of jobs) await done(jobId);
    expect((await labelled(at)).map(({ id }) => idOf("sig", id))).toEqual([open]);
  });

  test("by SIGKILL in the middle nothing is lost and nothing is done twice: another process goes on behind the last step", async () => {
    const at = await home();
    const ids = (await signals(at, 1000)).sort();
    const worker = program(`
      import { readConfig } from "@dais/api/config";
      import { logger } from "@dais/api/log";
      import { server } from "@dais/api/server";
      import { startJobs } from "@dais/jobs/start";
      import { signalJobs } from "@dais/modules/signals";
      const sources = { now: () => new Date(), random: (n) => crypto.getRandomValues(new Uint8Array(n)) };
      const connection = ${JSON.stringify(here.connection)};
      const log = logger("silent");
      const { kernel, app } = await server({ config: readConfig({ PORT: "0" }), connection, cursorKey: new Uint8Array(32), sources, log });
      await startJobs({ connection, kernel, app, jobs: signalJobs.jobs, schedules: [], sources, log, pace: { poll: 0.5, supervise: 1, cron: 1 } });
      console.log("works");
    `);
    expect(await worker.line()).toBe("works");
    // Somebody holds a signal of the fourth step, so that it is under way when the process is killed.
    const [holding, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holder = owner.begin(async (tx) => {
      await tx`select 1 from signals where id = ${uuidOf(ids[700] as string)} for update`;
      held.resolve();
      await holding.promise;
    });
    await held.promise;
    const { jobId } = (await ask(at.api)).body;
    const id = uuidOf(jobId);
    await owner`update dais_jobs.job set expire_seconds = 2 where data->>'job' = ${id}`;
    await here.until(id, { state: "running", done: 600, total: 1000 }, 30_000);
    worker.kill("SIGKILL");
    await worker.end;
    expect(await labelled(at)).toHaveLength(600);
    holding.resolve();
    await holder;
    await using _another = await working();
    await here.until(id, { state: "done", done: 1000 }, 60_000);
    expect(await labelled(at)).toHaveLength(1000);
    const each =
      await owner`select count(*)::int as n from signal_assessments where tenant_id = ${at.place.tenantId} group by signal_id`;
    expect(new Set(each.map(({ n }) => n))).toEqual(new Set([1]));
    const entries = await owner`select count(*)::int as n from audit
      where tenant_id = ${at.place.tenantId} and operation = 'signals.reclassify' and resource_type = 'signal' group by resource_id`;
    expect(entries).toHaveLength(1000);
    expect(new Set(entries.map(({ n }) => n))).toEqual(new Set([1]));
  }, 120_000);

  test("progress is seen while it goes on, and a job that is dropped leaves the rest alone", async () => {
    const at = await home();
    const ids = (await signals(at, 600)).sort();
    const [holding, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holder = owner.begin(async (tx) => {
      await tx`select 1 from signals where id = ${uuidOf(ids[250] as string)} for update`;
      held.resolve();
      await holding.promise;
    });
    await held.promise;
    const { jobId } = (await ask(at.api)).body;
    await using _worker = await working();
    await here.until(uuidOf(jobId), { done: 200 });
    expect((await at.api.get(`/jobs/${jobId}`)).body.progress).toEqual({ done: 200, total: 600 });
    // The step waits for the lock, gives up, and is tried again later: meanwhile the job can be dropped.
    await here.until(uuidOf(jobId), { state: "retrying", error_code: "busy" }, 30_000);
    await vi.waitFor(
      async () => expect((await at.api.post(`/jobs/${jobId}/drop`, { reason: "A mistake." })).status).toBe(200),
      40_000,
    );
    holding.resolve();
    await holder;
    expect(await labelled(at)).toHaveLength(200);
  }, 60_000);

  test("422 signal_too_many: more than 50 000 fit", async () => {
    const at = await home();
    const [id] = await signals(at, 1);
    await owner`alter table signals disable trigger user`;
    await owner`insert into signals (id, tenant_id, source, title, body, severity, category, classification, language, occurred_at, reported_at, state, created_at, updated_at)
      select gen_random_uuid(), tenant_id, source, title, '', severity, category, classification, language, occurred_at, reported_at, state, created_at, updated_at
      from signals, generate_series(1, 50000) where id = ${uuidOf(id as string)}`;
    await owner`alter table signals enable trigger user`;
    expect(await ask(at.api)).toMatchObject(problem(422, "signal_too_many"));
    expect(await owner`select 1 from jobs where tenant_id = ${at.place.tenantId}`).toEqual([]);
    const fewer = await ask(at.api, { since: "2030-01-01T00:00:00Z" });
    expect(fewer).toMatchObject({ status: 202, body: { total: 0 } });
    await using _worker = await working();
    await done(fewer.body.jobId);
  }, 60_000);

  test("403 for an agent, which may propose it; 400 for filters that there are not", async () => {
    const at = await home();
    const agent = restClient(url, await at.place.key({ kind: "agent" }));
    expect(await ask(agent)).toMatchObject(problem(403, "proposal_required"));
    expect(await ask(at.api, { colour: "red" })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/body/filters/colour" }] },
    });
  });
});
