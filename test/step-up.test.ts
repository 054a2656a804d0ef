import { randomBytes } from "node:crypto";
import { readConfig } from "@dais/api/config";
import { logger } from "@dais/api/log";
import { server } from "@dais/api/server";
import { contract, operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { sessionHash } from "@dais/kernel/sessions";
import { modules } from "@dais/modules";
import { decodeJwt, type JWTPayload } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { newBrowser, type Press } from "./support/browser.ts";
import { authorized } from "./support/credential.ts";
import { type Identity, somebody, startIdentity } from "./support/identity.ts";
import type { Jar } from "./support/jar.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { atCallback, inSession, json, layla, session, textIn, visit } from "./support/visits.ts";

const approve = "Approve on my phone";
const minute = 60_000;
let time = 0;
const now = () => new Date(Date.now() + time);

const admin = somebody({ name: "Sara Ahmed", preferredUsername: "sara@rimal.example", roles: ["admin"] });
let here: Identity;
beforeAll(async () => {
  here = await startIdentity({ people: [somebody(), admin], server: { redis: null, sources: { now } } });
});
afterEach(() => {
  here.issuer.tamper(null);
  time = 0;
});

/** An administrator who may give clearances, in a session without a second factor. */
async function signedInAdmin(presses: readonly Press[] = ["Sara Ahmed"], from?: string) {
  const { jar, browser } = await session(here, presses, from ? { from } : {});
  await asOwner()`update people set clearance = 'secret' where oid = ${admin.oid}`;
  const target = await here.place.person({ roles: [], clearance: "public" });
  const api = () => inSession(here, textIn(jar));
  const clear = async () => {
    const { version } = (await api().get(`/people/${target.id}`)).body;
    return api().post(`/people/${target.id}/set-clearance`, { version, clearance: "internal" });
  };
  const proven = async () => (await api().get("/me")).body.session?.provenAt;
  return { jar, browser, api, clear, proven, target };
}
const stepUp = (jar: Jar, presses: readonly Press[] = ["Sara Ahmed", approve], returnTo = "/v1/me") =>
  atCallback(here, presses, { jar, from: `/auth/step-up?returnTo=${encodeURIComponent(returnTo)}` });
const back = (callback: URL, jar: Jar) => visit(callback.href, { jar, headers: json });

describe("an operation that asks for more proof", () => {
  const asked = "people.setClearance";
  let url: string;
  let home: Place;
  let person: string;
  let key: string;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    // The same contract, but that the tool is there: no tool of today asks for a second factor.
    const shown = new Map<string, Operation>(operations);
    const operation = shown.get(asked) as Operation;
    shown.set(asked, { ...operation, meta: { ...operation.meta, mcp: true } });
    const started = await server({
      api: { contract, operations: shown, modules },
      config: readConfig({ PORT: "0", PUBLIC_URL: "http://dais.test", REDIS_URL: inject("redis") }),
      connection: inject("login"),
      cursorKey: new Uint8Array(32),
      sources: { now: () => new Date(), random: randomBytes },
      log: logger("silent"),
    });
    ({ url, stop } = started);
    home = await place();
    person = await (await home.person()).session();
    key = await home.key();
  });
  afterAll(() => stop());

  type Said = { status: number; code: string; challenge: string | null };
  const post = async (path: string, credential: string, body: unknown) => {
    const headers = {
      ...authorized(credential),
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2025-11-25",
    };
    const answer = await visit(`${url}${path}`, { method: "POST", body: JSON.stringify(body), headers });
    const { status } = answer;
    return { status, json: JSON.parse(answer.body), challenge: answer.headers.get("www-authenticate") };
  };
  const input = async () => ({ id: (await home.person()).id, version: 1, clearance: "internal" });
  const faces: Record<string, (credential: string) => Promise<Said>> = {
    async rest(credential) {
      const { id, ...body } = await input();
      const { json, ...answer } = await post(`/v1/people/${id}/set-clearance`, credential, body);
      return { ...answer, code: json.code };
    },
    async rpc(credential) {
      const { json, ...answer } = await post(`/trpc/${asked}`, credential, await input());
      return { ...answer, code: json.error?.data.problem.code };
    },
    async mcp(credential) {
      const params = { name: "people_setClearance", arguments: await input() };
      const { json, ...answer } = await post("/mcp", credential, {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params,
      });
      return { ...answer, code: json.code ?? json.result?.structuredContent.code };
    },
  };

  test.each(Object.keys(faces))("401 step_up_required over %s, with the claims challenge", async (face) => {
    const { status, code, challenge } = await (faces[face] as (typeof faces)["rest"])(person);
    expect([status, code]).toEqual([401, "step_up_required"]);
    const [, claims = ""] = / claims="([^"]+)"/.exec(challenge ?? "") ?? [];
    expect(JSON.parse(Buffer.from(claims, "base64").toString())).toMatchObject({
      id_token: { acrs: { essential: true, value: "c1" } },
    });
    expect(challenge).toMatch(/^Bearer realm="dais", error="insufficient_claims", /);
    expect(challenge).toContain('acr_values="c1", max_age="300"');
  });

  test.each(Object.keys(faces))(
    "403 person_required over %s for a key, which can't step up: no challenge",
    async (face) => {
      const { status, code, challenge } = await (faces[face] as (typeof faces)["rest"])(key);
      expect([face === "mcp" && status === 200 ? 403 : status, code, challenge]).toEqual([
        403,
        "person_required",
        null,
      ]);
    },
  );

  test("403 forbidden, before any question of proof, for who may not do it anyhow", async () => {
    const { id } = await home.person();
    const officer = await (await home.person({ roles: ["operational"] })).session();
    const { json: said } = await post(`/v1/people/${id}/set-clearance`, officer, { version: 1, clearance: "internal" });
    expect(said.code).toBe("forbidden");
  });

  test.each([
    ["just now", true, 200],
    ["299 s ago", 299_000, 200],
    ["301 s ago", 301_000, 401],
    ["never", false, 401],
  ] as const)("proven %s: %s", async (_, proven, status) => {
    const { id } = await home.person();
    const credential = await (await home.person()).session({ proven });
    const answer = await post(`/v1/people/${id}/set-clearance`, credential, { version: 1, clearance: "internal" });
    expect(answer.status).toBe(status);
  });
});

describe("/auth/step-up", () => {
  test("asks for the second factor, and leads back to where they were; then the call works, for five minutes", async () => {
    const { jar, browser, api, clear, proven } = await signedInAdmin();
    const before = textIn(jar);
    const { session: its } = (await api().get("/me")).body;
    expect(await clear()).toMatchObject({ status: 401, body: { stepUp: "/auth/step-up" } });
    let page = await browser.open(`${here.url}/auth/step-up?returnTo=${encodeURIComponent("/session?tab=2#x")}`);
    for (const press of ["Sara Ahmed", approve]) page = await browser.press(page, press);
    expect([page.status, page.url]).toEqual([200, `${here.url}/session?tab=2#x`]);

    expect(await clear()).toMatchObject({ status: 200, body: { clearance: "internal" } });
    const after = (await api().get("/me")).body.session;
    expect(after).toMatchObject({ id: its.id, endsAt: its.endsAt, provenAt: expect.any(String) });
    expect(textIn(jar)).not.toBe(before);
    expect((await inSession(here, before).get("/me")).status).toBe(401);
    expect((await api().get("/sessions")).body.items.filter(({ id }: { id: string }) => id === its.id)).toHaveLength(1);

    time = 4 * minute + 50_000;
    expect((await clear()).status).toBe(200);
    time = 5 * minute + 5_000;
    expect(await clear()).toMatchObject({ status: 401, body: { code: "step_up_required" } });
    expect(await proven()).toBe(after.provenAt);
  });

  test("is on record, under the session and the person", async () => {
    const { jar, api } = await signedInAdmin();
    const { actor } = (await api().get("/me")).body;
    const { callback } = await stepUp(jar);
    expect((await back(callback, jar)).status).toBe(303);
    const entries = (await here.place.trail()).filter(({ action }) => action === "session.step_up");
    expect(entries.at(-1)).toMatchObject({
      outcome: "done",
      changed: true,
      on_behalf_of: actor.id,
      operation: "sessions.stepUp",
    });
  });

  test("403: another person's proof proves nothing; the session stays as it was, and that is on record", async () => {
    const { jar, proven, clear } = await signedInAdmin();
    const before = textIn(jar);
    const { callback } = await stepUp(jar, [layla, approve]);
    const answer = await back(callback, jar);
    expect([answer.status, JSON.parse(answer.body).code, answer.cookies]).toEqual([403, "sign_in_failed", []]);
    expect([textIn(jar), await proven(), (await clear()).status]).toEqual([before, null, 401]);
    const entries = (await here.place.trail()).filter(({ action }) => action === "session.step_up");
    expect(entries.at(-1)).toMatchObject({ changed: false, reason: "another person stepped up" });
  });

  const seconds = () => Math.floor(Date.now() / 1000);
  test.each([
    ["without the factor", ({ acrs: _a, ...claims }: JWTPayload) => ({ ...claims, amr: ["pwd"] })],
    ["with methods alone, and no word that the policy was met", ({ acrs: _a, ...claims }: JWTPayload) => claims],
    ["of another authentication context", (claims: JWTPayload) => ({ ...claims, acrs: ["c2"] })],
    ["of three minutes ago", (claims: JWTPayload) => ({ ...claims, auth_time: seconds() - 180 })],
  ])("403: an answer %s is no proof", async (_, change) => {
    const { jar, proven } = await signedInAdmin();
    const { callback } = await stepUp(jar);
    here.issuer.tamper(async (tokens) => ({
      ...tokens,
      id_token: await here.issuer.sign(change(decodeJwt(tokens.id_token ?? ""))),
    }));
    const answer = await back(callback, jar);
    expect([answer.status, JSON.parse(answer.body).code, answer.cookies]).toEqual([403, "sign_in_failed", []]);
    expect(await proven()).toBeNull();
  });

  test("403: a request whose question was taken out on the way brings no factor", async () => {
    const { jar, proven } = await signedInAdmin();
    const on = new URL((await newBrowser({ jar, stopAt: here.issuer.url }).open(`${here.url}/auth/step-up`)).url);
    expect([on.searchParams.get("prompt"), JSON.parse(on.searchParams.get("claims") ?? "")]).toEqual([
      "login",
      { id_token: { acrs: { essential: true, value: "c1" } } },
    ]);
    on.searchParams.delete("claims");
    const browser = newBrowser({ jar, stopAt: `${here.url}/auth/callback` });
    const page = await browser.press(await browser.open(on.href), "Sara Ahmed");
    expect((await back(new URL(page.url), jar)).status).toBe(403);
    expect(await proven()).toBeNull();
  });

  test("403: cancelled at the issuer, or in another browser", async () => {
    const { jar, proven } = await signedInAdmin();
    const cancelled = await stepUp(jar, ["Cancel"]);
    expect((await back(cancelled.callback, jar)).status).toBe(403);
    const { callback } = await stepUp(jar);
    expect((await visit(callback.href, { headers: json })).status).toBe(403);
    expect(await proven()).toBeNull();
  });

  test("403: a session that ended meanwhile doesn't come back", async () => {
    const { jar, api } = await signedInAdmin();
    const { callback } = await stepUp(jar);
    const { id } = (await api().get("/me")).body.session;
    expect((await api().post(`/sessions/${id}/revoke`)).status).toBe(200);
    expect((await back(callback, jar)).status).toBe(403);
    expect((await api().get("/me")).status).toBe(401);
  });

  test("of nobody is a sign-in with a second factor", async () => {
    const { clear, proven } = await signedInAdmin(["Sara Ahmed", approve], "/auth/step-up?returnTo=/v1/me");
    expect(await proven()).toEqual(expect.any(String));
    expect((await clear()).status).toBe(200);
  });

  test("what was proven at the issuer a while ago counts from then on, not from the sign-in", async () => {
    const { jar, clear, proven } = await signedInAdmin(["Sara Ahmed", approve], "/auth/step-up?returnTo=/v1/me");
    const first = await proven();
    time = 6 * minute;
    await session(here, [], { jar });
    expect(await proven()).toBe(first);
    expect((await clear()).status).toBe(401);
  });

  test("keeps the session renewable where the issuer gives no new refresh token", async () => {
    const { jar } = await signedInAdmin();
    const kept = async () => (await here.server.sessions.read(sessionHash(textIn(jar))))?.tokens;
    const before = await kept();
    const { callback } = await stepUp(jar);
    here.issuer.tamper(({ refresh_token: _gone, ...tokens }) => tokens);
    expect((await back(callback, jar)).status).toBe(303);
    expect(await kept()).toEqual(before);
    const again = await stepUp(jar);
    here.issuer.tamper(null);
    expect((await back(again.callback, jar)).status).toBe(303);
    expect((await kept())?.sealed).not.toBe(before?.sealed);
  });
});
