import { sessionHash } from "@dais/kernel/sessions";
import type { JWTPayload } from "jose";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { textOf } from "./support/html.ts";
import { type Identity, somebody, startIdentity } from "./support/identity.ts";
import { asOwner } from "./support/owner.ts";
import { html, inSession, json, layla, session, sessionCookie, submit, textIn, visit } from "./support/visits.ts";

const people = [somebody(), somebody({ name: "Omar Said", preferredUsername: "omar@rimal.example" })];
let time = 0;
const now = () => new Date(Date.now() + time);
let here: Identity;
beforeAll(async () => {
  here = await startIdentity({ people, issuer: { accessTokenSeconds: 600 }, server: { sources: { now } } });
});
afterEach(() => {
  time = 0;
  here.issuer.resume();
});

/** A session, and the names by which the issuer knows it. */
async function signedIn(who = layla) {
  const { text, jar, browser, api } = await session(here, [who]);
  const found = await here.server.sessions.read(sessionHash(text));
  if (!found) throw new Error("The session isn't there.");
  const alive = async () => (await inSession(here, text).get("/me")).status === 200;
  /** What the audit has of the session. */
  const trail = async () => {
    const [row] = await asOwner()`select tenant_id from people where tid = ${here.tid} limit 1`;
    return asOwner()`select action, reason, actor_kind, actor_id, on_behalf_of, address from audit
      where tenant_id = ${row?.tenant_id} and resource_type = 'session' order by seq`.then((rows) =>
      rows.filter((entry) => [entry.on_behalf_of, entry.actor_id].includes(found.session.personId)),
    );
  };
  const { id, issuerSid, subject, personId, issuer } = found.session;
  return { text, jar, browser, api, alive, trail, id, sid: issuerSid ?? "", subject, personId, issuer };
}

describe("/auth/sign-out", () => {
  test("with its button, ends the session here and at the issuer", async () => {
    const { browser, jar, alive, trail, personId } = await signedIn();
    const page = await browser.open(`${here.url}/auth/sign-out`);
    expect([page.status, await alive()]).toEqual([200, true]);
    expect(page.headers.get("content-security-policy")).toContain(`form-action 'self' ${here.issuer.url};`);
    const out = await browser.press(page, "Sign out here and at the identity provider");
    expect([out.url, textOf(out.body)]).toEqual([`${here.url}/auth/signed-out`, expect.stringContaining("signed out")]);
    expect([textIn(jar), await alive()]).toEqual(["", false]);
    expect(await trail()).toEqual([
      expect.objectContaining({ action: "sessions.revoke", actor_kind: "user", actor_id: personId }),
    ]);
    const next = await browser.open(`${here.url}/auth/sign-in`);
    expect([next.url.startsWith(here.issuer.url), textOf(next.body)]).toEqual([true, expect.stringContaining(layla)]);
  });

  test("takes the cookie away, and says to the issuer who leaves, and where to", async () => {
    const { jar } = await signedIn();
    const { status, headers, cookies } = await submit(`${here.url}/auth/sign-out`, {}, { jar });
    expect([status, headers.get("cache-control")]).toEqual([303, "no-store"]);
    expect(cookies).toEqual([`${sessionCookie}=; HttpOnly; Max-Age=0; Path=/; SameSite=Lax; Secure`]);
    const to = new URL(headers.get("location") ?? "");
    expect(`${to.origin}${to.pathname}`).toBe(`${here.issuer.url}/${here.tid}/oauth2/v2.0/logout`);
    const asked = Object.fromEntries(to.searchParams);
    expect(asked).toMatchObject({
      client_id: here.settings.clientId,
      post_logout_redirect_uri: `${here.url}/auth/signed-out`,
      id_token_hint: expect.stringMatching(/^eyJ/),
    });
  });

  test("leads to the issuer also where nobody is signed in here any more", async () => {
    const { status, headers } = await submit(`${here.url}/auth/sign-out`, {});
    expect(status).toBe(303);
    expect(headers.get("location")).toMatch(`${here.issuer.url}/`);
    expect(headers.get("location")).not.toContain("id_token_hint");
  });

  test("ends the session here where the issuer is away, also past its word's end", async () => {
    const { jar, alive, trail, personId, api } = await signedIn();
    expect(await alive()).toBe(true);
    time = 11 * 60_000;
    here.issuer.pause();
    expect((await api.get("/me")).status).toBe(503);
    expect((await submit(`${here.url}/auth/sign-out`, {}, { jar })).status).toBe(303);
    here.issuer.resume();
    expect(await alive()).toBe(false);
    expect((await trail()).at(-1)).toMatchObject({
      action: "session.end",
      on_behalf_of: personId,
      reason: "The person signed out.",
    });

    const fresh = await startIdentity();
    fresh.issuer.pause();
    const { headers } = await submit(`${fresh.url}/auth/sign-out`, {});
    expect(headers.get("location")).toBe("/auth/signed-out");
  });

  test("is asked before it is done: a link alone does nothing", async () => {
    const { jar, alive } = await signedIn();
    for (const method of ["GET", "HEAD"]) {
      const { status, cookies } = await visit(`${here.url}/auth/sign-out`, { method, jar, headers: html });
      expect([status, cookies]).toEqual([200, []]);
    }
    expect(await alive()).toBe(true);
  });
});

describe("/auth/front-channel-logout", () => {
  const front = (query: Record<string, string>) =>
    visit(`${here.url}/auth/front-channel-logout?${new URLSearchParams(query)}`, { headers: html });

  test("ends the session that a sid names, without cookies, without iss, as Entra ID calls it", async () => {
    const [mine, other] = [await signedIn(), await signedIn("Omar Said")];
    const { status, headers } = await front({ sid: mine.sid });
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect([await mine.alive(), await other.alive()]).toEqual([false, true]);
    expect(await mine.trail()).toContainEqual(
      expect.objectContaining({
        action: "session.end",
        reason: "Signed out at the issuer.",
        actor_kind: "system",
        on_behalf_of: mine.personId,
      }),
    );
  });

  test("with iss, only of that issuer", async () => {
    const { sid, issuer, alive } = await signedIn();
    await front({ sid, iss: "https://evil.example/v2.0" });
    expect(await alive()).toBe(true);
    await front({ sid, iss: issuer });
    expect(await alive()).toBe(false);
  });

  test("ends nothing without a sid, or with one that is none, and says no more than otherwise", async () => {
    const { alive, sid, issuer, jar } = await signedIn();
    const queries = [
      {},
      { iss: issuer },
      { sid: "" },
      { sid: "*" },
      { sid: sid.slice(1) },
      { sid: "x".repeat(9000) },
      { sid: `${sid}\n` },
    ];
    const bodies = [];
    for (const query of queries) {
      const answer = await front(query as Record<string, string>);
      expect(answer.status).toBe(200);
      bodies.push(answer.body);
    }
    await visit(`${here.url}/auth/front-channel-logout`, { jar });
    expect(await alive()).toBe(true);
    bodies.push((await front({ sid })).body);
    expect(new Set(bodies).size).toBe(1);
  });
});

describe("/auth/back-channel-logout", () => {
  const event = "http://schemas.openid.net/event/backchannel-logout";
  const seconds = () => Math.floor(Date.now() / 1000);
  type Named = { sid: string; subject: string };
  const claimsFor = ({ sid, subject }: Named): JWTPayload => ({
    iss: here.issuer.issuerOf(here.tid),
    aud: here.settings.clientId,
    sub: subject,
    sid,
    iat: seconds(),
    exp: seconds() + 120,
    jti: crypto.randomUUID(),
    events: { [event]: {} },
  });
  const sign = (claims: JWTPayload, header = {}) => here.issuer.sign(claims, { typ: "logout+jwt", ...header });
  const tell = async (token: string) => {
    const answer = await visit(`${here.url}/auth/back-channel-logout`, {
      method: "POST",
      body: new URLSearchParams({ logout_token: token }),
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    return { status: answer.status, code: answer.body ? JSON.parse(answer.body).code : null };
  };
  const refused = { status: 400, code: "invalid_input" };

  test("ends each session that the issuer ends, and that is on record", async () => {
    const mine = await signedIn();
    await here.issuer.endSessions(people[0]?.oid ?? "");
    expect(await mine.alive()).toBe(false);
    expect((await mine.trail()).at(-1)).toMatchObject({
      action: "session.end",
      reason: "Signed out at the issuer.",
      on_behalf_of: mine.personId,
    });
  });

  test("200: a token with sid ends that session, one with sub alone all of the person's", async () => {
    const [one, two, other] = [await signedIn(), await signedIn(), await signedIn("Omar Said")];
    expect(await tell(await sign(claimsFor(one)))).toEqual({ status: 200, code: null });
    expect([await one.alive(), await two.alive(), await other.alive()]).toEqual([false, true, true]);
    const three = await signedIn();
    const { sid: _gone, ...bySubject } = claimsFor(two);
    expect((await tell(await sign(bySubject))).status).toBe(200);
    expect([await two.alive(), await three.alive(), await other.alive()]).toEqual([false, false, true]);
  });

  test("200 for a session that nobody knows: it is over", async () => {
    const { subject } = await signedIn("Omar Said");
    expect((await tell(await sign(claimsFor({ sid: "unknown", subject })))).status).toBe(200);
  });

  test("400: a token that came before ends nothing, for as long as it would be good", async () => {
    const mine = await signedIn();
    const { sid: _gone, ...bySubject } = claimsFor(mine);
    const token = await sign({ ...bySubject, exp: seconds() + 3600 });
    expect((await tell(token)).status).toBe(200);
    const again = await signedIn();
    expect(await tell(token)).toEqual(refused);
    expect(await again.alive()).toBe(true);
  });

  const without =
    (...names: string[]) =>
    (claims: JWTPayload) =>
      sign(Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name))));
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  test.each<[string, (claims: JWTPayload) => Promise<string>]>([
    ["for another audience", (claims) => sign({ ...claims, aud: crypto.randomUUID() })],
    ["of another issuer", (claims) => sign({ ...claims, iss: "https://evil.example/v2.0" })],
    ["of another directory", (claims) => sign({ ...claims, iss: here.issuer.issuerOf(crypto.randomUUID()) })],
    ["with a nonce: an ID token in disguise", (claims) => sign({ ...claims, nonce: "x" })],
    ["without events", without("events")],
    ["of another event", (claims) => sign({ ...claims, events: { "http://schemas.openid.net/event/other": {} } })],
    ["with a list for events", (claims) => sign({ ...claims, events: [event] })],
    ["that has expired", (claims) => sign({ ...claims, iat: seconds() - 300, exp: seconds() - 65 })],
    ["that never expires", without("exp")],
    ["that is good for a year", (claims) => sign({ ...claims, exp: seconds() + 31_536_000 })],
    ["issued in the future", (claims) => sign({ ...claims, iat: seconds() + 65 })],
    ["without a name of its own", without("jti")],
    ["of nobody", without("sid", "sub")],
    ["of another type", (claims) => sign(claims, { typ: "at+jwt" })],
    ["signed by nobody", async (claims) => `${part({ alg: "none", typ: "logout+jwt" })}.${part(claims)}.`],
    [
      "with the signature of another token",
      async (claims) => {
        const [, , signature] = (await sign({ ...claims, jti: "another" })).split(".");
        return `${part({ alg: "RS256", typ: "logout+jwt" })}.${part(claims)}.${signature}`;
      },
    ],
    ["that is none", async () => "not a token"],
    ["that is empty", async () => ""],
  ])("400: a token %s ends nothing", async (_, made) => {
    const mine = await signedIn();
    expect(await tell(await made(claimsFor(mine)))).toEqual(refused);
    expect(await mine.alive()).toBe(true);
  });

  test("400, 415: no token, and none where one would look for it elsewhere", async () => {
    const mine = await signedIn();
    const token = await sign(claimsFor(mine));
    const at = `${here.url}/auth/back-channel-logout`;
    const bare = await visit(`${at}?logout_token=${token}`, { method: "POST" });
    const type = { "content-type": "application/json" };
    const typed = await visit(at, { method: "POST", body: JSON.stringify({ logout_token: token }), headers: type });
    expect([bare.status, typed.status, await mine.alive()]).toEqual([400, 415, true]);
  });

  test("503 while the token can't be checked, so that the issuer tells again", async () => {
    const fresh = await startIdentity();
    fresh.issuer.pause();
    const body = new URLSearchParams({ logout_token: await sign(claimsFor({ sid: "x", subject: "x" })) });
    const answer = await visit(`${fresh.url}/auth/back-channel-logout`, { method: "POST", body, headers: json });
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([503, "unavailable"]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});
