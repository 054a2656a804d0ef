import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { setDeadLetter } from "./support/things.ts";

const owner = asOwner();
let url: string;
let here: Place;
let api: RestClient;
let low: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  api = restClient(url, await here.key());
  low = restClient(url, await here.key({ clearance: "internal" }));
});

const problem = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const reason = "The signal was a test.";
const [delivered_at, dropped_at, retried_at] = Array(3).fill("2026-01-06T06:00:00.000Z") as [string, string, string];
const row = async (id: string) => (await owner`select * from dead_letters where id = ${uuidOf(id)}`)[0];
const told = (id: string) => owner`select name, classification from outbox where resource_id = ${uuidOf(id)}`;

describe("deadLetters.list", () => {
  test("200: those that failed last first, by pages; by state and consumer", async () => {
    const at = await place();
    const mine = restClient(url, await at.key());
    const made: string[] = [];
    for (const [hour, fields] of [{ consumer: "a.one" }, { retried_at }, { dropped_at }, { delivered_at }].entries())
      made.unshift(await setDeadLetter(at, { failed_at: `2026-01-06T0${hour}:00:00.000Z`, ...fields }));
    const first = (await mine.get("/dead-letters?limit=3")).body;
    const second = (await mine.get(`/dead-letters?limit=3&cursor=${first.nextCursor}`)).body;
    expect(second.nextCursor).toBeNull();
    const all = [...first.items, ...second.items];
    expect(all.map((one) => one.id)).toEqual(made);
    expect(all.map((one) => one.state)).toEqual(["delivered", "dropped", "retrying", "failed"]);
    for (const state of ["delivered", "dropped", "retrying", "failed"])
      expect((await mine.get(`/dead-letters?state=${state}`)).body.items).toMatchObject([{ state }]);
    expect((await mine.get("/dead-letters?consumer=a.one")).body.items).toMatchObject([{ consumer: "a.one" }]);
    expect((await api.get("/dead-letters")).body.items).not.toContainEqual(expect.objectContaining({ id: made[0] }));
  });

  test("400 invalid_cursor: one of another list", async () => {
    const at = await place();
    const mine = restClient(url, await at.key());
    for (let n = 0; n < 2; n += 1) await setDeadLetter(at);
    const { nextCursor } = (await mine.get("/dead-letters?limit=1")).body;
    expect(await mine.get(`/dead-letters?limit=1&state=failed&cursor=${nextCursor}`)).toMatchObject(
      problem(400, "invalid_cursor"),
    );
  });

  test("200: nothing above the caller's clearance", async () => {
    const secret = await setDeadLetter(here, { classification: "secret" });
    const plain = await setDeadLetter(here, { classification: null });
    const seen = async (client: RestClient) =>
      (await client.get("/dead-letters?limit=100")).body.items.map((one: { id: string }) => one.id);
    expect(await seen(api)).toEqual(expect.arrayContaining([secret, plain]));
    expect(await seen(low)).toContain(plain);
    expect(await seen(low)).not.toContain(secret);
  });
});

describe("deadLetters.get", () => {
  test("200: what could not be delivered to whom, and why", async () => {
    const id = await setDeadLetter(here);
    expect(await api.get(`/dead-letters/${id}`)).toMatchObject({
      status: 200,
      body: { id, state: "failed", event: "signal.ingested", errorCode: "internal", attempts: 10, decidedAt: null },
    });
  });

  test("404 dead_letter_not_found: none such, another organisation's, or above the clearance", async () => {
    const theirs = await setDeadLetter(await place());
    const secret = await setDeadLetter(here, { classification: "secret" });
    for (const id of ["dlt_01kejc8ht0e6ssypg6m30swm9g", theirs])
      expect(await api.get(`/dead-letters/${id}`)).toMatchObject(problem(404, "dead_letter_not_found"));
    expect(await low.get(`/dead-letters/${secret}`)).toMatchObject(problem(404, "dead_letter_not_found"));
  });
});

describe("deadLetters.retry", () => {
  test("202: the relay is asked to try it once more, on record and told", async () => {
    const id = await setDeadLetter(here);
    const answer = await api.post(`/dead-letters/${id}/retry`);
    expect(answer).toMatchObject({ status: 202, body: { changed: true, deadLetter: { id, state: "retrying" } } });
    expect((await row(id))?.retried_at).not.toBeNull();
    const [entry] = await here.trail(uuidOf(id));
    expect(entry).toMatchObject({ operation: "deadLetters.retry", action: "dead_letter.retry", changed: true });
    expect(await told(id)).toEqual([{ name: "dead_letter.retried", classification: "internal" }]);
    const again = await api.post(`/dead-letters/${id}/retry`);
    expect(again).toMatchObject({ status: 202, body: { changed: false, deadLetter: { state: "retrying" } } });
  });

  test.each([
    ["delivered", { delivered_at }],
    ["dropped", { dropped_at }],
  ])("409 dead_letter_wrong_state: %s", async (state, fields) => {
    const id = await setDeadLetter(here, fields);
    expect(await api.post(`/dead-letters/${id}/retry`)).toMatchObject(
      problem(409, "dead_letter_wrong_state", { state }),
    );
    expect(await here.trail(uuidOf(id))).toEqual([]);
  });

  test("404 dead_letter_not_found: what lies above the clearance stays as it is", async () => {
    const id = await setDeadLetter(here, { classification: "secret" });
    expect(await low.post(`/dead-letters/${id}/retry`)).toMatchObject(problem(404, "dead_letter_not_found"));
    expect((await row(id))?.retried_at).toBeNull();
  });
});

describe("deadLetters.drop", () => {
  test("200: given up, with the reason on record; a second time changes nothing", async () => {
    const id = await setDeadLetter(here, { retried_at });
    const answer = await api.post(`/dead-letters/${id}/drop`, { reason });
    expect(answer).toMatchObject({ status: 200, body: { changed: true, deadLetter: { id, state: "dropped" } } });
    const [entry] = await here.trail(uuidOf(id));
    expect(entry).toMatchObject({ operation: "deadLetters.drop", action: "dead_letter.drop", reason, changed: true });
    expect(await told(id)).toEqual([{ name: "dead_letter.dropped", classification: "internal" }]);
    expect((await api.post(`/dead-letters/${id}/drop`, { reason })).body).toMatchObject({ changed: false });
    expect(await told(id)).toHaveLength(1);
  });

  test("409 dead_letter_wrong_state: what was delivered after all", async () => {
    const id = await setDeadLetter(here, { delivered_at });
    expect(await api.post(`/dead-letters/${id}/drop`, { reason })).toMatchObject(
      problem(409, "dead_letter_wrong_state", { state: "delivered" }),
    );
  });

  test("400: a reason is asked for", async () => {
    const id = await setDeadLetter(here);
    expect(await api.post(`/dead-letters/${id}/drop`, {})).toMatchObject({ status: 400 });
    expect((await row(id))?.dropped_at).toBeNull();
  });
});
