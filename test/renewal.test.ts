import { randomBytes } from "node:crypto";
import { type Kept, openedTokens } from "@dais/api/auth/tokens";
import type { Server } from "@dais/api/server";
import { sealer } from "@dais/kernel/seal";
import { sessionHash } from "@dais/kernel/sessions";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { type Identity, type IdentityOptions, somebody, startIdentity } from "./support/identity.ts";
import { asOwner } from "./support/owner.ts";
import { proxy } from "./support/proxy.ts";
import { startServer } from "./support/server.ts";
import { inSession, layla, session } from "./support/visits.ts";

const minute = 60_000;
const keyOne = { id: "one", key: randomBytes(32) };
const keyTwo = { id: "two", key: randomBytes(32) };
const env = (...keys: (typeof keyOne)[]) => ({
  SEAL_KEYS: keys.map(({ id, key }) => `${id}:${key.toString("base64")}`).join(),
});
/** The issuer's word is good for ten minutes, and is renewed in the middle of them. */
const [due, over] = [6 * minute, 11 * minute];
let time = 0;
const sources = { now: () => new Date(Date.now() + time) };

let person: ReturnType<typeof somebody>;
let here: Identity;
let other: Server;
let renewals = 0;
beforeEach(async () => {
  time = 0;
  here = await started();
  other = await beside(here, keyOne);
});
afterEach(() => here.issuer.tamper(null));

async function started({ server, ...options }: IdentityOptions = {}): Promise<Identity> {
  person = somebody();
  const issuer = { accessTokenSeconds: 600 };
  return startIdentity({ people: [person], issuer, ...options, server: { sources, env: env(keyOne), ...server } });
}
/** Another process for the same people. */
const beside = ({ url, settings }: Identity, ...keys: (typeof keyOne)[]) =>
  startServer({ sources, env: { PUBLIC_URL: url, ...env(...keys) }, issuer: async () => settings });

/** Signs in; from here on, answers of the issuer are counted. */
async function signedIn(at = here) {
  const { text } = await session(at, [layla]);
  renewals = 0;
  at.issuer.tamper((tokens) => {
    renewals += 1;
    return tokens;
  });
  const read = async () => (await at.server.sessions.read(sessionHash(text))) ?? null;
  return { text, api: inSession(at, text), elsewhere: inSession(at, text, other.url), read };
}
const many = async ({ api, elsewhere }: Awaited<ReturnType<typeof signedIn>>, count = 20) => {
  const calls = Array.from({ length: count }, (_, n) => (n % 2 ? api : elsewhere).get("/me"));
  return [...new Set((await Promise.all(calls)).map(({ status }) => status))];
};
const ends = async (at = here) =>
  (await at.place.trail()).filter(({ action }) => action === "session.end").map(({ reason }) => reason);

describe("ahead of its end", () => {
  test("the issuer's word is renewed once, by twenty calls on two processes, and nobody waits for it", async () => {
    const mine = await signedIn();
    const before = (await mine.read())?.tokens;
    expect(await many(mine)).toEqual([200]);
    expect(renewals).toBe(0);
    time = due;
    expect(await many(mine)).toEqual([200]);
    await expect.poll(async () => (await mine.read())?.tokens?.expiresAt).toBeGreaterThan(before?.expiresAt ?? 0);
    for (let round = 0; round < 3; round += 1) expect(await many(mine)).toEqual([200]);
    expect(renewals).toBe(1);
    expect((await mine.read())?.tokens?.sealed).not.toBe(before?.sealed);
  });

  test("again and again, each time with the refresh token of the time before", async () => {
    const mine = await signedIn();
    for (let round = 1; round <= 3; round += 1) {
      time += due;
      expect((await (round % 2 ? mine.api : mine.elsewhere).get("/me")).status).toBe(200);
      await expect.poll(() => renewals).toBe(round);
      await expect.poll(async () => (await mine.read())?.tokens?.renewAt).toBeGreaterThan(sources.now().getTime());
    }
  });

  test("what the directory says of roles meanwhile holds from then on, on both", async () => {
    const { api, elsewhere } = await signedIn();
    for (const one of [api, elsewhere]) expect((await one.get("/signals")).status).toBe(200);
    here.issuer.setPerson(person.oid, { roles: ["auditor"] });
    time = due;
    await expect.poll(async () => (await api.get("/me")).body.roles).toEqual(["auditor", "executive"]);
    expect((await elsewhere.get("/me")).body.roles).toEqual(["auditor", "executive"]);
  });

  test("sessions live on while the issuer is away", async () => {
    const mine = await signedIn();
    time = due;
    for (const how of ["unavailable", "drop"] as const) {
      here.issuer.pause(how);
      for (let round = 0; round < 3; round += 1) expect(await many(mine, 4)).toEqual([200]);
    }
    here.issuer.resume();
    time += 16_000;
    expect(await many(mine, 4)).toEqual([200]);
    await expect.poll(() => renewals).toBe(1);
  });

  test("a word that is good for a minute is renewed in its middle, one without an end after an hour", async () => {
    here.issuer.tamper((tokens) => ({ ...tokens, expires_in: 60 }));
    const lasts = async (text: string) => {
      const { tokens, session: its } = (await here.server.sessions.read(sessionHash(text))) ?? {};
      return [tokens?.renewAt, tokens?.expiresAt].map(
        (at) => Math.round((((at ?? 0) - (its?.openedAt ?? 0)) / minute) * 2) / 2,
      );
    };
    expect(await lasts((await session(here)).text)).toEqual([0.5, 1]);
    here.issuer.tamper(({ expires_in: _gone, ...tokens }) => tokens as never);
    expect(await lasts((await session(here)).text)).toEqual([55, 60]);
  });
});

describe("past its end", () => {
  test("twenty calls on two processes wait for one renewal", async () => {
    const mine = await signedIn();
    expect(await many(mine)).toEqual([200]);
    time = over;
    expect(await many(mine)).toEqual([200]);
    expect(await many(mine)).toEqual([200]);
    expect(renewals).toBe(1);
  });

  test("the very first call has the roles that the directory says now", async () => {
    const { api, elsewhere } = await signedIn();
    expect((await api.get("/signals")).status).toBe(200);
    here.issuer.setPerson(person.oid, { roles: [] });
    time = over;
    expect((await api.get("/signals")).status).toBe(403);
    expect((await elsewhere.get("/signals")).status).toBe(403);
  });

  test("503 with Retry-After while the issuer is away, and right again when it is back", async () => {
    const mine = await signedIn();
    expect(await many(mine, 4)).toEqual([200]);
    time = over;
    here.issuer.pause();
    for (const api of [mine.api, mine.elsewhere, mine.api]) {
      const answer = await api.get("/me");
      expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    here.issuer.resume();
    // Nobody asks it again sooner than callers were told to.
    expect(await many(mine, 4)).toEqual([503]);
    expect(renewals).toBe(0);
    time += 5_000;
    await expect.poll(() => many(mine, 4)).toEqual([200]);
    expect(renewals).toBe(1);
  });

  test("a session without a refresh token is not renewed, and lives its time", async () => {
    here.issuer.tamper(({ refresh_token: _gone, ...tokens }) => tokens);
    const { text, api } = await session(here);
    expect((await here.server.sessions.read(sessionHash(text)))?.tokens).toBeNull();
    time = over;
    expect((await api.get("/me")).status).toBe(200);
  });
});

describe("the session ends", () => {
  test("401 on both, and on record, where the issuer has ended the grant", async () => {
    const mine = await signedIn();
    expect(await many(mine, 4)).toEqual([200]);
    here.issuer.setPerson(person.oid, { disabled: true });
    time = over;
    expect(await many(mine, 4)).toEqual([401]);
    expect(await mine.read()).toBeNull();
    expect(await ends()).toEqual(["The issuer has ended its grant."]);
    here.issuer.setPerson(person.oid, { disabled: false });
    expect(await many(mine, 4)).toEqual([401]);
  });

  test("also where that shows ahead of the end", async () => {
    const { api, elsewhere } = await signedIn();
    here.issuer.setPerson(person.oid, { disabled: true });
    time = due;
    for (const one of [api, elsewhere]) await expect.poll(async () => (await one.get("/me")).status).toBe(401);
  });

  test("where somebody else has used its refresh token: a stolen one is of no use to the thief for long", async () => {
    const mine = await signedIn();
    const found = await mine.read();
    const { refreshToken } = openedTokens(sealer([keyOne]), found?.tokens as never, found?.session as never) as Kept;
    const stolen = await refreshed(refreshToken);
    expect(stolen.status).toBe(200);
    time = over;
    expect(await many(mine, 4)).toEqual([401]);
    expect(await ends()).toEqual(["The issuer has ended its grant."]);
    expect((await refreshed(stolen.body.refresh_token)).body.error).toBe("invalid_grant");
  });

  test.each([
    [
      "signed by nobody",
      async (token: string) => `${btoa('{"alg":"none"}').replace(/=/g, "")}.${token.split(".")[1]}.`,
    ],
    ["of somebody else", (token: string) => here.issuer.sign({ ...claimsOf(token), sub: "somebody-else" })],
    ["for another audience", (token: string) => here.issuer.sign({ ...claimsOf(token), aud: "another" })],
  ])("where the issuer's answer is %s", async (_, change) => {
    const mine = await signedIn();
    here.issuer.tamper(async (tokens) => ({ ...tokens, id_token: await change(tokens.id_token ?? "") }));
    time = over;
    expect(await many(mine, 4)).toEqual([401]);
    expect(await ends()).toHaveLength(1);
  });

  test("where the account here is disabled by the time of its renewal, whatever the issuer says", async () => {
    const mine = await signedIn();
    const { id } = (await mine.api.get("/me")).body.person;
    const boss = inSession(here, (await (await here.place.person()).session()).slice("session:".length));
    expect((await boss.post(`/people/${id}/disable`, { reason: "Left the company." })).status).toBe(200);
    time = over;
    expect(await many(mine, 4)).toEqual([401]);
    expect(renewals).toBe(0);
  });

  test("where the organisation takes nobody of the directory any more", async () => {
    const mine = await signedIn();
    await asOwner()`delete from directories where tid = ${here.tid}`;
    time = over;
    expect(await many(mine, 4)).toEqual([401]);
    expect(await ends()).toEqual(["The organisation doesn't take people of this directory any more."]);
  });

  async function refreshed(token: string | undefined) {
    const { clientId, credential, issuer } = here.settings;
    const response = await fetch(issuer.replace(/v2\.0$/, "oauth2/v2.0/token"), {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: token ?? "",
        client_id: clientId,
        client_secret: "secret" in credential ? credential.secret : "",
      }),
    });
    const body = (await response.json()) as { refresh_token?: string; error?: string };
    return { status: response.status, body };
  }
});

describe("a session survives", () => {
  test("a database that went away in the middle of its renewal: the refresh token works once, and is kept first", async () => {
    const { host, port, ...rest } = inject("login");
    const wire = await proxy(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    const own = await started({
      server: { connection: { ...rest, host: wire.host, port: wire.port }, sources, env: env(keyOne) },
    });
    const { api } = await signedIn(own);
    expect((await api.get("/me")).status).toBe(200);
    time = over;
    own.issuer.tamper((tokens) => {
      renewals += 1;
      if (renewals === 1) wire.cut();
      return tokens;
    });
    expect((await api.get("/me")).status).toBe(503);
    expect(renewals).toBe(1);
    wire.mend();
    time += 5_000;
    await expect.poll(async () => (await api.get("/me")).status, { timeout: 20_000 }).toBe(200);
    expect(renewals).toBe(2);
    expect(await ends(own)).toEqual([]);
    await wire.close();
  });
});

describe("the issuer's tokens", () => {
  const sealed = async (read: () => Promise<{ tokens: { sealed: string } | null } | null>) =>
    (await read())?.tokens?.sealed;

  test("are in Redis only sealed, bound to their session", async () => {
    const given: string[] = [];
    here.issuer.tamper((tokens) => {
      given.push(...[tokens.id_token, tokens.refresh_token, tokens.access_token].map((one) => one ?? "missing"));
      return tokens;
    });
    const { text } = await session(here);
    const redis = new Redis(inject("redis"));
    const kept = JSON.stringify(await redis.hgetall(`dais:session:${sessionHash(text)}`));
    const [all] = [await redis.keys("*")];
    redis.disconnect();
    expect(given).toHaveLength(3);
    expect(kept).toContain("v1.one.");
    for (const token of [...given, text]) {
      for (const piece of [token, ...token.split(".")]) expect(kept).not.toContain(piece);
      expect(all.join()).not.toContain(token);
    }
    const found = await here.server.sessions.read(sessionHash(text));
    const open = (id: string) => openedTokens(sealer([keyOne]), found?.tokens as never, { id });
    expect(open(found?.session.id ?? "")?.refreshToken).toBe(given[1]);
    expect(open("ses_another")).toBeNull();
  });

  test("pass to a new key at their renewal, and the old key can leave", async () => {
    const mine = await signedIn();
    const both = await beside(here, keyTwo, keyOne);
    time = over;
    expect((await inSession(here, mine.text, both.url).get("/me")).status).toBe(200);
    expect(await sealed(mine.read)).toMatch(/^v1\.two\./);
    const later = await beside(here, keyTwo);
    time += over;
    expect((await inSession(here, mine.text, later.url).get("/me")).status).toBe(200);
    expect(renewals).toBe(2);
  });

  test("whose key is gone end the session when they are needed, not before", async () => {
    const mine = await signedIn();
    const later = await beside(here, keyTwo);
    const api = inSession(here, mine.text, later.url);
    expect((await api.get("/me")).status).toBe(200);
    time = over;
    expect((await api.get("/me")).status).toBe(401);
    expect(await ends()).toEqual(["The key that sealed its tokens is gone."]);
  });
});

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
