import { createHash, randomBytes } from "node:crypto";
import type { Server } from "@dais/api/server";
import { beforeAll, describe, expect, test } from "vitest";
import { newBrowser } from "./support/browser.ts";
import { type Identity, somebody, startIdentity } from "./support/identity.ts";
import { type Jar, makeJar } from "./support/jar.ts";
import { asOwner } from "./support/owner.ts";
import {
  atCallback,
  html,
  inSession,
  json,
  layla,
  session,
  sessionCookie,
  signInCookie,
  submit,
  textIn,
  type Visit,
  visit,
} from "./support/visits.ts";

const mallory = somebody({ name: "Mallory", preferredUsername: "mallory@rimal.example" });
let here: Identity;
beforeAll(async () => {
  here = await startIdentity({ people: [somebody(), mallory] });
});

/** Refused, told like any other refusal, and no session came of it. */
function refused({ status, body, cookies }: Visit): void {
  expect([status, JSON.parse(body).code, cookies]).toEqual([403, "sign_in_failed", []]);
}
const back = (callback: URL, jar: Jar) => visit(callback.href, { jar, headers: json });
const textOfNobody = () => randomBytes(32).toString("base64url");
const status = async (text: string, of: Pick<Identity, "url"> = here) => (await inSession(of, text).get("/me")).status;

describe("what the browser brings back", () => {
  test("a code and state that were used are good for nothing, the code not even with a new state", async () => {
    const { callback, jar } = await atCallback(here);
    expect((await back(callback, jar)).status).toBe(303);
    refused(await back(callback, jar));
    const fresh = await atCallback(here);
    fresh.callback.searchParams.set("code", callback.searchParams.get("code") ?? "");
    refused(await back(fresh.callback, fresh.jar));
  });

  test("of many who bring the same at once, one comes in", async () => {
    const { callback, jar } = await atCallback(here);
    const cookie = jar.header(callback);
    const answers = await Promise.all(Array.from({ length: 8 }, () => visit(callback.href, { headers: { cookie } })));
    expect(answers.map((one) => one.status).sort()).toEqual([303, ...Array(7).fill(403)]);
  });

  test("login CSRF: what another browser began works in no other, be it a fresh one or one that began its own", async () => {
    for (const jar of [makeJar(), (await atCallback(here)).jar]) {
      const theirs = await atCallback(here, ["Mallory"]);
      refused(await back(theirs.callback, jar));
    }
    const theirs = await atCallback(here, ["Mallory"]);
    const jar = makeJar();
    jar.set(here.url, signInCookie, textOfNobody());
    refused(await back(theirs.callback, jar));
  });

  test("a code that was stolen, put beside one's own state: the nonce and the verifier are another's", async () => {
    const [victim, thief] = [await atCallback(here), await atCallback(here, ["Mallory"])];
    thief.callback.searchParams.set("code", victim.callback.searchParams.get("code") ?? "");
    refused(await back(thief.callback, thief.jar));
  });

  test.each([
    ["another issuer", (url: URL) => url.searchParams.set("iss", "https://evil.example/v2.0")],
    [
      "another directory of the same issuer",
      (url: URL) => url.searchParams.set("iss", here.issuer.issuerOf(crypto.randomUUID())),
    ],
    ["no issuer, where it always names itself", (url: URL) => url.searchParams.delete("iss")],
    ["two issuers", (url: URL) => url.searchParams.append("iss", "https://evil.example/v2.0")],
    ["two codes", (url: URL) => url.searchParams.append("code", "x")],
    ["two states", (url: URL) => url.searchParams.append("state", "x")],
    ["no code", (url: URL) => url.searchParams.delete("code")],
    ["a code of 9 000 letters", (url: URL) => url.searchParams.set("code", "x".repeat(9000))],
  ])("mix-up and its kin: refused with %s", async (_, change) => {
    const { callback, jar } = await atCallback(here);
    change(callback);
    refused(await back(callback, jar));
  });
});

describe("PKCE downgrade", () => {
  /** The way to the issuer, changed by somebody in between. */
  async function tampered(change: (url: URL) => void) {
    const jar = makeJar();
    const on = new URL((await newBrowser({ jar, stopAt: here.issuer.url }).open(`${here.url}/auth/sign-in`)).url);
    expect(on.searchParams.get("code_challenge_method")).toBe("S256");
    change(on);
    const browser = newBrowser({ jar, stopAt: `${here.url}/auth/callback` });
    let page = await browser.open(on.href);
    if (page.status === 200) page = await browser.press(page, layla);
    return { callback: new URL(page.url), jar };
  }

  test.each([
    ["without a challenge", (url: URL) => url.searchParams.delete("code_challenge")],
    ["with the method plain", (url: URL) => url.searchParams.set("code_challenge_method", "plain")],
  ])("the issuer gives no code %s, and what comes back is refused", async (_, change) => {
    const { callback, jar } = await tampered(change);
    expect([callback.searchParams.get("error"), callback.searchParams.get("code")]).toEqual(["invalid_request", null]);
    refused(await back(callback, jar));
  });

  test("a code for a challenge of somebody else's is redeemed by nobody here", async () => {
    const challenge = createHash("sha256").update("somebody else's verifier".repeat(3)).digest("base64url");
    const { callback, jar } = await tampered((url) => url.searchParams.set("code_challenge", challenge));
    expect(callback.searchParams.get("code")).toBeTruthy();
    refused(await back(callback, jar));
  });

  test("another nonce than ours on the way gives a token that isn't ours", async () => {
    const { callback, jar } = await tampered((url) => url.searchParams.set("nonce", "x".repeat(43)));
    refused(await back(callback, jar));
  });
});

describe("open redirect: where somebody is sent afterwards", () => {
  const long = `/${"x".repeat(2000)}`;
  test.each([
    ["/v1/me", "/v1/me"],
    ["/session?a=1&b=%2F%2Fevil.example#top", "/session?a=1&b=%2F%2Fevil.example#top"],
    ["/%2f%2fevil.example", "/%2f%2fevil.example"],
    ["/صفحة", "/%D8%B5%D9%81%D8%AD%D8%A9"],
    ["", "/"],
    ["session", "/"],
    ["//evil.example", "/"],
    ["///evil.example", "/"],
    ["/\\evil.example", "/"],
    ["\\\\evil.example", "/"],
    ["\\/evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["/\n/evil.example", "/"],
    ["/\r\n/evil.example", "/"],
    ["\t//evil.example", "/"],
    [" //evil.example", "/"],
    ["/.//evil.example", "/"],
    ["/x/..//evil.example", "/"],
    ["https:evil.example", "/"],
    ["https://evil.example", "/"],
    ["http:///evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["data:text/html,<script>alert(1)</script>", "/"],
    ["//user@evil.example", "/"],
    ["/auth/sign-in?returnTo=//evil.example", "/"],
    ["/x/../auth/sign-out", "/"],
    [long, "/"],
    [`/${"ص".repeat(500)}`, "/"],
  ])("%j: %s", async (wanted, led) => {
    const from = `/auth/sign-in?returnTo=${encodeURIComponent(wanted)}`;
    const { callback, jar } = await atCallback(here, [layla], { from });
    const { headers } = await back(callback, jar);
    expect(headers.get("location")).toBe(led);
    expect(new URL(led, here.url).origin).toBe(here.url);
  });

  test("said twice, or in the answer of the issuer, it changes nothing", async () => {
    const from = "/auth/sign-in?returnTo=/v1/me&returnTo=//evil.example";
    const { callback, jar } = await atCallback(here, [layla], { from });
    callback.searchParams.set("returnTo", "https://evil.example");
    expect((await back(callback, jar)).headers.get("location")).toBe("/v1/me");
  });
});

describe("session fixation", () => {
  test("a planted text that is nobody's is not kept, and opens nothing afterwards", async () => {
    const planted = textOfNobody();
    const jar = makeJar();
    jar.set(here.url, sessionCookie, planted);
    const { text } = await session(here, [layla], { jar });
    expect(text).not.toBe(planted);
    expect([await status(text), await status(planted)]).toEqual([200, 401]);
  });

  test("somebody else's session, planted, is over once one's own begins, and that is on record", async () => {
    const theirs = await session(here, ["Mallory"]);
    const { actor, session: its } = (await theirs.api.get("/me")).body;
    const jar = makeJar();
    jar.set(here.url, sessionCookie, theirs.text);
    const { text, api } = await session(here, [layla], { jar });
    expect(await status(theirs.text)).toBe(401);
    expect((await api.get("/me")).body.actor.name.en).toBe("Layla Al Marri");
    expect(text).not.toBe(theirs.text);
    const ends = (await here.place.trail()).filter(
      ({ action, on_behalf_of: of }) => action === "session.end" && of === actor.id,
    );
    expect(ends).toEqual([
      expect.objectContaining({ reason: expect.stringContaining("took its place"), actor_kind: "system" }),
    ]);
    expect(its.id).toMatch(/^ses_/);
  });

  test("each sign-in gives another text", async () => {
    const first = await session(here);
    const second = await session(here, [], { jar: first.jar });
    expect(second.text).not.toBe(first.text);
    expect([await status(first.text), await status(second.text)]).toEqual([401, 200]);
  });
});

describe("brute force", () => {
  let limited: Identity;
  let server: Server;
  beforeAll(async () => {
    limited = await startIdentity({
      server: { redis: null, env: { RATE_AUTH: "5", RATE_WRITE: "20", TRUSTED_PROXIES: "1" } },
    });
    server = limited.server;
  });
  /** An address that nobody else uses, as the proxy in front names it. */
  const address = () => ({
    "x-forwarded-for": `2001:db8::${randomBytes(2).toString("hex")}:${randomBytes(2).toString("hex")}`,
  });
  const noted = async (from: ReturnType<typeof address>) => {
    await server.kernel.settle();
    return asOwner()`select kind, sum(count)::int as count, count(*)::int as rows from security_events
      where address = ${from["x-forwarded-for"]} group by kind order by kind`;
  };
  const guess = (headers: Record<string, string>) =>
    visit(`${limited.url}/auth/callback?state=${textOfNobody()}&code=x`, { headers: { ...json, ...headers } });
  /** Attempts until it says no, at most twice as many as are allowed: the window slides. */
  async function exhaust(attempt: () => Promise<Visit>): Promise<Visit[]> {
    const answers: Visit[] = [];
    while (answers.length < 11 && answers.at(-1)?.status !== 429) answers.push(await attempt());
    return answers;
  }

  test("429 with Retry-After at the callback, also for who would come in now; elsewhere nobody notices", async () => {
    const from = address();
    const answers = await exhaust(() => guess(from));
    expect(answers.at(0)?.status).toBe(403);
    expect(answers.at(-1)?.status).toBe(429);
    expect(Number(answers.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(0);
    const { callback, jar } = await atCallback(limited);
    expect((await visit(callback.href, { jar, headers: { ...from, ...html } })).status).toBe(429);
    expect((await visit(`${limited.url}/auth/sign-in`, { headers: from })).status).toBe(429);
    expect((await visit(callback.href, { jar, headers: address() })).status).toBe(303);
    expect(await noted(from)).toMatchObject([{ kind: "sign_in_refused", count: answers.length + 2 }]);
    expect((await noted(from))[0]?.rows).toBeLessThanOrEqual(2);
  });

  test("429 with Retry-After for bad cookies; who is known already is served, and may leave", async () => {
    const from = address();
    const { text, jar } = await session(limited);
    const mine = { ...from, cookie: `${sessionCookie}=${text}` };
    const read = (headers: Record<string, string>) => visit(`${limited.url}/v1/me`, { headers });
    expect((await read(mine)).status).toBe(200);
    const answers = await exhaust(() => read({ ...from, cookie: `${sessionCookie}=${textOfNobody()}` }));
    expect([answers.at(0)?.status, answers.at(-1)?.status]).toEqual([401, 429]);
    expect(Number(answers.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await noted(from)).toMatchObject([{ kind: "bad_session", count: answers.length }]);
    expect((await read(mine)).status).toBe(200);
    expect((await submit(`${limited.url}/auth/sign-out`, {}, { jar, headers: from })).status).toBe(303);
    expect(textIn(jar)).toBe("");
  });

  test("429: nobody begins sign-ins without end from one address", async () => {
    const from = address();
    let last = await visit(`${limited.url}/auth/sign-in`, { headers: { ...from, ...json } });
    expect(last.status).toBe(303);
    for (let n = 0; n < 45 && last.status === 303; n += 1)
      last = await visit(`${limited.url}/auth/sign-in`, { headers: { ...from, ...json } });
    expect([last.status, JSON.parse(last.body).code]).toEqual([429, "rate_limited"]);
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await visit(`${limited.url}/auth/sign-in`, { headers: address() })).status).toBe(303);
  });

  test("a form from elsewhere is counted among what strangers tried", async () => {
    const from = address();
    await submit(`${limited.url}/auth/sign-out`, {}, { headers: { ...from, origin: "https://evil.example" } });
    expect(await noted(from)).toMatchObject([{ kind: "foreign_form", count: 1 }]);
  });
});
