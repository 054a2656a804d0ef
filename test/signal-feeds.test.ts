import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let here: Place;
let api: RestClient;
/** May do the same, and sees less. */
let low: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  api = restClient(url, await here.key());
  low = restClient(url, await here.key({ clearance: "internal" }));
});

const source = () => `wx-${crypto.randomUUID()}`;
const said = (more: object = {}) => ({
  ...{ name: "Weather", source: source(), url: "https://alerts.example/feed.xml", everyMinutes: 5 },
  ...{ classification: "internal", ...more },
});
const made = async (more: object = {}, by = api) => (await by.post("/signal-feeds", said(more))).body;
const update = (id: string, body: object, by = api) => by.patch(`/signal-feeds/${id}`, body);
const trailOf = async (id: string) =>
  (await here.trail(uuidOf(id))).map(({ action, changed, outcome }) => ({ action, changed, outcome }));
const feedJobs = (id: string) => asOwner()`select data from jobs where data->>'feedId' = ${uuidOf(id)}`;

describe("signalFeeds.create", () => {
  test("201: a feed that is asked soon, with its address and one audit entry", async () => {
    const body = said({ entityId: here.entities.company, leastSeverity: "severe" });
    const answer = await api.post("/signal-feeds", body);
    expect(answer).toMatchObject({
      status: 201,
      body: { ...body, enabled: true, version: 1, askedAt: null, lastGoodAt: null, lastError: null, failures: 0 },
    });
    expect(answer.body.nextAt).toBe(answer.body.createdAt);
    expect(answer.headers.get("location")).toBe(`/v1/signal-feeds/${answer.body.id}`);
    expect(await trailOf(answer.body.id)).toEqual([{ action: "signal_feed.create", changed: true, outcome: "done" }]);
  });

  test("201: one that is switched off is not asked", async () => {
    expect(await made({ enabled: false })).toMatchObject({ enabled: false, nextAt: null });
  });

  test.each([
    "http://alerts.example/feed.xml",
    "https://name@alerts.example/",
    "https://name:word@alerts.example/",
    "https://alerts.example/#part",
    "https://alerts.example\\@10.0.0.1/",
    "https://alerts.example/two words",
    "https://",
    "ftp://alerts.example/",
    "file:///etc/passwd",
    "http://localhost@alerts.example/",
    "http://localhost.example/",
    "http://10.0.0.1/",
    `https://alerts.example/${"x".repeat(2000)}`,
  ])("400 invalid_input: the address %s", async (address) => {
    const { status, body } = await api.post("/signal-feeds", said({ url: address }));
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, "invalid_input", "/body/url"]);
  });

  test.each([
    { everyMinutes: 0 },
    { everyMinutes: 1441 },
    { everyMinutes: 1.5 },
    { source: "Two words" },
    { name: "Two\nlines" },
    { leastSeverity: "terrible" },
    { failures: 3 },
    { nextAt: "2026-01-06T04:00:00.000Z" },
  ])("400 invalid_input: %j", async (more) => {
    expect((await api.post("/signal-feeds", said(more))).body.code).toBe("invalid_input");
  });

  test("409 signal_feed_source_taken: once in an organisation, until it is deleted", async () => {
    const { id, source: taken } = await made();
    expect(await api.post("/signal-feeds", said({ source: taken }))).toMatchObject({
      status: 409,
      body: { code: "signal_feed_source_taken" },
    });
    const elsewhere = restClient(url, await (await place()).key());
    expect((await elsewhere.post("/signal-feeds", said({ source: taken }))).status).toBe(201);
    await api.post(`/signal-feeds/${id}/delete`, { version: 1 });
    expect((await api.post("/signal-feeds", said({ source: taken }))).status).toBe(201);
  });

  test("403 signal_feed_above_clearance, 422 for a level or an entity that there isn't", async () => {
    const refused = async (more: object, by = api) => {
      const { status, body } = await by.post("/signal-feeds", said(more));
      return `${status} ${body.code}`;
    };
    const foreign = (await place()).entities.company;
    expect(await refused({ classification: "secret" }, low)).toBe("403 signal_feed_above_clearance");
    expect(await refused({ classification: "cosmic" }, low)).toBe("422 signal_feed_classification_unknown");
    expect(await refused({ entityId: foreign })).toBe("422 signal_feed_entity_unknown");
  });
});

describe("signalFeeds.get", () => {
  test("200, without an ETag: how it fares changes without a new version", async () => {
    const feed = await made();
    const answer = await api.get(`/signal-feeds/${feed.id}`);
    expect(answer).toMatchObject({ status: 200, body: feed });
    expect(answer.headers.get("etag")).toBeNull();
  });

  test("404: another organisation's, one above the caller's clearance, and one that was deleted, look like none", async () => {
    const [high, gone] = [await made({ classification: "secret" }), await made()];
    await api.post(`/signal-feeds/${gone.id}/delete`, { version: 1 });
    const elsewhere = restClient(url, await (await place()).key());
    for (const [by, id] of [
      [elsewhere, high.id],
      [low, high.id],
      [api, gone.id],
    ] as const)
      expect(await by.get(`/signal-feeds/${id}`)).toMatchObject({
        status: 404,
        body: { code: "signal_feed_not_found" },
      });
  });
});

describe("signalFeeds.list", () => {
  test("200: by source, page by page, within the caller's clearance, without those that were deleted", async () => {
    const its = await place();
    const [all, some] = [restClient(url, await its.key()), restClient(url, await its.key({ clearance: "internal" }))];
    for (const [name, classification] of [
      ["c", "internal"],
      ["a", "public"],
      ["d", "secret"],
      ["b", "internal"],
    ])
      await made({ source: name, classification }, all);
    const gone = await made({ source: "aa" }, all);
    await all.post(`/signal-feeds/${gone.id}/delete`, { version: 1 });
    const sources = async (by: RestClient) => {
      const found: string[] = [];
      for (let next = ""; ; ) {
        const { body } = await by.get(`/signal-feeds?limit=1${next}`);
        found.push(...body.items.map((feed: { source: string }) => feed.source));
        if (!body.nextCursor) return found;
        next = `&cursor=${body.nextCursor}`;
      }
    };
    expect(await sources(all)).toEqual(["a", "b", "c", "d"]);
    expect(await sources(some)).toEqual(["a", "b", "c"]);
    expect((await all.get("/signal-feeds?cursor=forged")).body.code).toBe("invalid_cursor");
  });
});

describe("signalFeeds.update", () => {
  test("200: what is left out stays, null clears, and it is on record", async () => {
    const feed = await made({ entityId: here.entities.company, leastSeverity: "severe" });
    const changed = { name: "Weather of Texas", entityId: null };
    const answer = await update(feed.id, { version: 1, ...changed });
    const { updatedAt: _at, nextAt: _next, ...rest } = feed;
    expect(answer).toMatchObject({ status: 200, body: { ...rest, ...changed, version: 2 } });
    expect(await trailOf(feed.id)).toEqual([
      { action: "signal_feed.create", changed: true, outcome: "done" },
      { action: "signal_feed.update", changed: true, outcome: "done" },
    ]);
  });

  test("200: what changes nothing is no new version, and says so on record", async () => {
    const { id, name } = await made();
    expect((await update(id, { version: 1, name })).body.version).toBe(1);
    expect((await update(id, { version: 1 })).body.version).toBe(1);
    expect((await trailOf(id)).map(({ changed }) => changed)).toEqual([true, false, false]);
  });

  test("200: what others may come of is asked anew; how it fares, and when it is asked, stay otherwise", async () => {
    const feed = await made();
    const nextAt = "2030-01-06T04:00:00.000Z";
    const fares = async (version: number) => {
      const fields = { etag: '"v1"', last_modified: "x", last_error: "unreachable", failures: 3, next_at: nextAt };
      await asOwner()`update signal_feeds set ${asOwner()(fields)} where id = ${uuidOf(feed.id)}`;
      return { id: feed.id, version };
    };
    const known = async () =>
      (await asOwner()`select etag, last_modified from signal_feeds where id = ${uuidOf(feed.id)}`)[0];
    const failing = { lastError: "unreachable", failures: 3 };
    let version = 1;
    for (const changed of [
      { url: "https://other.example/" },
      { source: source() },
      { classification: "public" },
      { entityId: here.entities.holding },
      { leastSeverity: "minor" },
    ]) {
      const { body } = await update(feed.id, { ...(await fares(version)), id: undefined, ...changed });
      expect(body).toMatchObject({ ...changed, ...failing, nextAt: body.updatedAt });
      expect(await known()).toEqual({ etag: null, last_modified: null });
      version += 1;
    }
    const { body: often } = await update(feed.id, { version: (await fares(version)).version, everyMinutes: 1 });
    expect(often).toMatchObject({ ...failing, nextAt: often.updatedAt });
    const { body: named } = await update(feed.id, { version: (await fares(version + 1)).version, name: "Other" });
    expect(named).toMatchObject({ ...failing, nextAt });
    expect(await known()).toEqual({ etag: '"v1"', last_modified: "x" });
  });

  test("200: switched off it is not asked, switched on it is asked soon", async () => {
    const { id } = await made();
    expect((await update(id, { version: 1, enabled: false })).body).toMatchObject({ enabled: false, nextAt: null });
    expect((await update(id, { version: 2, url: "https://other.example/" })).body).toMatchObject({ nextAt: null });
    const { body } = await update(id, { version: 3, enabled: true });
    expect(body).toMatchObject({ enabled: true, nextAt: body.updatedAt });
  });

  test("409 signal_feed_source_taken, 422 for an entity or a level that there isn't: nothing of it is kept", async () => {
    const [one, other] = [await made(), await made()];
    const refused = async (more: object) => (await update(one.id, { version: 1, name: "Other", ...more })).body.code;
    expect(await refused({ source: other.source })).toBe("signal_feed_source_taken");
    expect(await refused({ entityId: (await place()).entities.company })).toBe("signal_feed_entity_unknown");
    expect(await refused({ classification: "cosmic" })).toBe("signal_feed_classification_unknown");
    expect((await api.get(`/signal-feeds/${one.id}`)).body).toEqual(one);
  });

  test("403 signal_feed_above_clearance, before 412; 404 for who doesn't see it", async () => {
    const [feed, high] = [await made(), await made({ classification: "secret" })];
    const up = { version: 7, classification: "secret" };
    expect(await update(feed.id, up, low)).toMatchObject({
      status: 403,
      body: { code: "signal_feed_above_clearance" },
    });
    expect(await update(high.id, { version: 1, name: "x" }, low)).toMatchObject({ status: 404 });
  });
});

describe("signalFeeds.delete", () => {
  test("200: answers with what it was, and it is gone", async () => {
    const feed = await made();
    const answer = await api.post(`/signal-feeds/${feed.id}/delete`, { version: 1 });
    expect(answer).toMatchObject({ status: 200, body: { id: feed.id, enabled: true, nextAt: null, version: 2 } });
    for (const again of [await api.get(`/signal-feeds/${feed.id}`), await update(feed.id, { version: 2, name: "x" })])
      expect(again.status).toBe(404);
    expect((await trailOf(feed.id)).at(-1)).toEqual({ action: "signal_feed.delete", changed: true, outcome: "done" });
  });
});

describe.each(["update", "delete"] as const)("signalFeeds.%s, as all changes of what somebody saw", (verb) => {
  const change = (id: string, version: number, by = api) =>
    verb === "update" ? update(id, { version, name: "Other" }, by) : by.post(`/signal-feeds/${id}/delete`, { version });

  test("412 signal_feed_changed with another version, and 403 without its permission", async () => {
    const { id } = await made();
    expect(await change(id, 2)).toMatchObject({ status: 412, body: { code: "signal_feed_changed", version: 1 } });
    const reader = restClient(url, await here.key({ permissions: ["signal_feed.read"] }));
    expect(await change(id, 1, reader)).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect((await api.get(`/signal-feeds/${id}`)).body).toMatchObject({ version: 1, name: "Weather" });
  });
});

describe("signalFeeds.poll", () => {
  test("202: a job to watch, which knows what is known of the feed", async () => {
    const { id } = await made();
    await asOwner()`update signal_feeds set etag = '"v1"' where id = ${uuidOf(id)}`;
    const answer = await api.post(`/signal-feeds/${id}/poll`);
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe(`/v1/jobs/${answer.body.jobId}`);
    expect((await api.get(`/jobs/${answer.body.jobId}`)).body).toMatchObject({
      name: "signalFeeds.poll",
      state: "waiting",
    });
    const asked = { url: "https://alerts.example/feed.xml", etag: '"v1"', lastModified: null };
    expect(await feedJobs(id)).toEqual([{ data: { feedId: uuidOf(id), ...asked } }]);
    expect((await trailOf(id)).at(-1)).toEqual({ action: "signal_feed.poll", changed: true, outcome: "done" });
  });

  test("409 signal_feed_disabled: one that is switched off is not asked", async () => {
    const { id } = await made({ enabled: false });
    expect(await api.post(`/signal-feeds/${id}/poll`)).toMatchObject({
      status: 409,
      body: { code: "signal_feed_disabled" },
    });
    expect(await feedJobs(id)).toEqual([]);
  });

  test("404: above the caller's clearance, or another organisation's", async () => {
    const { id } = await made({ classification: "secret" });
    const elsewhere = restClient(url, await (await place()).key());
    for (const by of [low, elsewhere]) expect((await by.post(`/signal-feeds/${id}/poll`)).status).toBe(404);
    expect(await feedJobs(id)).toEqual([]);
  });
});
