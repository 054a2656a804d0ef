import { idOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let here: Place;
let api: RestClient;
let mine: string;

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
  mine = `/organisations/${idOf("org", here.tenantId)}`;
});

describe("organisations.current", () => {
  test("200: the one that the credential belongs to", async () => {
    const answer = await api.get("/organisations/current");
    expect(answer).toMatchObject({
      status: 200,
      body: { id: idOf("org", here.tenantId), slug: here.slug, version: 1, timeZone: "Asia/Dubai" },
    });
    expect(answer.body.settings.classifications.map((level: { key: string }) => level.key)).toEqual([
      "public",
      "internal",
      "confidential",
      "secret",
    ]);
    expect((await api.get("/organisations/current", { "if-none-match": '"1"' })).status).toBe(304);
  });
});

describe("organisations.get", () => {
  test("200: the caller's own", async () => {
    expect((await api.get(mine)).body).toEqual((await api.get("/organisations/current")).body);
  });

  test("404 organisation_not_found: another one looks like none at all", async () => {
    const other = await place();
    for (const id of [idOf("org", other.tenantId), "org_01kejc8ht0e6ssypg6m30swm9g"])
      expect(await api.get(`/organisations/${id}`)).toMatchObject({
        status: 404,
        body: { code: "organisation_not_found" },
      });
  });
});

describe("organisations.update", () => {
  test("200: what is absent stays, null clears", async () => {
    const before = (await api.get(mine)).body;
    const first = await api.patch(mine, { version: 1, timeZone: "Asia/Riyadh" });
    expect(first.body).toEqual({ ...before, timeZone: "Asia/Riyadh", version: 2, updatedAt: first.body.updatedAt });
    const second = await api.patch(mine, { version: 2, name: { en: "New", ar: null }, languages: ["ar"] });
    expect(second.body).toMatchObject({
      name: { en: "New", ar: null },
      timeZone: "Asia/Riyadh",
      settings: { languages: ["ar"] },
      version: 3,
    });
    expect(second.body.settings.classifications).toEqual(before.settings.classifications);
    expect((await api.get(mine)).body).toEqual(second.body);
  });

  test("200: on record with what it was and what it became", async () => {
    await api.patch(mine, { version: 1, timeZone: "Asia/Riyadh" });
    const [entry] = await here.trail(here.tenantId);
    expect(entry).toMatchObject({ action: "organisation.update", changed: true, resource_version: 2 });
    expect(entry?.changes).toMatchObject({ timeZone: ["Asia/Dubai", "Asia/Riyadh"], version: [1, 2] });
  });

  test("200: an update that changes nothing keeps the version, and is on record as that", async () => {
    const before = (await api.get(mine)).body;
    for (const body of [{ version: 1 }, { version: 1, timeZone: "Asia/Dubai", languages: ["en", "ar"] }])
      expect((await api.patch(mine, body)).body).toEqual(before);
    expect(await here.trail(here.tenantId)).toMatchObject([
      { changed: false, changes: {} },
      { changed: false, changes: {} },
    ]);
  });

  test("200: how signals are looked after: what nobody said yet is as usual, and what is left out stays", async () => {
    const usual = { raiseAfterMinutes: 1440, reviewBelow: 0.6, signers: [] };
    expect((await api.get(mine)).body.settings.signals).toEqual(usual);
    const signals = async (version: number, said: object) =>
      (await api.patch(mine, { version, signals: said })).body.settings.signals;
    expect(await signals(1, { reviewBelow: 0.8 })).toEqual({ ...usual, reviewBelow: 0.8 });
    expect(await signals(2, { raiseAfterMinutes: 90 })).toEqual({ ...usual, raiseAfterMinutes: 90, reviewBelow: 0.8 });
    expect((await api.patch(mine, { version: 3, signals: {} })).body.version).toBe(3);
    for (const said of [{ raiseAfterMinutes: 0 }, { raiseAfterMinutes: 129_601 }, { reviewBelow: 1.1 }, { more: 1 }])
      expect((await api.patch(mine, { version: 3, signals: said })).status).toBe(400);
  });

  test("200: how it communicates: what nobody said yet is as usual, and what is left out stays", async () => {
    const withheldContentSids = { en: null, ar: null };
    const usual = {
      dailyMessages: 2000,
      ceilings: {},
      withheldContentSids,
      prices: null,
      quietEndsAt: null,
      briefing: null,
    };
    expect((await api.get(mine)).body.settings.communications).toEqual(usual);
    const set = (version: number, communications: object) => api.patch(mine, { version, communications });
    const ceilings = { sms: "internal", email: "confidential" };
    const prices = { sms: { amount: "0.2", currency: "AED" } };
    const said = { ceilings, prices, quietEndsAt: "high", briefing: null };
    expect((await set(1, said)).body.settings.communications).toEqual({ ...usual, ...said });
    expect((await set(2, { dailyMessages: 0 })).body.settings.communications).toEqual({
      ...{ ...usual, ...said, dailyMessages: 0 },
    });
    for (const unknown of [{ ceilings: { sms: "cosmic" } }, { quietEndsAt: "cosmic" }])
      expect(await set(3, unknown)).toMatchObject({
        ...{ status: 422, body: { code: "organisation_level_unknown", level: "cosmic" } },
      });
    const two = { sms: { amount: "1", currency: "AED" }, email: { amount: "1", currency: "EUR" } };
    for (const wrong of [{ prices: two }, { ceilings: { pigeon: "public" } }, { dailyMessages: -1 }, { more: 1 }])
      expect((await set(3, wrong)).status, JSON.stringify(wrong)).toBe(400);
  });

  test("412 organisation_changed: two at once, one of which wins", async () => {
    const zones = ["Asia/Riyadh", "Asia/Muscat"];
    const answers = await Promise.all(zones.map((timeZone) => api.patch(mine, { version: 1, timeZone })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 412]);
    expect(answers.find((answer) => answer.status === 412)?.body).toMatchObject({
      code: "organisation_changed",
      version: 2,
    });
  });

  test("404 organisation_not_found: another one is neither changed nor told from none", async () => {
    const other = await place();
    const answer = await api.patch(`/organisations/${idOf("org", other.tenantId)}`, {
      version: 1,
      timeZone: "Asia/Riyadh",
    });
    expect(answer).toMatchObject({ status: 404, body: { code: "organisation_not_found" } });
    expect((await restClient(url, await other.key()).get("/organisations/current")).body).toMatchObject({
      version: 1,
      timeZone: "Asia/Dubai",
    });
  });

  test("400: a time zone that there isn't, languages twice, a name of two lines", async () => {
    const wrong = [
      { timeZone: "Mars/Olympus" },
      { timeZone: "UTC+4" },
      { languages: [] },
      { languages: ["de"] },
      { languages: ["en", "en"] },
      { name: { en: "a\nb" } },
      { name: { en: " " } },
    ];
    for (const body of wrong)
      expect(await api.patch(mine, { version: 1, ...body }), JSON.stringify(body)).toMatchObject({
        status: 400,
        body: { code: "invalid_input" },
      });
  });
});
