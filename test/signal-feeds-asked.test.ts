import { uuidOf } from "@dais/contracts/kit/ids";
import type { AnyJob, At } from "@dais/kernel/jobs";
import { task } from "@dais/kernel/task";
import { background } from "@dais/modules";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { unprinted } from "./support/background.ts";
import { alertXml, infoXml } from "./support/cap/documents.ts";
import { type Answer, document, feedServer, type Page } from "./support/feed-server.ts";
import { onOf, ownDatabase } from "./support/jobs.ts";
import type { Place } from "./support/place.ts";
import { cleanUp, program } from "./support/programs.ts";
import { type RestClient, restClient } from "./support/rest.ts";

const here = await ownDatabase();
const { owner } = here;
const there = await feedServer();
afterAll(() => there.stop());
afterEach(cleanUp);

const minute = 60_000;
let time = Date.UTC(2026, 0, 6, 4);
here.clock.now = () => new Date(time);
const inMinutes = (minutes: number) => new Date(time + minutes * minute).toISOString();

let at: Place;
let api: RestClient;
beforeEach(async () => {
  // Feeds of the tests before are left alone.
  await owner`update signal_feeds set enabled = false, next_at = null`;
  at = await here.place();
  api = restClient(here.server.url, await at.key());
});

const timeoutMs = 1000;
const resolve = async (host: string) => (host === "dais" ? ["127.0.0.1"] : []);
const goingOn = background({ fetchFeed: there.asking({ now: here.clock.now, timeoutMs, resolve }), print: unprinted });
const run = async () => {
  const worker = await here.work(goingOn.jobs, { schedules: goingOn.schedules });
  return { [Symbol.asyncDispose]: worker.stop, ...worker };
};
const undone = () => owner`select name, state, error_code from jobs where state not in ('done', 'dropped')`;
/** Waits until a minute's work is done that begins after so many. */
async function turn(minutes = 1): Promise<void> {
  await ticked(minutes);
  await vi.waitFor(async () => expect(await undone()).toEqual([]), { timeout: 20_000, interval: 50 });
}
/** Waits until the schedules have been told of it. */
async function ticked(minutes = 1): Promise<void> {
  time += minutes * minute;
  const [ticket] = await here.tick();
  const state = async () => (await owner`select state from dais_jobs.job where id = ${ticket?.id}`)[0]?.state;
  await vi.waitFor(async () => expect(await state()).toBe("completed"), { timeout: 20_000, interval: 50 });
}

/** What the schedule has done, where nobody works: jobs wait. */
const giveTurns = () => {
  const { action, run } = goingOn.jobs.find(({ name }) => name === "signalFeeds.pollDue") as AnyJob;
  const turns = task({
    name: "signalFeeds.pollDue",
    action,
    quiet: true,
    run: (ctx, at: At) => run(ctx, {}, at, null),
  });
  return here.server.kernel.perform(turns, onOf(at), { id: crypto.randomUUID(), position: null });
};

let feeds = 0;
async function feedOf(page: Page, more: object = {}, by = api) {
  feeds += 1;
  const said = { name: "Weather", source: `wx-${feeds}`, url: page.url, everyMinutes: 5, classification: "internal" };
  return (await by.post("/signal-feeds", { ...said, ...more })).body;
}
const read = async (id: string) => (await api.get(`/signal-feeds/${id}`)).body;
const signals = async (by = api) => (await by.get("/signals?limit=100")).body.items;
const titles = async (by = api) => (await signals(by)).map(({ title }: { title: string }) => title).sort();
const trail = async () =>
  (await at.trail()).filter(
    ({ resource_type, actor_kind }) => resource_type === "signal_feed" && actor_kind === "system",
  );
const told = async () =>
  (
    await owner`select name, payload, classification from outbox where tenant_id = ${at.tenantId} and name like 'signal_feed.%' order by seq`
  ).map((row) => ({ ...row }));

const siren = (n: number | string, headline = `Siren ${n}`, parts: Record<string, string> = {}) =>
  alertXml({ identifier: `siren-${n}`, ...parts }, infoXml({ headline }));
const several = (...alerts: string[]) => `<alerts>${alerts.join("")}</alerts>`;
/** Has a document, and says so to who has it already. */
const named =
  (etag: string, body: string): Answer =>
  (response, request) =>
    request.headers["if-none-match"] === etag
      ? response.writeHead(304).end()
      : response.writeHead(200, { etag }).end(body);

describe("a feed", () => {
  test("is asked when its time has come, and brings its signals in as alerts", async () => {
    await using _worker = await run();
    const page = there.at(named('"1"', siren(1)));
    const { id, source } = await feedOf(page, { entityId: at.entities.company });
    await turn();
    const [signal, ...others] = await signals();
    expect(others).toEqual([]);
    expect(signal).toMatchObject({
      title: "Siren 1",
      source,
      classification: "internal",
      entityId: at.entities.company,
    });
    expect((await api.get(`/signals/alerts?signalId=${signal.id}`)).body.items).toMatchObject([
      { identifier: "siren-1", source },
    ]);
    const now = inMinutes(0);
    expect(await read(id)).toMatchObject({
      askedAt: now,
      lastGoodAt: now,
      lastError: null,
      failures: 0,
      nextAt: inMinutes(5),
      version: 1,
    });
  });

  test("is asked again after its while, and for what has changed alone: unchanged, it writes nothing", async () => {
    await using _worker = await run();
    const page = there.at(named('"1"', siren(1)));
    const { id } = await feedOf(page);
    await turn();
    const before = await at.trail();
    await turn(4);
    expect(page.asked).toHaveLength(1);
    await turn(1);
    expect(page.asked.map((headers) => headers["if-none-match"])).toEqual([undefined, '"1"']);
    expect(await read(id)).toMatchObject({ lastGoodAt: inMinutes(0), nextAt: inMinutes(5), version: 1 });
    expect(await at.trail()).toEqual(before);
    expect(await told()).toEqual([]);
  });

  test("that has changed updates its signals", async () => {
    await using _worker = await run();
    const page = there.at(named('"1"', siren(1)));
    await feedOf(page);
    await turn();
    const [{ id }] = await signals();
    const references = "duty@example.com,siren-1,2026-11-03T08:00:00+04:00";
    const parts = { msgType: "Update", sent: "2026-11-03T09:00:00+04:00", references };
    page.answer = named('"2"', several(siren(1), siren(2, "Siren 1, louder", parts), siren(3)));
    await turn(5);
    expect(await titles()).toEqual(["Siren 1, louder", "Siren 3"]);
    expect((await api.get(`/signals/${id}`)).body).toMatchObject({ title: "Siren 1, louder", version: 2 });
    await turn(5);
    expect(page.asked.at(-1)?.["if-none-match"]).toBe('"2"');
  });

  test("may be empty", async () => {
    await using _worker = await run();
    const { id } = await feedOf(
      there.at(document('<feed xmlns="http://www.w3.org/2005/Atom"><title>Quiet</title></feed>')),
    );
    await turn();
    expect(await read(id)).toMatchObject({ lastGoodAt: inMinutes(0), lastError: null });
    expect(await signals()).toEqual([]);
  });

  test("leaves out what begins below its least severity", async () => {
    await using _worker = await run();
    const minor = alertXml({ identifier: "siren-2" }, infoXml({ severity: "Minor", headline: "Siren 2" }));
    await feedOf(there.at(document(several(siren(1), minor))), { leastSeverity: "severe" });
    await turn();
    expect(await titles()).toEqual(["Siren 1"]);
  });

  test("is asked now by who may have it asked", async () => {
    await using _worker = await run();
    const page = there.at(document(siren(1)));
    const { id } = await feedOf(page);
    const { body } = await api.post(`/signal-feeds/${id}/poll`);
    await here.until(uuidOf(body.jobId), { state: "done" });
    expect(page.asked).toHaveLength(1);
    expect(await titles()).toEqual(["Siren 1"]);
    expect(await read(id)).toMatchObject({ askedAt: inMinutes(0), nextAt: inMinutes(5) });
  });

  test("is not asked while it is switched off, nor when it was deleted; its signals stay", async () => {
    await using _worker = await run();
    const page = there.at(document(siren(1)));
    const { id } = await feedOf(page);
    await turn();
    await api.patch(`/signal-feeds/${id}`, { version: 1, enabled: false });
    await turn(60);
    expect(page.asked).toHaveLength(1);
    await api.patch(`/signal-feeds/${id}`, { version: 2, enabled: true });
    await turn();
    expect(page.asked).toHaveLength(2);
    await api.post(`/signal-feeds/${id}/delete`, { version: 3 });
    await turn(60);
    expect(page.asked).toHaveLength(2);
    expect(await titles()).toEqual(["Siren 1"]);
  });

  test("of one organisation brings nothing to another, also at the same address and under the same source", async () => {
    await using _worker = await run();
    const other = await here.place();
    const theirs = restClient(here.server.url, await other.key());
    const [page, apart] = [there.at(document(siren(1))), there.at(document(siren(2)))];
    await feedOf(page, { source: "same" });
    await feedOf(page, { source: "same", classification: "public" }, theirs);
    await feedOf(apart, {}, theirs);
    await turn();
    expect(page.asked).toHaveLength(2);
    expect(await titles()).toEqual(["Siren 1"]);
    expect(await titles(theirs)).toEqual(["Siren 1", "Siren 2"]);
    expect((await signals())[0].classification).toBe("internal");
  });
});

describe("a feed that fails", () => {
  test("is asked twice as late each time, told once, and keeps what it brought; told again when it recovers", async () => {
    await using _worker = await run();
    const page = there.at(named('"1"', siren(1)));
    const { id } = await feedOf(page);
    await turn();
    const lastGoodAt = inMinutes(0);
    page.answer = document("", {}, 500);
    for (const [n, wait] of [5, 10, 20, 40].entries()) {
      await turn(wait);
      expect(await read(id)).toMatchObject({
        ...{
          lastGoodAt,
          askedAt: inMinutes(0),
          lastError: "unexpected_answer",
          failures: n + 1,
          nextAt: inMinutes(wait * 2),
        },
      });
    }
    expect(await titles()).toEqual(["Siren 1"]);
    const failed = { name: "signal_feed.failed", payload: { id }, classification: "internal" };
    expect(await told()).toEqual([failed]);
    page.answer = named('"1"', siren(1));
    await turn(80);
    expect(page.asked.at(-1)?.["if-none-match"]).toBe('"1"');
    expect(await read(id)).toMatchObject({
      lastGoodAt: inMinutes(0),
      lastError: null,
      failures: 0,
      nextAt: inMinutes(5),
    });
    expect(await told()).toEqual([failed, { ...failed, name: "signal_feed.recovered" }]);
    expect(await trail()).toMatchObject([
      { resource_id: uuidOf(id), action: "signal_feed.poll", reason: "unexpected_answer", actor_kind: "system" },
      { resource_id: uuidOf(id), action: "signal_feed.poll", reason: null },
    ]);
  });

  test.each([
    [5, 50, "30", 360],
    [720, 1, "30", 720],
    [1440, 9, "30", 1440],
    [5, 0, "7200", 120],
    [5, 0, "999999999", 1440],
  ])(
    "every %i minutes, after %i failures, told to wait %s s: is asked after %i minutes",
    async (everyMinutes, failures, wait, minutes) => {
      await using _worker = await run();
      const { id } = await feedOf(there.at(document("", { "retry-after": wait }, 503)), { everyMinutes });
      await owner`update signal_feeds set failures = ${failures} where id = ${uuidOf(id)}`;
      await turn();
      expect(await read(id)).toMatchObject({ failures: failures + 1, nextAt: inMinutes(minutes) });
    },
  );

  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join("");
  const hostile = {
    "cut in the middle of a second alert": several(siren(1), siren(2)).slice(0, -60),
    "a page": "<!doctype html><html><body>Sign in</body></html>",
    "no XML": "404 not found",
    nothing: "",
    "a bomb of entities": `<!DOCTYPE alerts [<!ENTITY e0 "boom">${entities}]>${several(siren(1), siren("&e9;"))}`,
    "a file of ours": `<!DOCTYPE alerts [<!ENTITY x SYSTEM "file:///etc/passwd">]>${several(siren(1), siren("&x;"))}`,
    "too deep": `${"<a>".repeat(1000)}${siren(1)}${"</a>".repeat(1000)}`,
    "too many": several(...Array.from({ length: 1001 }, (_, n) => siren(n))),
    "none that can be taken": several(alertXml({ identifier: null }), alertXml({ sent: "yesterday" }, infoXml())),
    "no text of any encoding": Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x3c]),
  };
  test("unreadable: brings nothing, not even half of it, whatever it is", async () => {
    await using _worker = await run();
    const made = await Promise.all(
      Object.entries(hostile).map(async ([what, body]) => ({ what, id: (await feedOf(there.at(document(body)))).id })),
    );
    await turn();
    for (const { id, what } of made) expect([what, (await read(id)).lastError]).toEqual([what, "unreadable"]);
    expect(await signals()).toEqual([]);
    expect((await told()).filter(({ name }) => name === "signal_feed.failed")).toHaveLength(made.length);
  });

  test("in one of its alerts brings the others", async () => {
    await using _worker = await run();
    const { id } = await feedOf(
      there.at(document(several(siren(1), alertXml({ sent: "yesterday" }, infoXml()), siren(2)))),
    );
    await turn();
    expect(await titles()).toEqual(["Siren 1", "Siren 2"]);
    expect(await read(id)).toMatchObject({ lastError: null });
  });

  test("address_refused, unresolved, timed_out, unreachable, too_many_redirects: says which", async () => {
    await using _worker = await run();
    const loop = there.at(() => {});
    loop.answer = document("", { location: loop.path }, 302);
    const cases = {
      address_refused: there.at(document("", { location: "https://169.254.169.254/" }, 302)),
      unresolved: { ...loop, url: "https://nobody.example/" },
      timed_out: there.at(() => {}),
      unreachable: there.at(({ socket }) => socket?.destroy()),
      too_many_redirects: loop,
    };
    const made = await Promise.all(
      Object.entries(cases).map(async ([code, page]) => ({ code, id: (await feedOf(page)).id })),
    );
    await turn();
    for (const { id, code } of made) expect((await read(id)).lastError).toBe(code);
  });

  test("classification_unknown: its level is gone, and nothing is written below another", async () => {
    await using _worker = await run();
    const { id } = await feedOf(there.at(document(siren(1))), { classification: "confidential" });
    await owner`update organisations set settings = jsonb_set(settings, '{classifications}', (settings->'classifications') - 2) where id = ${at.tenantId}`;
    await turn(2);
    expect(await owner`select last_error, failures from signal_feeds where id = ${uuidOf(id)}`).toEqual([
      { last_error: "classification_unknown", failures: 1 },
    ]);
    expect(await owner`select 1 from signals where tenant_id = ${at.tenantId}`).toEqual([]);
  });
});

describe("a feed that changes while it is asked", () => {
  /** An answer that waits until it is let. */
  const held = (answer: Answer) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const page = there.at(async (response, request) => {
      await promise;
      answer(response, request);
    });
    return { page, let: () => resolve() };
  };
  const beingAsked = (page: Page) =>
    vi.waitFor(() => expect(page.asked.length).toBeGreaterThan(0), { timeout: 20_000 });
  const settled = () => vi.waitFor(async () => expect(await undone()).toEqual([]), { timeout: 20_000, interval: 50 });

  test("its address: what the old one says is dropped, and the new one is asked soon", async () => {
    await using _worker = await run();
    const [old, page] = [held(document(siren(1), { etag: '"old"' })), there.at(document(siren(2)))];
    const { id } = await feedOf(old.page);
    await ticked();
    await beingAsked(old.page);
    const moved = (await api.patch(`/signal-feeds/${id}`, { version: 1, url: page.url })).body;
    old.let();
    await settled();
    expect(await read(id)).toEqual(moved);
    await turn();
    expect(page.asked[0]).not.toHaveProperty("if-none-match");
    expect(await titles()).toEqual(["Siren 2"]);
  });

  test("its place: 'unchanged' says nothing about signals that were elsewhere, and it is asked anew", async () => {
    await using _worker = await run();
    const { page, let: go } = held(named('"1"', siren(1)));
    const { id } = await feedOf(page);
    await owner`update signal_feeds set etag = '"1"' where id = ${uuidOf(id)}`;
    await ticked();
    await beingAsked(page);
    const moved = (await api.patch(`/signal-feeds/${id}`, { version: 1, classification: "public" })).body;
    go();
    await settled();
    expect(await read(id)).toEqual(moved);
    await turn();
    expect((await signals())[0]).toMatchObject({ title: "Siren 1", classification: "public" });
  });

  test("its address, while a turn of what it was waits: the new one doesn't wait behind it", async () => {
    const [old, page] = [there.at(document(siren(1))), there.at(document(siren(2)))];
    const { id } = await feedOf(old);
    await giveTurns();
    await api.patch(`/signal-feeds/${id}`, { version: 1, url: page.url });
    await giveTurns();
    expect(await here.rows(at)).toHaveLength(2);
    await using _worker = await run();
    await settled();
    expect(page.asked).toHaveLength(1);
    expect(await titles()).toEqual(["Siren 2"]);
  });

  test("switched off or deleted: what it says is dropped", async () => {
    await using _worker = await run();
    const [one, other] = [held(document(siren(1))), held(document(siren(2)))];
    const [off, gone] = [await feedOf(one.page), await feedOf(other.page)];
    await ticked();
    await Promise.all([beingAsked(one.page), beingAsked(other.page)]);
    await api.patch(`/signal-feeds/${off.id}`, { version: 1, enabled: false });
    await api.post(`/signal-feeds/${gone.id}/delete`, { version: 1 });
    for (const { let: go } of [one, other]) go();
    await settled();
    expect(await signals()).toEqual([]);
    expect(await read(off.id)).toMatchObject({ askedAt: null, nextAt: null });
  });
});

describe("several workers", () => {
  test("give a feed one turn, also where they do it at once or it has one already", async () => {
    const { id } = await feedOf(there.at(document(siren(1))));
    await Promise.all(Array.from({ length: 5 }, giveTurns));
    expect(await here.rows(at)).toHaveLength(1);
    await owner`update signal_feeds set next_at = ${new Date(time)} where id = ${uuidOf(id)}`;
    await giveTurns();
    expect(await here.rows(at)).toHaveLength(1);
    await using _worker = await run();
    await here.until((await here.rows(at))[0]?.id, { state: "done" });
  });

  test("ask each feed once in each of its turns", async () => {
    await using _one = await run();
    await using _two = await run();
    const pages = Array.from({ length: 12 }, (_, n) => there.at(document(siren(n))));
    for (const page of pages) await feedOf(page);
    await turn();
    expect(pages.map(({ asked }) => asked.length)).toEqual(pages.map(() => 1));
    await turn(5);
    expect(pages.map(({ asked }) => asked.length)).toEqual(pages.map(() => 2));
    expect(await signals()).toHaveLength(12);
  });

  test("one that is killed while it asks: another one asks again, and it is taken in once", async () => {
    const worker = program(`
      import { feeds } from "@dais/adapters/feeds";
      import { readConfig } from "@dais/api/config";
      import { logger } from "@dais/api/log";
      import { server } from "@dais/api/server";
      import { startJobs } from "@dais/jobs/start";
      import { background } from "@dais/modules";
      const sources = { now: () => new Date(), random: (n) => crypto.getRandomValues(new Uint8Array(n)) };
      const connection = ${JSON.stringify(here.connection)};
      const log = logger("silent");
      const { kernel, app } = await server({ config: readConfig({ PORT: "0" }), connection, cursorKey: new Uint8Array(32), sources, log });
      const hosts = { allowed: ["dais"], plainHere: false, ca: ${JSON.stringify(there.pem)}, resolve: async () => ["127.0.0.1"] };
      const { jobs } = background({ fetchFeed: feeds({ ...hosts, now: sources.now }), print: () => Promise.reject(new Error("nothing is printed here")) });
      await startJobs({ connection, kernel, app, jobs, schedules: [], sources, log, pace: { poll: 0.5, supervise: 1, cron: 1 } });
      console.log("works");
    `);
    expect(await worker.line()).toBe("works");
    const page = there.at(() => {});
    const { id } = await feedOf(page);
    const jobId = uuidOf((await api.post(`/signal-feeds/${id}/poll`)).body.jobId);
    await vi.waitFor(() => expect(page.asked).toHaveLength(1), { timeout: 20_000 });
    worker.kill("SIGKILL");
    await worker.end;
    page.answer = document(siren(1));
    // Without schedules: by the clock the feed is due as well, at the next full minute.
    const another = await here.work(goingOn.jobs);
    await using _another = { [Symbol.asyncDispose]: another.stop };
    await owner`update dais_jobs.job set started_on = started_on - interval '1 hour' where data->>'job' = ${jobId}`;
    const [row] = await owner`select run from jobs where id = ${jobId}`;
    const waiting = () =>
      owner`update dais_jobs.job set start_after = now() where id = ${row?.run} and state = 'retry' returning id`;
    await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 20_000, interval: 100 });
    await here.until(jobId, { state: "done", attempts: 2 });
    expect(page.asked).toHaveLength(2);
    expect(await titles()).toEqual(["Siren 1"]);
    expect((await at.trail()).filter(({ event }) => event === "ingest")).toHaveLength(1);
  });
});
