import { uuidOf } from "@dais/contracts/kit/ids";
import { sessionHash } from "@dais/kernel/sessions";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sessionPrefix } from "./support/credential.ts";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let here: Place;
let person: Person;
/** Three browsers of one person. */
let browsers: RestClient[];

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  person = await here.person({ roles: [] });
  browsers = await signedIn(3);
});

const signedIn = async (times: number, who = person) =>
  Promise.all(Array.from({ length: times }, async () => restClient(url, await who.session())));
const one = () => browsers[0] as RestClient;
const statuses = async () => (await Promise.all(browsers.map((each) => each.get("/me")))).map(({ status }) => status);
const idOf = async (browser: RestClient): Promise<string> => (await browser.get("/me")).body.session.id;
const refused = (status: number, code: string) => ({ status, body: { code } });

describe("sessions.list", () => {
  test("200: one's own, and which of them this is", async () => {
    await signedIn(1, await here.person());
    const { items } = (await one().get("/sessions")).body;
    expect(items).toHaveLength(3);
    expect(items.filter(({ current }: { current: boolean }) => current)).toMatchObject([{ id: await idOf(one()) }]);
    expect(items[0]).toMatchObject({ address: "127.0.0.1", userAgent: "test", provenAt: null });
  });

  test("200: a key has none", async () => {
    expect((await restClient(url, await here.key()).get("/sessions")).body).toEqual({ items: [] });
  });
});

describe("sessions.revoke", () => {
  const revoke = (by: RestClient, id: string) => by.post(`/sessions/${id}/revoke`);

  test("200: it ends at once, the others go on; on record and told", async () => {
    const id = await idOf(browsers[1] as RestClient);
    expect((await revoke(one(), id)).body).toMatchObject({ id, current: false });
    expect(await statuses()).toEqual([200, 401, 200]);
    expect(await here.trail(uuidOf(id))).toMatchObject([
      { operation: "sessions.revoke", resource_type: "session", actor_id: person.id, session_id: await idOf(one()) },
    ]);
    expect(await told(here)).toEqual([["session.revoked", { id, personId: person.id }]]);
  });

  test("200: also the one that the call is made in", async () => {
    expect((await revoke(one(), await idOf(one()))).body.current).toBe(true);
    expect(await statuses()).toEqual([401, 200, 200]);
  });

  test("404 session_not_found: none, over already, somebody else's, a key's", async () => {
    const [other] = await signedIn(1, await here.person());
    const gone = await idOf(browsers[2] as RestClient);
    await revoke(one(), gone);
    for (const id of ["ses_01kejc8ht0e6ssypg6m30swm9g", gone, await idOf(other as RestClient)])
      expect(await revoke(one(), id)).toMatchObject(refused(404, "session_not_found"));
    expect((await (other as RestClient).get("/me")).status).toBe(200);
    const key = restClient(url, await here.key());
    expect(await revoke(key, await idOf(one()))).toMatchObject(refused(404, "session_not_found"));
  });

  test("403 origin_not_allowed: from another site's page", async () => {
    const id = await idOf(browsers[1] as RestClient);
    for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }])
      expect(await one().post(`/sessions/${id}/revoke`, undefined, headers)).toMatchObject(
        refused(403, "origin_not_allowed"),
      );
    expect(await statuses()).toEqual([200, 200, 200]);
  });
});

describe("sessions.revokeAll", () => {
  test("200: all but this one", async () => {
    expect((await one().post("/sessions/revoke-all", {})).body).toEqual({ changed: true, ended: 2 });
    expect(await statuses()).toEqual([200, 401, 401]);
    expect((await one().post("/sessions/revoke-all", { includingThis: false })).body).toEqual({
      changed: false,
      ended: 0,
    });
    expect((await here.trail()).map(({ changed }) => changed)).toEqual([true, true, false]);
    expect(await told(here)).toHaveLength(2);
  });

  test("200: with this one; those of others go on", async () => {
    const [other] = await signedIn(1, await here.person());
    expect((await one().post("/sessions/revoke-all", { includingThis: true })).body).toEqual({
      changed: true,
      ended: 3,
    });
    expect(await statuses()).toEqual([401, 401, 401]);
    expect((await (other as RestClient).get("/me")).status).toBe(200);
  });

  test("200: a key has none to end", async () => {
    const key = restClient(url, await here.key());
    expect((await key.post("/sessions/revoke-all", { includingThis: true })).body).toEqual({
      changed: false,
      ended: 0,
    });
  });
});

test("503 unavailable: where the sessions can't be asked, nobody is told that there are none", async () => {
  const server = await startServer({ redis: null });
  const text = await person.session({ sessions: server.sessions });
  const api = restClient(server.url, text);
  expect((await api.get("/sessions")).body.items).toHaveLength(1);
  server.sessions.list = () => Promise.reject(new Error("away"));
  for (const answer of [await api.get("/sessions"), await api.post("/sessions/revoke-all", { includingThis: true })])
    expect(answer).toMatchObject(refused(503, "unavailable"));
  const kept = await server.sessions.read(sessionHash(text.slice(sessionPrefix.length)));
  expect(kept?.session.personId).toBe(person.id);
});
