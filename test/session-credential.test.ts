import { randomBytes } from "node:crypto";
import { logger } from "@dais/api/log";
import { alone } from "@dais/api/start/alone";
import { sessionHash } from "@dais/kernel/sessions";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { type Identity, startIdentity } from "./support/identity.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { proxy, type Wire } from "./support/proxy.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { begin, urlOfDatabase } from "./support/started.ts";
import { atCallback, html, inSession, json, session, sessionCookie, visit } from "./support/visits.ts";

const minute = 60_000;
const hour = 60 * minute;
let here: Identity;
beforeAll(async () => {
  here = await startIdentity();
});
const status = async (text: string) => (await inSession(here, text).get("/me")).status;

describe("a cookie", () => {
  test("of one organisation's session reads nothing of another's", async () => {
    const [one, other] = [await place(), await place()];
    const [sara, target] = [await one.person(), await other.person({ name: "Target" })];
    const text = (await sara.session()).slice("session:".length);
    const api = inSession(here, text);
    expect((await api.get("/me")).body.tenant.slug).toBe(one.slug);
    expect(await api.get(`/people/${target.id}`)).toMatchObject({ status: 404, body: { code: "person_not_found" } });
    const { items } = (await api.get("/people")).body;
    expect(items.map(({ id }: { id: string }) => id)).toEqual([sara.id]);
  });

  test("forged, cut, lengthened, encoded or repeated opens nothing", async () => {
    const { text } = await session(here);
    const other = (await session(here)).text;
    const flipped = `${text.slice(0, -2)}${text.at(-2) === "A" ? "B" : "A"}${text.at(-1)}`;
    const cookies = [
      ...[flipped, text.slice(0, -1), `${text}A`, `${text}=`, `"${text}"`, ` ${text}x`, text.toLowerCase() + text].map(
        (value) => `${sessionCookie}=${value}`,
      ),
      `${sessionCookie}=${"A".repeat(8000)}`,
      `${sessionCookie}=`,
      `${sessionCookie}`,
      `${sessionCookie}=%00${text}`,
      `${sessionCookie}=../${text}`,
      `${sessionCookie.toLowerCase()}=${text}`,
      `x${sessionCookie}=${text}`,
      `dais_session=${text}`,
      `${sessionCookie}=${text}; ${sessionCookie}=${other}`,
      `${sessionCookie}=${other}; a=b; ${sessionCookie}=${text}`,
      `${sessionCookie}=x; ${sessionCookie}=${text}`,
    ];
    for (const cookie of cookies) {
      const answer = await visit(`${here.url}/v1/me`, { headers: { cookie } });
      expect([cookie.slice(0, 80), answer.status, JSON.parse(answer.body).code]).toEqual([
        cookie.slice(0, 80),
        401,
        "unauthenticated",
      ]);
      expect(answer.body).not.toContain(text);
    }
    const among = `a=%zz; ${sessionCookie}=${text}; b=c`;
    expect((await visit(`${here.url}/v1/me`, { headers: { cookie: among } })).status).toBe(200);
  });

  test("beside an Authorization counts for nothing, whatever the Authorization is worth", async () => {
    const { text } = await session(here);
    const key = await here.place.key();
    const both = async (authorization: string) => {
      const headers = { cookie: `${sessionCookie}=${text}`, authorization, origin: here.url };
      const answer = await visit(`${here.url}/v1/me`, { headers });
      return [answer.status, JSON.parse(answer.body).actor?.kind ?? null];
    };
    expect(await both(`Bearer ${key}`)).toEqual([200, "client"]);
    for (const bad of ["Bearer nonsense", `Basic ${btoa("a:b")}`, "", `Bearer ${key} ${key}`])
      expect([bad, await both(bad)]).toEqual([bad, [401, null]]);
  });

  test("a session's text is no key, and a key's is no session, also where the other has just been served", async () => {
    const { text } = await session(here);
    const key = await here.place.key();
    const asKey = () => visit(`${here.url}/v1/me`, { headers: { authorization: `Bearer ${text}` } });
    const asCookie = () => visit(`${here.url}/v1/me`, { headers: { cookie: `${sessionCookie}=${key}` } });
    for (let round = 0; round < 2; round += 1) {
      expect(await status(text)).toBe(200);
      expect((await visit(`${here.url}/v1/me`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
      expect([(await asKey()).status, (await asCookie()).status]).toEqual([401, 401]);
    }
  });
});

describe("a session as a credential", () => {
  test("200: a person reads with what the roles allow", async () => {
    const person = await here.place.person({ roles: ["executive"] });
    const api = restClient(here.url, await person.session());
    expect(await api.get("/organisations/current")).toMatchObject({ status: 200, body: { slug: here.place.slug } });
    expect(await api.get("/api-keys")).toMatchObject({ status: 403, body: { permission: "api_key.read" } });
  });
});

describe("a session's end", () => {
  let time = 0;
  const now = () => new Date(Date.now() + time);
  afterEach(() => {
    time = 0;
  });

  test.each([
    ["in memory", null],
    ["in Redis", undefined],
  ])("comes after twelve hours, however busy it is (%s)", async (_, redis) => {
    const { url, sessions } = await startServer({ ...(redis === null && { redis }), sources: { now } });
    const api = restClient(url, await (await here.place.person()).session({ sessions }));
    for (; time < 12 * hour - minute; time += 25 * minute) expect((await api.get("/me")).status).toBe(200);
    time = 12 * hour - minute;
    expect((await api.get("/me")).status).toBe(200);
    time = 12 * hour + 1000;
    expect(await api.get("/me")).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect((await api.get("/me")).headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  test("comes after thirty minutes without use; each use counts, on whatever face (in memory)", async () => {
    const { url, sessions } = await startServer({ redis: null, sources: { now } });
    const text = await (await here.place.person()).session({ sessions });
    const api = restClient(url, text);
    const cookie = `${sessionCookie}=${text.slice("session:".length)}`;
    time += 29 * minute;
    expect((await api.get("/me")).status).toBe(200);
    time += 29 * minute;
    expect((await visit(`${url}/trpc/me.get?input=%7B%7D`, { headers: { cookie } })).status).toBe(200);
    time += 29 * minute;
    expect((await visit(`${url}/session`, { headers: { cookie } })).status).toBe(200);
    time += 30 * minute + 1000;
    expect((await api.get("/me")).status).toBe(401);
  });

  test("comes after thirty minutes without use, by Redis' own clock", async () => {
    const redis = new Redis(inject("redis"));
    const text = (await (await here.place.person()).session()).slice("session:".length);
    const key = `dais:session:${sessionHash(text)}`;
    await redis.pexpire(key, 10 * minute);
    expect(await status(text)).toBe(200);
    const left = await redis.pttl(key);
    expect(left).toBeGreaterThan(29 * minute);
    expect(left).toBeLessThanOrEqual(30 * minute);
    await redis.pexpire(key, 1);
    await expect.poll(() => redis.exists(key)).toBe(0);
    expect(await status(text)).toBe(401);
    redis.disconnect();
  });

  test("is a setting", async () => {
    const env = { SESSION_IDLE_MINUTES: "5" };
    const { url, sessions } = await startServer({ redis: null, env, sources: { now } });
    const api = restClient(url, await (await here.place.person()).session({ sessions }));
    time = 4 * minute;
    expect((await api.get("/me")).status).toBe(200);
    time += 5 * minute + 1000;
    expect((await api.get("/me")).status).toBe(401);
  });
});

describe("on every process, with the next call", () => {
  let urls: string[];
  let home: Place;
  let boss: RestClient;
  beforeAll(async () => {
    urls = [(await startServer()).url, (await startServer()).url];
    home = await place();
    boss = restClient(urls[0] as string, await (await home.person()).session({ proven: true }));
  });
  const everywhere = (credential: string) => urls.map((url) => restClient(url, credential));
  /** What each process answers. All of them remember the session from here on. */
  const all = async (credential: string, path = "/me") =>
    Promise.all(everywhere(credential).map(async (api) => (await api.get(path)).status));
  const own = async (credential: string, url = urls[0] as string) =>
    (await restClient(url, credential).get("/me")).body.session.id as string;

  test("sessions.revoke ends one, and no other", async () => {
    const person = await home.person({ roles: [] });
    const [one, two] = [await person.session(), await person.session()];
    for (const text of [one, two, one, two]) expect(await all(text)).toEqual([200, 200]);
    const revoked = await restClient(urls[1] as string, two).post(`/sessions/${await own(one)}/revoke`);
    expect(revoked.status).toBe(200);
    expect([await all(one), await all(two)]).toEqual([
      [401, 401],
      [200, 200],
    ]);
  });

  test("sessions.revokeAll ends the others, or all", async () => {
    const person = await home.person({ roles: [] });
    const [one, two, three] = [await person.session(), await person.session(), await person.session()];
    for (const text of [one, two, three]) expect(await all(text)).toEqual([200, 200]);
    const api = restClient(urls[0] as string, one);
    expect((await api.post("/sessions/revoke-all", {})).body).toEqual({ changed: true, ended: 2 });
    expect([await all(one), await all(two), await all(three)]).toEqual([
      [200, 200],
      [401, 401],
      [401, 401],
    ]);
    expect((await api.post("/sessions/revoke-all", { includingThis: true })).body.ended).toBe(1);
    expect(await all(one)).toEqual([401, 401]);
  });

  test("nobody ends another person's", async () => {
    const [one, other] = [await (await home.person()).session(), await (await home.person()).session()];
    const answer = await restClient(urls[0] as string, other).post(`/sessions/${await own(one)}/revoke`);
    expect(answer).toMatchObject({ status: 404, body: { code: "session_not_found" } });
    expect(await all(one)).toEqual([200, 200]);
  });

  test("people.signOut and people.disable end all of a person's", async () => {
    const person = await home.person({ roles: ["operational"] });
    const before = await person.session();
    expect(await all(before)).toEqual([200, 200]);
    expect((await boss.post(`/people/${person.id}/sign-out`)).status).toBe(200);
    expect(await all(before)).toEqual([401, 401]);
    const again = await person.session();
    expect(await all(again)).toEqual([200, 200]);
    expect((await boss.post(`/people/${person.id}/disable`, { reason: "Left the company." })).status).toBe(200);
    expect(await all(again)).toEqual([401, 401]);
    expect(await all(await person.session())).toEqual([401, 401]);
  });

  test("a role that is given or taken holds", async () => {
    const person = await home.person({ roles: [] });
    const text = await person.session();
    expect(await all(text, "/signals")).toEqual([403, 403]);
    expect((await boss.post(`/people/${person.id}/grant-role`, { role: "executive" })).status).toBe(200);
    expect(await all(text, "/signals")).toEqual([200, 200]);
    expect((await boss.post(`/people/${person.id}/revoke-role`, { role: "executive" })).status).toBe(200);
    expect(await all(text, "/signals")).toEqual([403, 403]);
  });

  test("a clearance that is set holds", async () => {
    const person = await home.person({ roles: ["executive"], clearance: "public" });
    const text = await person.session();
    const clearances = () =>
      Promise.all(everywhere(text).map(async (api) => (await api.get("/me")).body.clearance as string));
    expect(await clearances()).toEqual(["public", "public"]);
    const { version } = (await boss.get(`/people/${person.id}`)).body;
    const raised = await boss.post(`/people/${person.id}/set-clearance`, { version, clearance: "secret" });
    expect(raised.status).toBe(200);
    expect(await clearances()).toEqual(["secret", "secret"]);
    const lowered = { version: raised.body.version, clearance: "internal" };
    expect((await boss.post(`/people/${person.id}/set-clearance`, lowered)).status).toBe(200);
    expect(await clearances()).toEqual(["internal", "internal"]);
  });
});

describe("Redis", () => {
  const store = new URL(inject("redis"));
  const through = (to: { host: string; port: number }, database = "") =>
    Object.assign(new URL(store), { hostname: to.host, port: String(to.port), pathname: database }).href;
  const direct = { host: store.hostname, port: Number(store.port || 6379) };
  let wire: Wire;
  beforeAll(async () => {
    wire = await proxy(direct);
  });
  afterAll(() => wire.close());

  test("away: 503 for every session, known or not, and for every sign-in, never open; right again by itself", async () => {
    const own = await startIdentity({ server: { redis: through(wire) } });
    const { text, jar } = await session(own);
    const fresh = (await (await own.place.person()).session()).slice("session:".length);
    const { callback, jar: coming } = await atCallback(own);
    expect((await inSession(own, text).get("/me")).status).toBe(200);
    wire.cut();
    for (const one of [text, fresh, randomBytes(32).toString("base64url")]) {
      for (let round = 0; round < 2; round += 1) {
        const answer = await inSession(own, one).get("/me");
        expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      }
    }
    for (const url of [`${own.url}/auth/sign-in`, callback.href, `${own.url}/auth/step-up`]) {
      const answer = await visit(url, { jar: coming, headers: json });
      expect([answer.status, answer.cookies]).toEqual([503, []]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    const page = await visit(`${own.url}/session`, { jar, headers: html });
    expect([page.status, page.headers.get("content-type")]).toEqual([503, "text/html; charset=utf-8"]);
    wire.mend();
    await expect.poll(async () => (await inSession(own, text).get("/me")).status, { timeout: 20_000 }).toBe(200);
    expect((await inSession(own, fresh).get("/me")).status).toBe(200);
    expect((await visit(callback.href, { jar: coming })).status).toBe(303);
  });

  test("emptied: 401 for every session, and a new sign-in works", async () => {
    // A database of its own, so that the loss is nobody else's.
    const redis = new Redis(through(direct, "/7"));
    const own = await startIdentity({ server: { redis: through(direct, "/7") } });
    const { text } = await session(own);
    expect((await inSession(own, text).get("/me")).status).toBe(200);
    await redis.flushdb();
    for (let round = 0; round < 2; round += 1) expect((await inSession(own, text).get("/me")).status).toBe(401);
    expect((await (await session(own)).api.get("/me")).status).toBe(200);
    await redis.flushdb();
    redis.disconnect();
  });
});

describe("processes beside each other", () => {
  const log = logger("silent");
  const connection = inject("login");
  afterEach(cleanUp);
  const refusal = (shared: boolean) =>
    alone(connection, shared, log).then(
      () => null,
      (error: Error) => error.message,
    );

  test("a process with its own memory is the only one; those that share a Redis may be many", async () => {
    const leave = await alone(connection, false, log);
    expect(await refusal(false)).toContain("Another process serves this database. Set REDIS_URL for both");
    expect(await refusal(true)).toContain("A process without Redis serves this database");
    await leave();
    const sharing = await Promise.all([alone(connection, true, log), alone(connection, true, log)]);
    expect(await refusal(false)).toContain("Another process serves this database");
    for (const go of sharing) await go();
    await (await alone(connection, false, log))();
  });

  test("it takes its place again when the connection was cut", async () => {
    const leave = await alone(connection, false, log);
    const held = () => asOwner()`select pid from pg_stat_activity a join pg_locks l using (pid)
      where application_name = 'dais place' and locktype = 'advisory' and datname = ${connection.database}`;
    const [before] = await held();
    await asOwner()`select pg_terminate_backend(${before?.pid})`;
    await expect.poll(async () => (await held())[0]?.pid ?? before?.pid, { timeout: 40_000 }).not.toBe(before?.pid);
    expect(await refusal(false)).toContain("Another process serves this database");
    await leave();
  });

  test("npm start beside another refuses, with a sentence and 1", async () => {
    const leave = await alone(connection, false, log);
    const second = begin(scratchFolder(), "apps/api/main.ts", { DATABASE_URL: urlOfDatabase(connection) });
    expect(await second.end).toBe(1);
    expect(second.said()).toMatch(/^Another process serves this database\. Set REDIS_URL for both, .+\.\n$/);
    await leave();
  });
});
