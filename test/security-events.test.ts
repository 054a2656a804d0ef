import { generateKeyPairSync } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Bearer, knownPerson, letIn, startBearer } from "./support/bearer.ts";
import { somebody } from "./support/identity.ts";
import { otherTid } from "./support/issuer.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

const caep = "https://schemas.openid.net/secevent/caep/event-type/";
const revoked = `${caep}session-revoked`;
const changed = `${caep}credential-change`;
const audience = "https://dais.example/events";

let here: Bearer;
let layla: Person;
let issuer: string;
let transmitter: string;
let people: { who: string; oid: string }[];
let turn = 0;

beforeAll(async () => {
  people = Array.from({ length: 20 }, (_, n) => ({ who: `Person Number ${n + 10}`, oid: crypto.randomUUID() }));
  const given = people.map(({ who, oid }) => somebody({ name: who, oid, preferredUsername: `p${oid}@rimal.example` }));
  here = await startBearer({
    people: given,
    transmits: (url) => ({ SSF_TRANSMITTER: url, SSF_AUDIENCE: audience }),
  });
  issuer = here.issuer.issuerOf(here.tid);
  transmitter = issuer;
  await letIn(here, here.program);
});
let token: string;
let session: string;
beforeEach(async () => {
  const { who, oid } = people[turn++ % people.length] as { who: string; oid: string };
  layla = await knownPerson(here, oid);
  token = await here.persons({ presses: [who] });
  session = await layla.session();
});

const now = () => Math.floor(Date.now() / 1000);
const honest = (over: JWTPayload = {}): JWTPayload => ({
  iss: transmitter,
  aud: audience,
  iat: now(),
  jti: crypto.randomUUID(),
  sub_id: { format: "iss_sub", iss: issuer, sub: layla.oid },
  events: { [revoked]: { event_timestamp: now(), reason_admin: { en: "Policy" } } },
  ...over,
});
const signed = (claims: JWTPayload, header: object = {}) =>
  here.issuer.sign(claims, { typ: "secevent+jwt", ...header });
const push = async (body: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${here.url}/auth/security-events`, {
    method: "POST",
    headers: { "content-type": "application/secevent+jwt", accept: "application/json", ...headers },
    body,
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text), headers: response.headers };
};
const tell = async (over: JWTPayload = {}) => push(await signed(honest(over)));
const status = async (credential: string) => (await restClient(here.url, credential).get("/me")).status;
const out = async () => [await status(session), await status(token)];
const entries = async () =>
  (await here.place.trail(layla.uuid)).filter(({ operation }) => operation === "sessions.securityEvent");

describe("a security event that is pushed (RFC 8935)", () => {
  test("202: session-revoked: sessions and tokens of the person are over, on record, and a new sign-in is good", async () => {
    expect(await out()).toEqual([200, 200]);
    expect(await tell()).toMatchObject({ status: 202, body: null });
    expect(await out()).toEqual([401, 401]);
    expect(await entries()).toMatchObject([
      {
        actor_kind: "system",
        action: "session.end",
        changed: true,
        reason: expect.stringContaining("session was revoked"),
      },
    ]);
    expect(await status(await layla.session())).toBe(200);
  });

  test("202: credential-change: the same, but for one that was added, which is noted", async () => {
    const change = (change_type: string) =>
      tell({ events: { [changed]: { credential_type: "password", change_type } } });
    expect((await change("create")).status).toBe(202);
    expect(await out()).toEqual([200, 200]);
    expect(await entries()).toMatchObject([{ changed: false }]);
    expect((await change("update")).status).toBe(202);
    expect(await out()).toEqual([401, 401]);
  });

  test("202: by the name that the issuer has for us, as sessions know it", async () => {
    const subject = `pairwise-${crypto.randomUUID()}`;
    const known = await here.server.sessions.list({ tenantId: here.place.tenantId, personId: layla.id });
    expect(known).toHaveLength(1);
    const text = await here.server.sessions.open(
      { ...known[0], id: `${layla.id.replace("per", "ses")}`, issuer, subject } as never,
      null,
    );
    const named = `session:${text}`;
    expect(await status(named)).toBe(200);
    expect((await tell({ sub_id: { format: "iss_sub", iss: issuer, sub: subject } })).status).toBe(202);
    expect(await status(named)).toBe(401);
    expect(await status(token)).toBe(401);
  });

  test("202: one session of the issuer's only, and whatever tokens there were", async () => {
    const sid = `sid-${crypto.randomUUID()}`;
    const [known] = await here.server.sessions.list({ tenantId: here.place.tenantId, personId: layla.id });
    const text = await here.server.sessions.open(
      { ...known, id: `${layla.id.replace("per", "ses")}`, issuer, issuerSid: sid } as never,
      null,
    );
    const sub_id = {
      format: "complex",
      user: { format: "iss_sub", iss: issuer, sub: layla.oid },
      session: { format: "opaque", id: sid },
    };
    expect((await tell({ sub_id })).status).toBe(202);
    expect(await status(`session:${text}`)).toBe(401);
    expect(await out()).toEqual([200, 401]);
  });

  test("202: also with the subject within the event, as drafts had it", async () => {
    const subject = { format: "iss_sub", iss: issuer, sub: layla.oid };
    expect((await tell({ sub_id: undefined, events: { [revoked]: { subject } } })).status).toBe(202);
    expect(await out()).toEqual([401, 401]);
  });

  test("202 and nothing done: for whom nobody knows, and for events that mean nothing here", async () => {
    expect((await tell({ sub_id: { format: "iss_sub", iss: issuer, sub: crypto.randomUUID() } })).status).toBe(202);
    expect((await tell({ events: { [`${caep}token-claims-change`]: {} } })).status).toBe(202);
    expect(await out()).toEqual([200, 200]);
    expect(await entries()).toEqual([]);
  });

  test("202: delivered twice, it is done once", async () => {
    const one = await signed(honest());
    expect((await push(one)).status).toBe(202);
    const again = await layla.session();
    expect((await push(one)).status).toBe(202);
    expect(await status(again)).toBe(200);
    expect(await entries()).toHaveLength(1);
  });

  test("202: it works at once in another process, too", async () => {
    const { url } = await startServer({ env: { PUBLIC_URL: here.url } });
    const at = async () => (await restClient(url, session).get("/me")).status;
    expect(await at()).toBe(200);
    await tell();
    expect(await at()).toBe(401);
  });
});

describe("a security event that isn't taken", () => {
  const refused = (err: string) => ({ status: 400, body: { err, description: expect.any(String) } });

  test("400 with RFC 8935's codes, in JSON, and nobody is signed out", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const forged = await new SignJWT(honest())
      .setProtectedHeader({ alg: "RS256", typ: "secevent+jwt", kid: "x" })
      .sign(privateKey);
    const [head, body] = (await signed(honest())).split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "secevent+jwt" })).toString("base64url");
    const elsewhere = `${here.issuer.url}/${otherTid}/v2.0`;
    const of: [string, string][] = [
      ["invalid_key", forged],
      ["invalid_key", `${head}.${body}.AAAA`],
      ["invalid_request", `${none}.${body}.`],
      ["invalid_issuer", await signed(honest({ iss: elsewhere }))],
      ["invalid_issuer", await signed(honest({ iss: undefined }))],
      ["invalid_audience", await signed(honest({ aud: "https://somebody.example" }))],
      ["invalid_audience", await signed(honest({ aud: undefined }))],
      ["invalid_request", await signed(honest(), { typ: "JWT" })],
      ["invalid_request", await signed(honest({ jti: undefined }))],
      ["invalid_request", await signed(honest({ iat: undefined }))],
      ["invalid_request", await signed(honest({ iat: now() + 600 }))],
      ["invalid_request", await signed(honest({ iat: now() - 2 * 86_400 }))],
      ["invalid_request", await signed(honest({ events: undefined }))],
      ["invalid_request", await signed(honest({ events: {} }))],
      ["invalid_request", await signed(honest({ events: { [revoked]: "now" } }))],
      ["invalid_request", await signed(honest({ sub_id: undefined }))],
      ["invalid_request", await signed(honest({ sub_id: { format: "email", email: "layla@rimal.example" } }))],
      ["invalid_request", await signed(honest({ sub_id: { format: "iss_sub", iss: elsewhere, sub: layla.oid } }))],
      ["invalid_request", await signed(honest({ sub_id: { format: "iss_sub", iss: issuer, sub: "a\0b" } }))],
      ["invalid_request", "garbage"],
      ["invalid_request", ""],
      ["invalid_request", "x".repeat(100_000)],
    ];
    for (const [n, [err, text]] of of.entries()) {
      const answer = await push(text);
      expect([n, answer.status, answer.body?.err]).toEqual([n, 400, err]);
      expect(answer.headers.get("content-type")).toBe("application/json");
    }
    expect(await push(await signed(honest()), { "content-type": "application/json" })).toMatchObject(
      refused("invalid_request"),
    );
    expect(await out()).toEqual([200, 200]);
    expect(await entries()).toEqual([]);
  });

  test("400: a token that was meant for something else: an access token, or a logout token", async () => {
    expect(await push(token)).toMatchObject({ status: 400 });
    const logout = { events: { "http://schemas.openid.net/event/backchannel-logout": {} } };
    expect(await push(await signed(honest(logout), { typ: "logout+jwt" }))).toMatchObject(refused("invalid_request"));
    expect(await status(session)).toBe(200);
  });

  test("503 while the transmitter's keys can't be had, so that it sends again", async () => {
    const there = await startBearer({ transmits: (url) => ({ SSF_TRANSMITTER: url }) });
    const at = there.issuer.issuerOf(there.tid);
    const claims = {
      ...honest(),
      iss: at,
      aud: there.url,
      sub_id: { format: "iss_sub", iss: at, sub: there.layla.oid },
    };
    const body = await there.issuer.sign(claims, { typ: "secevent+jwt" });
    const send = () =>
      fetch(`${there.url}/auth/security-events`, {
        method: "POST",
        headers: { "content-type": "application/secevent+jwt" },
        body,
      });
    there.issuer.pause();
    const answer = await send();
    expect([answer.status, Number(answer.headers.get("retry-after")) > 0]).toEqual([503, true]);
    there.issuer.resume();
    expect((await send()).status).toBe(202);
  });

  test("429: whoever sends nonsense for a while", async () => {
    const there = await startBearer({
      transmits: (url) => ({ SSF_TRANSMITTER: url, RATE_AUTH: "3" }),
      server: { redis: null },
    });
    const send = () =>
      fetch(`${there.url}/auth/security-events`, {
        method: "POST",
        headers: { "content-type": "application/secevent+jwt" },
        body: "x",
      });
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await send()).status);
    expect(statuses).toEqual([400, 400, 400, 429, 429]);
  });

  test("404 where no transmitter is configured, 405 for another method", async () => {
    const { url } = await startServer();
    expect((await fetch(`${url}/auth/security-events`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${here.url}/auth/security-events`)).status).toBe(405);
  });
});

test("a person of another organisation of the same directory is out there, too", async () => {
  const other = await place();
  await asOwner()`insert into directories (tid, tenant_id, makes_people) values (${here.tid}, ${other.tenantId}, false)`;
  const there = await other.person();
  await asOwner()`update people set tid = ${here.tid}, oid = ${layla.oid} where id = ${there.uuid}`;
  const theirs = await there.session();
  expect(await status(theirs)).toBe(200);
  await tell();
  expect([await status(theirs), ...(await out())]).toEqual([401, 401, 401]);
});
