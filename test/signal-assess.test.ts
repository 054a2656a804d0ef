import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

const owner = asOwner();
let url: string;

/** An organisation with an administrator's key, a person, a program and two agents. */
type Home = {
  place: Place;
  api: RestClient;
  person: RestClient;
  program: RestClient;
  one: RestClient;
  other: RestClient;
};
async function home(): Promise<Home> {
  const its = await place();
  const client = async (kind: "client" | "agent") => restClient(url, await its.key({ kind }));
  return {
    place: its,
    api: restClient(url, await its.key()),
    person: restClient(url, await (await its.person()).session()),
    program: await client("client"),
    one: await client("agent"),
    other: await client("agent"),
  };
}

beforeAll(async () => {
  url = (await startServer()).url;
});

const signal = async ({ api }: Home, more: Record<string, unknown> = {}) =>
  (await api.post("/signals", aSignal(more))).body.signal.id as string;
const said = (more: Record<string, unknown> = {}) => ({
  label: "flood",
  severity: "severe",
  confidence: 0.9,
  rationale: "It names the creek.",
  ...more,
});
const model = { model: "watcher", modelVersion: "2026-01" };
const by = (api: RestClient, id: string, more: Record<string, unknown> = {}) =>
  api.post(`/signals/${id}/assess`, { ...said(more), ...model });
const read = async ({ api }: Home, id: string) => (await api.get(`/signals/${id}`)).body;
const told = async (id: string) =>
  (
    await owner`select name, payload from outbox where resource_id = ${uuidOf(id)} and name <> 'signal.ingested' order by seq`
  ).map(({ name, payload }) => (payload.why ? `${name} ${payload.why}` : name));
const problem = (status: number, code: string) => ({ status, body: { code } });
const never = "sig_01kejc8ht0e6ssypg6m30swm9g";

describe("signals.assess", () => {
  test("200: an agent says what a signal is; the sources' own severity stays beside it", async () => {
    const at = await home();
    const id = await signal(at, { severity: "minor" });
    const answer = await by(at.one, id);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        signal: {
          ...{ id, severity: "minor", label: "flood", assessedSeverity: "severe", assessedConfidence: 0.9 },
          ...{ assessedBy: "agent", review: null, version: 2, state: "new" },
        },
        assessment: { signalId: id, byKind: "agent", onBehalfOf: null, rationale: "It names the creek.", ...model },
      },
    });
    expect(await read(at, id)).toEqual(answer.body.signal);
    expect(await told(id)).toEqual(["signal.assessed"]);
    const [, entry] = await at.place.trail(uuidOf(id));
    expect(entry).toMatchObject({ operation: "signals.assess", action: "signal.assess", changed: true });
    expect(entry?.changes).toMatchObject({ label: [null, "flood"], assessedSeverity: [null, "severe"] });
  });

  test("200: a person's stands above agents', also above later ones, until a newer person's", async () => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id, { label: "fire" });
    await by(at.person, id, { label: "flood", confidence: 0.2 });
    expect(await read(at, id)).toMatchObject({
      label: "flood",
      assessedBy: "person",
      assessedConfidence: 0.2,
      review: null,
    });
    await by(at.one, id, { label: "storm" });
    await by(at.program, id, { label: "storm" });
    expect(await read(at, id)).toMatchObject({ label: "flood", assessedBy: "person" });
    await by(at.person, id, { label: "storm" });
    expect(await read(at, id)).toMatchObject({ label: "storm", assessedBy: "person", review: null });
    const { items } = (await at.api.get(`/signals/${id}/assessments`)).body;
    expect(items.map((one: { byKind: string; label: string }) => `${one.byKind} ${one.label}`)).toEqual([
      "person storm",
      "program storm",
      "agent storm",
      "person flood",
      "agent fire",
    ]);
  });

  test("200: without a person's, the newest counts, whoever's it is", async () => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id, { label: "fire" });
    await by(at.program, id, { label: "flood" });
    expect(await read(at, id)).toMatchObject({ label: "flood", assessedBy: "program" });
  });

  test("200: one that says the same again is kept, and leaves the signal's version as it is", async () => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id);
    expect((await by(at.one, id)).body.signal.version).toBe(2);
    expect((await at.api.get(`/signals/${id}/assessments`)).body.items).toHaveLength(2);
  });

  test("200: for a person, an agent says so", async () => {
    const at = await home();
    const person = await at.place.person();
    const key = await at.place.key({ kind: "agent" });
    await owner`update api_keys set on_behalf_of = ${person.id} where tenant_id = ${at.place.tenantId} and kind = 'agent'`;
    const { assessment } = (await by(restClient(url, key), await signal(at))).body;
    expect(assessment).toMatchObject({ byKind: "agent", onBehalfOf: person.id });
  });

  test("422 signal_model_required: of an agent that says nothing of its model; a person and a program need not", async () => {
    const at = await home();
    const id = await signal(at);
    const say = (api: RestClient, more: object, headers = {}) =>
      api.post(`/signals/${id}/assess`, { ...said(), ...more }, headers);
    for (const more of [{}, { model: "watcher" }, { modelVersion: "1" }])
      expect(await say(at.one, more)).toMatchObject(problem(422, "signal_model_required"));
    for (const api of [at.person, at.program])
      expect((await say(api, {})).body.assessment).toMatchObject({ model: null, modelVersion: null });
  });

  test("400: a label that is no slug, a confidence beyond 0 to 1, no rationale or one beyond 4000 characters", async () => {
    const at = await home();
    const id = await signal(at);
    const bad = { label: "River Flood", severity: "bad", confidence: 1.01, rationale: " " };
    for (const [field, value] of Object.entries({ ...bad }))
      expect(await by(at.one, id, { [field]: value })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: `/body/${field}` }] },
      });
    expect((await by(at.one, id, { rationale: "x".repeat(4001) })).status).toBe(400);
    expect((await by(at.one, id, { rationale: "x".repeat(4000) })).status).toBe(200);
  });

  test("404: another organisation's, one above the clearance, none at all", async () => {
    const [at, elsewhere] = [await home(), await home()];
    const low = restClient(url, await at.place.key({ clearance: "internal" }));
    const secret = await signal(at, { classification: "secret" });
    for (const answer of [await by(at.one, never), await by(elsewhere.one, secret), await by(low, secret)])
      expect(answer).toMatchObject(problem(404, "signal_not_found"));
  });

  test("200: of ten at once each is kept, and what counts is the newest of them", async () => {
    const at = await home();
    const id = await signal(at);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => by(at.person, id, { label: `label-${n}`, severity: "minor" })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const { items } = (await at.api.get(`/signals/${id}/assessments`)).body;
    const now = await read(at, id);
    expect(items).toHaveLength(10);
    expect(now.version).toBe(11);
    expect(items.map(({ label }: { label: string }) => label)).toContain(now.label);
  });
});

describe("signals.assessments", () => {
  test("200: newest first, by pages; 404 for what is not there", async () => {
    const at = await home();
    const id = await signal(at);
    for (const label of ["first", "second", "third"]) await by(at.person, id, { label });
    const first = (await at.api.get(`/signals/${id}/assessments?limit=2`)).body;
    const second = (await at.api.get(`/signals/${id}/assessments?limit=2&cursor=${first.nextCursor}`)).body;
    const labels = [...first.items, ...second.items].map((one: { label: string }) => one.label);
    expect(labels).toEqual(["third", "second", "first"]);
    expect(second.nextCursor).toBeNull();
    expect(await at.api.get(`/signals/${never}/assessments`)).toMatchObject(problem(404, "signal_not_found"));
  });
});

describe("signals.review", () => {
  const queue = async ({ api }: { api: RestClient }) => (await api.get("/signals/review?limit=100")).body.items;
  const why = async (at: Home, id: string) => (await read(at, id)).review?.why ?? null;

  test("200: a doubtful one, by 0.6 or by what the organisation says", async () => {
    const at = await home();
    const [sure, doubtful] = [await signal(at), await signal(at)];
    await by(at.one, sure, { confidence: 0.6 });
    await by(at.one, doubtful, { confidence: 0.59 });
    expect((await queue(at)).map(({ id }: { id: string }) => id)).toEqual([doubtful]);
    expect(await told(doubtful)).toEqual(["signal.assessed", "signal.review_needed low_confidence"]);
    const { id } = (await at.api.get("/organisations/current")).body;
    await at.api.patch(`/organisations/${id}`, { version: 1, signals: { reviewBelow: 0.95 } });
    const third = await signal(at);
    await by(at.one, third, { confidence: 0.94 });
    expect(await why(at, third)).toBe("low_confidence");
  });

  test.each([
    ["labels that differ", { label: "fire" }, "disagreement"],
    ["severities two steps apart", { severity: "minor" }, "disagreement"],
    ["severities one step apart", { severity: "moderate" }, null],
    ["a severity that nobody knows", { severity: "unknown" }, null],
    ["the same", {}, null],
  ])("200: two agents with %s", async (_, more, expected) => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id);
    await by(at.other, id, more);
    expect(await why(at, id)).toBe(expected);
  });

  test("200: of each agent counts what it said last", async () => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id, { label: "fire" });
    await by(at.one, id, { label: "flood" });
    await by(at.other, id, { label: "flood" });
    expect(await why(at, id)).toBeNull();
  });

  test("200: an agent that comes to something else than the person did; not one that is unsure, or repeats itself", async () => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id, { label: "fire" });
    await by(at.person, id, { label: "flood" });
    await by(at.one, id, { label: "fire" });
    await by(at.other, id, { label: "flood", confidence: 0.1 });
    expect(await why(at, id)).toBeNull();
    await by(at.other, id, { label: "storm" });
    expect(await read(at, id)).toMatchObject({ label: "flood", review: { why: "disagreement" } });
  });

  test("200: disagreement is the stronger reason, and since when it waits stays", async () => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id, { confidence: 0.3 });
    const { since } = (await read(at, id)).review;
    await by(at.other, id, { label: "fire", confidence: 0.9 });
    expect((await read(at, id)).review).toEqual({ why: "disagreement", since });
    await by(at.one, id, { confidence: 0.9, label: "fire" });
    expect((await read(at, id)).review).toEqual({ why: "disagreement", since });
    expect((await told(id)).filter((name) => name.startsWith("signal.review_needed"))).toEqual([
      "signal.review_needed low_confidence",
      "signal.review_needed disagreement",
    ]);
  });

  test("200: the longest waiting first, by pages; nothing above the clearance; 400 for another list's cursor", async () => {
    const at = await home();
    const ids = [await signal(at), await signal(at, { classification: "secret" }), await signal(at), await signal(at)];
    for (const id of [...ids].reverse()) await by(at.one, id, { confidence: 0.1 });
    const low = restClient(url, await at.place.key({ clearance: "internal" }));
    const first = (await low.get("/signals/review?limit=2")).body;
    const second = (await low.get(`/signals/review?limit=2&cursor=${first.nextCursor}`)).body;
    const seen = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
    expect(seen).toEqual([ids[3], ids[2], ids[0]]);
    expect(await low.get(`/signals?cursor=${first.nextCursor}`)).toMatchObject(problem(400, "invalid_cursor"));
    expect((await queue(at)).length).toBe(4);
  });
});

describe("signals.settleReview", () => {
  test("200: takes it out of the queue, and leaves what counts; a second time changes nothing", async () => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id, { confidence: 0.1 });
    const settle = (version: number) => at.person.post(`/signals/${id}/settle-review`, { version });
    expect(await settle(1)).toMatchObject(problem(412, "signal_changed"));
    const answer = await settle(2);
    expect(answer).toMatchObject({
      status: 200,
      body: { changed: true, signal: { label: "flood", assessedConfidence: 0.1, review: null, version: 3 } },
    });
    expect(await settle(3)).toMatchObject({ status: 200, body: { changed: false, signal: { version: 3 } } });
    expect((await told(id)).at(-1)).toBe("signal.review_settled");
  });

  test("200: what was settled comes up again by something new only", async () => {
    const at = await home();
    const id = await signal(at);
    const doubt = (more = {}) => by(at.one, id, { confidence: 0.1, ...more });
    const review = async () => (await read(at, id)).review?.why ?? null;
    await doubt();
    await at.person.post(`/signals/${id}/settle-review`, { version: 2 });
    await doubt();
    expect(await review()).toBeNull();
    await doubt({ label: "fire" });
    expect(await review()).toBe("low_confidence");
  });

  test("200: so does a person's assessment", async () => {
    const at = await home();
    const id = await signal(at);
    await by(at.one, id, { confidence: 0.1 });
    expect((await by(at.person, id)).body.signal).toMatchObject({ review: null, assessedBy: "person" });
  });

  test("404: another organisation's, and 403 for an agent", async () => {
    const [at, elsewhere] = [await home(), await home()];
    const id = await signal(at);
    expect(await elsewhere.api.post(`/signals/${id}/settle-review`, { version: 1 })).toMatchObject(
      problem(404, "signal_not_found"),
    );
    expect(await at.one.post(`/signals/${id}/settle-review`, { version: 1 })).toMatchObject(
      problem(403, "agent_denied"),
    );
  });
});
