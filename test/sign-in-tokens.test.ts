import { createPublicKey } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { newBrowser } from "./support/browser.ts";
import { type Identity, somebody, startIdentity } from "./support/identity.ts";
import { makeJar } from "./support/jar.ts";
import { atCallback, html, json, layla, session, textIn, visit } from "./support/visits.ts";

const other = somebody({ name: "Mallory", preferredUsername: "mallory@rimal.example" });
let time = 0;
const now = () => new Date(Date.now() + time);
const second = 1000;
const minute = 60 * second;

let here: Identity;
beforeAll(async () => {
  here = await startIdentity({ people: [somebody(), other], server: { redis: null, sources: { now } } });
});
afterEach(() => {
  here.issuer.tamper(null);
  time = 0;
});

type Made = (claims: JWTPayload, token: string) => string | undefined | Promise<string | undefined>;
const signed =
  (change: (claims: JWTPayload) => JWTPayload, header = {}): Made =>
  (claims) =>
    here.issuer.sign(change(claims), header);
const without = (name: string) => signed(({ [name]: _gone, ...rest }) => rest);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Brings what the issuer answers from here on, with an ID token that somebody else made. */
async function brought(made: Made, at = here) {
  at.issuer.tamper(async (tokens) => {
    const token = tokens.id_token ?? "";
    return { ...tokens, id_token: await made(decodeJwt(token), token) };
  });
  const { callback, jar } = await atCallback(at);
  const { status, body, headers } = await visit(callback.href, { jar, headers: json });
  return { status, code: status === 303 ? null : JSON.parse(body).code, text: textIn(jar), headers };
}
const failed = { status: 403, code: "sign_in_failed", text: "" };

/** The issuer's key as everybody has it. */
async function publicKey(header: { kid?: string }) {
  const response = await fetch(`${here.issuer.url}/${here.tid}/discovery/v2.0/keys`);
  const { keys } = (await response.json()) as { keys: { kid: string }[] };
  return keys.find(({ kid }) => kid === header.kid) as { kid: string; n: string };
}

describe("an ID token", () => {
  test("303: that the issuer itself signed, changed in nothing: the rest here fails for its own reason", async () => {
    expect(await brought(signed((claims) => claims))).toMatchObject({ status: 303 });
    expect(await brought(signed((claims) => ({ ...claims, aud: [claims.aud as string] })))).toMatchObject({
      status: 303,
    });
  });

  const hour = 3600;
  const seconds = () => Math.floor(Date.now() / 1000);
  const table: [string, Made][] = [
    ["unsigned, alg none", (claims) => `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`],
    ["unsigned, alg nOnE", (claims) => `${part({ alg: "nOnE", typ: "JWT" })}.${part(claims)}.`],
    [
      "alg none, with the signature left on",
      (claims, token) => `${part({ alg: "none" })}.${part(claims)}.${token.split(".")[2]}`,
    ],
    [
      "HS256, signed with the public key as PEM",
      async (claims, token) => {
        const { kid } = decodeProtectedHeader(token);
        const key = createPublicKey({ key: await publicKey({ kid: kid as string }), format: "jwk" });
        const secret = new TextEncoder().encode(key.export({ type: "spki", format: "pem" }).toString());
        return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid, typ: "JWT" }).sign(secret);
      },
    ],
    [
      "HS256, signed with the public key's modulus",
      async (claims, token) => {
        const { kid } = decodeProtectedHeader(token);
        const { n } = await publicKey({ kid: kid as string });
        return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid }).sign(Buffer.from(n, "base64url"));
      },
    ],
    [
      "HS256, signed with our own client secret",
      (claims) => {
        const { credential } = here.settings;
        const secret = "secret" in credential ? credential.secret : "";
        return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
      },
    ],
    [
      "signed with a key of its own, which it brings along",
      async (claims, token) => {
        const { privateKey, publicKey: own } = await generateKeyPair("RS256");
        const header = { alg: "RS256", kid: decodeProtectedHeader(token).kid as string, jwk: await exportJWK(own) };
        return new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
      },
    ],
    [
      "signed with a key that nobody has published",
      async (claims) => {
        const { privateKey } = await generateKeyPair("RS256");
        return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "nobodys" }).sign(privateKey);
      },
    ],
    [
      "with claims that were changed after signing",
      (claims, token) => {
        const [head, , signature] = token.split(".");
        return `${head}.${part({ ...claims, roles: ["admin"] })}.${signature}`;
      },
    ],
    ["with an RS384 signature", signed((claims) => claims, { alg: "RS384" })],
    ["of another type", signed((claims) => claims, { typ: "at+jwt" })],
    ["that is a logout token", signed((claims) => claims, { typ: "logout+jwt" })],
    ["for another audience", signed((claims) => ({ ...claims, aud: crypto.randomUUID() }))],
    [
      "for us and another, with nobody authorized",
      signed((claims) => ({ ...claims, aud: [claims.aud as string, "x"] })),
    ],
    ["that another client was authorized with", signed((claims) => ({ ...claims, azp: "x" }))],
    ["without an audience", without("aud")],
    ["of another issuer", signed((claims) => ({ ...claims, iss: "https://evil.example/v2.0" }))],
    [
      "of another directory's issuer",
      signed((claims) => ({ ...claims, iss: here.issuer.issuerOf(crypto.randomUUID()) })),
    ],
    ["without an issuer", without("iss")],
    ["of another directory than its issuer", signed((claims) => ({ ...claims, tid: crypto.randomUUID() }))],
    ["without a directory", without("tid")],
    ["of nobody", without("oid")],
    ["without a subject", without("sub")],
    ["with another nonce", signed((claims) => ({ ...claims, nonce: "x".repeat(43) }))],
    ["without a nonce", without("nonce")],
    ["with a list of nonces", signed((claims) => ({ ...claims, nonce: [claims.nonce as string] as never }))],
    ["that has expired", signed((claims) => ({ ...claims, exp: seconds() - 65 }))],
    ["that never expires", without("exp")],
    ["that isn't good yet", signed((claims) => ({ ...claims, nbf: seconds() + 65 }))],
    ["issued in the future", signed((claims) => ({ ...claims, iat: seconds() + 65 }))],
    ["issued at no time", without("iat")],
    ["of a sign-in in the future", signed((claims) => ({ ...claims, auth_time: seconds() + hour }))],
    ["of another access token", signed((claims) => ({ ...claims, at_hash: "x".repeat(22) }))],
    ["with a subject of 256 letters", signed((claims) => ({ ...claims, sub: "x".repeat(256) }))],
    ["with an object id that breaks the line", signed((claims) => ({ ...claims, oid: "a\nb" }))],
    ["with 3 000 groups", signed((claims) => ({ ...claims, groups: Array.from({ length: 3000 }, () => "g") }))],
    ["that is none", () => "not a token"],
    ["that is empty", () => ""],
    ["that isn't there", () => undefined],
  ];
  test.each(table)("403 %s", async (_, made) => {
    expect(await brought(made)).toMatchObject(failed);
  });

  test("of somebody else, which the issuer signed for this very sign-in, is somebody else's sign-in", async () => {
    const { status, text } = await brought(signed((claims) => ({ ...claims, oid: other.oid, name: "Mallory" })));
    expect(status).toBe(303);
    const me = await visit(`${here.url}/v1/me`, { headers: { cookie: `__Host-dais_session=${text}` } });
    expect(JSON.parse(me.body).actor.name.en).toBe("Mallory");
  });
});

describe("clocks that differ", () => {
  const at = async (ms: number) => {
    time = ms;
    const { callback, jar } = await atCallback(here);
    return (await visit(callback.href, { jar, headers: json })).status;
  };

  test.each([
    ["ours is 58 s behind the issuer's", -58 * second, 303],
    ["ours is 65 s behind", -65 * second, 403],
    ["ours is 58 s past the token's end", 60 * minute + 58 * second, 303],
    ["ours is 65 s past it", 60 * minute + 65 * second, 403],
  ])("%s", async (_, ms, status) => {
    expect(await at(ms)).toBe(status);
  });
});

describe("the issuer's keys", () => {
  // One of its own: what its server remembers of keys must be of this clock.
  let own: Identity;
  beforeAll(async () => {
    own = await startIdentity({ server: { redis: null, sources: { now } } });
  });
  afterEach(() => own.issuer.tamper(null));

  /** Somebody who is back from the issuer, and the token of their nonce by the key that is current now. */
  async function underWay() {
    const jar = makeJar();
    const on = (await newBrowser({ jar, stopAt: own.issuer.url }).open(`${own.url}/auth/sign-in`)).url;
    const browser = newBrowser({ jar, stopAt: `${own.url}/auth/callback` });
    let page = await browser.open(on);
    if (page.status === 200) page = await browser.press(page, layla);
    const nonce = new URL(on).searchParams.get("nonce") as string;
    return { jar, callback: page.url, token: await own.issuer.sign({ ...claims, nonce }) };
  }
  let claims: JWTPayload = {};
  const arrives = async ({ callback, jar, token }: Awaited<ReturnType<typeof underWay>>, by: "its" | "fresh") => {
    own.issuer.tamper((tokens) => (by === "its" ? { ...tokens, id_token: token } : tokens));
    return (await visit(callback, { jar, headers: json })).status;
  };

  test("rotate while somebody signs in, the old one gone at once: the new one is fetched, the old one is none", async () => {
    await brought((its, token) => {
      const { at_hash: _gone, ...rest } = its;
      claims = rest;
      return token;
    }, own);
    expect(await arrives(await underWay(), "its")).toBe(303);
    const [one, two] = [await underWay(), await underWay()];
    await own.issuer.rotateKeys({ keepOldSeconds: 0 });
    // Keys are asked for again for a key's name that nobody knows, but not at any rate.
    time = 31 * second;
    expect(await arrives(one, "fresh")).toBe(303);
    expect(await arrives(two, "its")).toBe(403);
  });

  test("rotate with the old one kept for a while: a token by either is good", async () => {
    time = 62 * second;
    await own.issuer.rotateKeys({ keepOldSeconds: 600 });
    for (let n = 0; n < 2; n += 1) expect((await session(own)).page.status).toBe(200);
  });
});

describe("while the issuer is away", () => {
  test.each(["unavailable", "drop"] as const)("503 with Retry-After, and right again by itself (%s)", async (how) => {
    const own = await startIdentity();
    own.issuer.pause(how);
    for (const [headers, type] of [
      [json, "application/problem+json"],
      [html, "text/html; charset=utf-8"],
    ] as const) {
      const answer = await visit(`${own.url}/auth/sign-in`, { headers });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([503, type]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(answer.cookies).toEqual([]);
    }
    own.issuer.resume();
    const { callback, jar } = await atCallback(own, [layla]);
    own.issuer.pause(how);
    const answer = await visit(callback.href, { jar, headers: json });
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([503, "unavailable"]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(textIn(jar)).toBe("");
    own.issuer.resume();
    expect((await session(own)).page.status).toBe(200);
  });

  test("503 where it answers with what nobody can read", async () => {
    const { callback, jar } = await atCallback(here);
    here.issuer.tamper(() => "<html>" as never);
    expect((await visit(callback.href, { jar, headers: json })).status).toBe(503);
    expect(textIn(jar)).toBe("");
  });
});
