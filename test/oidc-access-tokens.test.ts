import { accessTokens } from "@dais/adapters/oidc";
import type { JWTPayload } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { closeStandins, type OidcStandin, oid, oidcStandin, signingKey, start, tid } from "./support/oidc-standin.ts";

afterEach(closeStandins);

const reader = (standin: OidcStandin, more: object = {}) =>
  accessTokens({
    issuer: standin.issuer,
    clientId: "dais",
    audiences: ["https://dais.example/mcp"],
    allowedTid: () => true,
    now: () => standin.clock.now,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    ...more,
  });
const time = Math.floor(start.getTime() / 1000);
const persons = { azp: "a-program", scp: "access read", ver: "2.0" };
const own = { azp: "a-program", idtyp: "app", sub: oid, roles: ["integration"], ver: "2.0" };
const cut = { issuedAt: start, expiresAt: start.getTime() + 3_660_000 };

describe("an access token of a directory, as Entra ID writes them", () => {
  const read = async (claims: JWTPayload, more: object = {}) => {
    const standin = await oidcStandin();
    return reader(standin, more)(await standin.idToken({ claims }));
  };

  test("of a person: who it is, through which application, for what", async () => {
    expect(await read(persons)).toEqual({
      ...cut,
      tid,
      clientId: "a-program",
      person: { oid, scopes: ["access", "read"], provenAt: null },
      appRoles: [],
    });
  });

  test("of an application that calls for itself, also without `idtyp`", async () => {
    const said = { ...cut, tid, clientId: "a-program", person: null, appRoles: ["integration"] };
    expect(await read(own)).toEqual(said);
    expect(await read({ ...own, idtyp: undefined })).toEqual(said);
  });

  test("a second factor counts from when the person proved it, where the context says so", async () => {
    const proven = async (claims: JWTPayload) => (await read({ ...persons, ...claims }))?.person?.provenAt;
    expect(await proven({ acrs: ["c1"], auth_time: time - 60 })).toEqual(new Date(start.getTime() - 60_000));
    expect(await proven({ acrs: ["c1"] })).toBeNull();
    expect(await proven({ amr: ["pwd", "mfa"], auth_time: time - 60 })).toBeNull();
  });

  test("for us by any of our names, and for nobody else", async () => {
    for (const aud of ["dais", "api://dais", "https://dais.example/mcp"])
      expect(await read({ ...persons, aud })).not.toBeNull();
    for (const aud of ["another", "https://dais.example", "api://another", ""])
      expect(await read({ ...persons, aud })).toBeNull();
  });

  test.each([
    ["an ID token by its nonce", { ...persons, nonce: "n" }],
    ["an ID token by the hash of another", { ...persons, at_hash: "h" }],
    ["of another version", { ...persons, ver: "1.0" }],
    ["of another directory than its issuer's", { ...persons, tid: crypto.randomUUID() }],
    ["of no application", { ...persons, azp: undefined }],
    ["of nobody", { ...persons, oid: undefined }],
    ["of a person without scopes", { ...persons, scp: undefined }],
    ["of a person with scopes that are none", { ...persons, scp: "   " }],
    ["both an application's and a person's", { ...own, scp: "access" }],
    ["of a sign-in in the future", { ...persons, auth_time: time + 3600 }],
  ])("null: %s", async (_, claims) => expect(await read(claims)).toBeNull());

  test("null: of a directory that nobody here knows", async () => {
    expect(await read(persons, { allowedTid: () => false })).toBeNull();
  });

  test("null: signed by somebody else, with what both sides know, or not at all", async () => {
    const standin = await oidcStandin();
    const verify = reader(standin);
    const other = await signingKey();
    expect(
      await verify(await standin.idToken({ claims: persons, key: { ...other, kid: standin.key.kid } })),
    ).toBeNull();
    const [, body, mark] = (await standin.idToken({ claims: persons })).split(".");
    for (const alg of ["none", "HS256"]) {
      const head = Buffer.from(JSON.stringify({ alg, typ: "JWT", kid: standin.key.kid })).toString("base64url");
      expect(await verify(`${head}.${body}.${mark}`)).toBeNull();
    }
    for (const text of ["", "a.b", "a.b.c.d", "dais_rimal_x", "x".repeat(100_000), `${"x".repeat(70_000)}.y.z`])
      expect(await verify(text)).toBeNull();
  });
});

describe("an access token of another issuer (RFC 9068)", () => {
  const read = async (claims: JWTPayload, header = { typ: "at+jwt" }) => {
    const standin = await oidcStandin({ path: "" });
    const own = { tid: undefined, oid: undefined, ...claims };
    return { standin, said: await reader(standin)(await standin.idToken({ claims: own, header })) };
  };

  test("of a person, by `scope` and `sub`; the methods say whether a second factor was proven", async () => {
    const claims = { client_id: "a-program", scope: "openid access", amr: ["otp", "mfa"], auth_time: time - 30 };
    const { standin, said } = await read(claims);
    expect(said).toEqual({
      ...cut,
      tid: standin.issuer,
      clientId: "a-program",
      person: { oid: "pairwise-1", scopes: ["openid", "access"], provenAt: new Date(start.getTime() - 30_000) },
      appRoles: [],
    });
  });

  test("of an application, which is its own subject", async () => {
    const { said } = await read({ client_id: "a-program", sub: "a-program", roles: ["integration"] });
    expect(said).toMatchObject({ clientId: "a-program", person: null, appRoles: ["integration"] });
  });

  test("null: without scopes, without a client, or an ID token", async () => {
    for (const claims of [
      { client_id: "a-program" },
      { scope: "access" },
      { azp: "a-program", scope: "access", nonce: "n" },
    ])
      expect((await read(claims)).said).toBeNull();
    expect((await read({ azp: "a-program", scope: "access" }, { typ: "logout+jwt" })).said).toBeNull();
  });
});

test("503 while the issuer can't be asked, and right again by itself", async () => {
  const standin = await oidcStandin();
  const verify = reader(standin);
  const token = await standin.idToken({ claims: persons });
  standin.reply.keys = () => ({ status: 503 });
  await expect(verify(token)).rejects.toMatchObject({ code: "unavailable" });
  standin.reply.keys = undefined;
  expect(await verify(token)).not.toBeNull();
});
