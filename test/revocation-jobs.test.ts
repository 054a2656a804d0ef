import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { behind } from "./support/background.ts";
import { waitsFor } from "./support/held.ts";
import { ownDatabase } from "./support/jobs.ts";
import type { Place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

const own = await ownDatabase();
let elsewhere: string;
let home: Place;
let admin: RestClient;
beforeAll(async () => {
  elsewhere = (await startServer({ connection: own.connection })).url;
  home = await own.place();
  admin = restClient(elsewhere, await (await home.person()).session({ proven: true }));
});

const reason = "A test of the doors.";
/** Of which a step takes 200. */
const many = 450;

/** Has a job begin for somebody, and be in its second step while something happens; answers with what became of it. */
async function midway(credential: string, source: string, meanwhile: () => Promise<unknown>) {
  const api = restClient(own.server.url, credential);
  const items = Array.from({ length: many }, (_, n) => aSignal({ title: `${source} ${n}`, source }));
  const made = (await restClient(own.server.url, await home.key()).post("/signals/batch", { items })).body.items;
  const ids = made.map(({ id }: { id: string }) => id).sort();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: holds } = Promise.withResolvers<number>();
  const holder = own.owner.begin(async (tx) => {
    await tx`select 1 from signals where id = ${uuidOf(ids[250])} for update`;
    const [row] = await tx`select pg_backend_pid() as pid`;
    holds(row?.pid);
    await released;
  });
  const pid = await held;
  const said = { label: "flood", severity: "severe", confidence: 0.9, rationale: "All of these are floods." };
  const { jobId } = (await api.post("/signals/reclassify", { filters: { source }, ...said })).body;
  const worker = await own.work(behind.jobs);
  await own.until(uuidOf(jobId), { done: 200 }, 30_000);
  await waitsFor(own.owner, pid);
  await meanwhile();
  release();
  await holder;
  return {
    jobId: jobId as string,
    stop: worker.stop,
    labelled: async () =>
      (
        await own.owner`select 1 from signals where tenant_id = ${home.tenantId} and source = ${source} and label is not null`
      ).length,
  };
}

describe("a job whose caller is shut out by another process, in the middle of a step", () => {
  test("that step is undone, what was done before stays, and the job has failed, and says so", async () => {
    const person = await home.person();
    const shutOut = () => admin.post(`/people/${person.id}/disable`, { reason });
    const { jobId, labelled, stop } = await midway(await person.session(), "person", shutOut);
    await own.until(uuidOf(jobId), { state: "failed", error_code: "forbidden", done: 200 }, 30_000);
    expect(await labelled()).toBe(200);
    expect((await admin.get(`/jobs/${jobId}`)).body).toMatchObject({
      ...{ state: "failed", onBehalfOf: person.id, progress: { done: 200, total: many } },
      error: { code: "forbidden", message: expect.stringMatching(/./) },
    });
    expect(await home.trail(uuidOf(jobId))).toContainEqual(
      expect.objectContaining({ operation: "jobs.fail", to_state: "failed", on_behalf_of: person.id }),
    );
    // Nor does it go on for whoever has it tried again.
    expect((await admin.post(`/jobs/${jobId}/retry`)).status).toBe(202);
    await own.until(uuidOf(jobId), { state: "failed", error_code: "forbidden" }, 30_000);
    expect(await labelled()).toBe(200);
    await stop();
  }, 90_000);

  test("the same where a key is revoked, or a role is taken back", async () => {
    const person = await home.person({ roles: ["operational"] });
    const body = { name: "x", permissions: ["signal.read", "signal.reclassify"], clearance: "secret" };
    const key = (await admin.post("/api-keys", body)).body;
    const jobs = [
      await midway(key.secret, "key", () => admin.post(`/api-keys/${key.id}/revoke`)),
      await midway(await person.session(), "role", () =>
        admin.post(`/people/${person.id}/revoke-role`, { role: "operational" }),
      ),
    ];
    for (const { jobId, labelled, stop } of jobs) {
      await own.until(uuidOf(jobId), { state: "failed", error_code: "forbidden", done: 200 }, 30_000);
      expect(await labelled()).toBe(200);
      await stop();
    }
  }, 90_000);

  test("one who is signed out is not shut out: what they asked for goes on", async () => {
    const person = await home.person();
    const signOut = () => admin.post(`/people/${person.id}/sign-out`);
    const { jobId, labelled, stop } = await midway(await person.session(), "signed-out", signOut);
    await own.until(uuidOf(jobId), { state: "done" }, 30_000);
    expect(await labelled()).toBe(many);
    await stop();
  }, 90_000);
});
