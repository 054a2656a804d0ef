import { createPublicKey } from "node:crypto";
import { SignInRefused } from "@dais/adapters/oidc";
import { CompactEncrypt, exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import {
  closeStandins,
  type OidcStandin,
  oid,
  oidcStandin,
  otherTid,
  refused,
  signingKey,
  start,
  thrownBy,
  tid,
} from "./support/oidc-standin.ts";

afterEach(closeStandins);

const now = Math.floor(start.getTime() / 1000);
const rs = await signingKey("RS256");
const ps = await signingKey("PS256");
const es = await signingKey("ES256");
const ed = await signingKey("EdDSA");

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const hostile = (size: number) => Array.from({ length: size }, (_, at) => `group-${at}`);

describe("oidc: an ID token is refused", () => {
  type Lie = Parameters<OidcStandin["signIn"]>[1];

  test.each<[string, JWTPayload, string]>([
    ["for another client", { aud: "other" }, "token: claim aud"],
    ["for several, none of them us", { aud: ["other", "another"], azp: "dais" }, "token: claim aud"],
    ["for nobody", { aud: undefined }, "token: claim aud"],
    [
      "for several, with no authorized party",
      { aud: ["dais", "other"] },
      "token: several audiences and no authorized party",
    ],
    [
      "for several, and another is authorized",
      { aud: ["dais", "other"], azp: "other" },
      "token: another authorized party",
    ],
    ["for us, but another is authorized", { azp: "other" }, "token: another authorized party"],
    ["of another issuer", { iss: "https://login.evil.example/v2.0" }, "token: another issuer"],
    ["of no issuer", { iss: undefined }, "token: claim iss"],
    ["of another directory than its issuer", { tid: otherTid }, "token: another directory than its issuer"],
    ["of no directory", { tid: undefined }, "token: another directory than its issuer"],
    ["of no object", { oid: undefined }, "token: claim oid"],
    ["of an object with a line break", { oid: "a\nb" }, "token: claim oid"],
    ["of an endless object", { oid: "x".repeat(256) }, "token: claim oid"],
    ["of no subject", { sub: undefined }, "token: claim sub"],
    ["of a subject that is a list", { sub: ["pairwise-1"] as never }, "token: claim sub"],
    ["of a session that is a number", { sid: 7 }, "token: claim sid"],
    ["with another nonce", { nonce: "another" }, "token: nonce"],
    ["with no nonce", { nonce: undefined }, "token: nonce"],
    ["with a nonce that is a list", { nonce: ["x"] }, "token: nonce"],
    ["expired a minute ago", { exp: now - 60 }, "token: expired"],
    ["that never expires", { exp: undefined }, "token: claim exp"],
    ["that expires when no calendar says", { exp: 1e18 }, "token: a time that is none"],
    ["that expires by a text", { exp: "tomorrow" as never }, "token: claim exp"],
    ["not valid for a minute yet", { nbf: now + 61 }, "token: claim nbf"],
    ["issued in a minute", { iat: now + 61 }, "token: issued in the future"],
    ["issued never", { iat: undefined }, "token: claim iat"],
    ["signed in in a minute", { auth_time: now + 61 }, "token: signed in in the future"],
    ["signed in by a text", { auth_time: "now" }, "token: a time that is none"],
    ["of another access token", { at_hash: "x".repeat(22) }, "token: not the access token's"],
    ["of an access token in a list", { at_hash: [] }, "token: not the access token's"],
    ["with groups beyond all measure", { groups: hostile(2001) }, "token: too many of something"],
    ["with roles beyond all measure", { roles: hostile(501) }, "token: too many of something"],
  ])("%s", async (_, claims, reason) => {
    const standin = await oidcStandin();
    expect(await thrownBy(standin.signIn(standin.client(), { claims }))).toMatchObject(refused(reason));
  });

  test.each<[string, Lie, string]>([
    ["of a type of its own", { header: { typ: "at+jwt" } }, "token: another type"],
    ["that is a logout token", { header: { typ: "logout+jwt" } }, "token: another type"],
    ["of a type that is a number", { header: { typ: 7 } }, "token: another type"],
    ["with demands that nobody knows", { header: { crit: ["x"], x: 1 } }, "token: ERR_JOSE_NOT_SUPPORTED"],
    ["that is none", { idToken: "what?" }, "token: ERR_JWT_INVALID"],
    ["that is dots", { idToken: ".." }, "token: ERR_JWT_INVALID"],
    ["that is a list", { idToken: `${part({ alg: "RS256" })}.${part([])}.x` }, "token: ERR_JWT_INVALID"],
    ["that is longer than 64 KiB", { claims: { padding: "x".repeat(50_000) } }, "tokens: one that is none"],
  ])("%s", async (_, lies, reason) => {
    const standin = await oidcStandin();
    expect(await thrownBy(standin.signIn(standin.client(), lies))).toMatchObject(refused(reason));
  });

  test("with a hash of an access token that isn't there", async () => {
    const standin = await oidcStandin();
    const lies = { claims: { at_hash: "x".repeat(22) }, tokens: { access_token: undefined } };
    expect(await thrownBy(standin.signIn(standin.client(), lies))).toMatchObject(
      refused("token: not the access token's"),
    );
  });

  test("of a directory that is not allowed", async () => {
    const standin = await oidcStandin();
    const client = standin.client({ allowedTid: async (tid) => tid === otherTid });
    expect(await thrownBy(standin.signIn(client))).toMatchObject(refused("token: directory not allowed"));
  });

  /** Claims that an honest token of this sign-in would hold, to sign or not to sign by hand. */
  async function forged(standin: OidcStandin, forge: (claims: JWTPayload) => string | Promise<string>) {
    const client = standin.client();
    const begun = await client.begin({});
    const claims = {
      iss: standin.issuer,
      aud: "dais",
      sub: "s",
      tid,
      oid,
      iat: now,
      exp: now + 600,
      nonce: begun.nonce,
    };
    await standin.answers({ idToken: await forge(claims) });
    return thrownBy(client.finish(new URLSearchParams({ code: "c", state: begun.state }), begun));
  }

  test.each([
    ["none", "", ""],
    ["None", "", ""],
    ["none", "", "c2lnbmVk"],
  ])("that nobody signed: alg %s", async (alg, _, signature) => {
    const standin = await oidcStandin();
    const header = part({ alg, typ: "JWT", kid: standin.key.kid });
    expect(await forged(standin, (claims) => `${header}.${part(claims)}.${signature}`)).toMatchObject(
      refused("token: algorithm not allowed"),
    );
  });

  test.each(["HS256", "HS384", "HS512"])(
    "that is signed with what everybody knows, the public key: %s",
    async (alg) => {
      const standin = await oidcStandin();
      const spki = await exportSPKI((await importJWK(standin.key.jwk, "RS256")) as never);
      const der = createPublicKey(spki).export({ type: "spki", format: "der" });
      for (const secret of [
        Buffer.from(spki),
        Buffer.from(spki.trim()),
        der,
        Buffer.from(JSON.stringify(standin.key.jwk)),
      ])
        expect(
          await forged(standin, (claims) =>
            new SignJWT(claims).setProtectedHeader({ alg, kid: standin.key.kid }).sign(secret),
          ),
        ).toMatchObject(refused("token: algorithm not allowed"));
    },
  );

  test("that is signed with a shared secret which the issuer lists among its keys", async () => {
    const standin = await oidcStandin();
    const secret = Buffer.from("0123456789abcdef0123456789abcdef");
    standin.keys = [{ kty: "oct", kid: "shared", alg: "HS256", k: secret.toString("base64url") }];
    const forge = (claims: JWTPayload) =>
      new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "shared" }).sign(secret);
    expect(await forged(standin, forge)).toMatchObject(refused("token: algorithm not allowed"));
  });

  test.each(["RS384", "RS512", "PS384", "PS512", "ES384", "ES512"])(
    "by an algorithm that is not ours: %s",
    async (alg) => {
      const standin = await oidcStandin();
      const key = await signingKey(alg);
      standin.keys = [key.jwk];
      expect(await thrownBy(standin.signIn(standin.client(), { key }))).toMatchObject(
        refused("token: algorithm not allowed"),
      );
    },
  );

  test("by an algorithm that its key is not for", async () => {
    const standin = await oidcStandin();
    standin.keys = [rs.jwk, es.jwk];
    for (const key of [
      { ...es, kid: rs.kid },
      { ...rs, kid: es.kid },
      { ...rs, kid: rs.kid, alg: "PS256", privateKey: ps.privateKey },
    ])
      expect(await thrownBy(standin.signIn(standin.client(), { key }))).toMatchObject(refused("token: unknown key"));
  });

  test("whose signature is another's", async () => {
    const standin = await oidcStandin();
    const key = { ...rs, kid: standin.key.kid };
    expect(await thrownBy(standin.signIn(standin.client(), { key }))).toMatchObject(refused("token: signature"));
  });

  test("whose claims were changed after it was signed", async () => {
    const standin = await oidcStandin();
    const changed = async (claims: JWTPayload) => {
      const [header, , signature] = (await standin.idToken({ claims })).split(".");
      return `${header}.${part({ ...claims, oid: "somebody-else" })}.${signature}`;
    };
    expect(await forged(standin, changed)).toMatchObject(refused("token: signature"));
  });

  test("that brings its own key along", async () => {
    const standin = await oidcStandin();
    const keys = `${(await oidcStandin()).url}/keys`;
    for (const header of [{ jwk: rs.jwk }, { jku: keys }, { x5u: keys }, { x5c: ["MII"] }])
      expect(await thrownBy(standin.signIn(standin.client(), { key: rs, header }))).toMatchObject(
        refused("token: unknown key"),
      );
  });

  test("that is encrypted", async () => {
    const standin = await oidcStandin();
    const { publicKey } = await generateKeyPair("RSA-OAEP-256");
    const encrypted = (claims: JWTPayload) =>
      new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM" })
        .encrypt(publicKey);
    expect(await forged(standin, encrypted)).toMatchObject(refused("token: ERR_JWT_INVALID"));
  });

  test("by a key that is too short, or for encryption", async () => {
    const standin = await oidcStandin();
    standin.keys = [{ ...standin.key.jwk, use: "enc" }];
    expect(await thrownBy(standin.signIn(standin.client()))).toMatchObject(refused("token: unknown key"));
    standin.keys = [{ kty: "RSA", kid: standin.key.kid, n: "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffA", e: "AQAB" }];
    expect(await thrownBy(standin.signIn(standin.client()))).toBeInstanceOf(SignInRefused);
  });

  test("by a key of another directory, where one document holds the keys of all", async () => {
    const standin = await oidcStandin({ path: "/organizations/v2.0" });
    const template = standin.issuer.replace("organizations", "{tenantid}");
    standin.metadata.issuer = template;
    standin.keys = [
      { ...standin.key.jwk, issuer: template },
      { ...rs.jwk, issuer: template.replace("{tenantid}", otherTid) },
    ];
    const of = (directory: string) => ({ iss: template.replace("{tenantid}", directory), tid: directory });
    const client = standin.client();
    await expect(standin.signIn(client, { claims: of(tid) })).resolves.toMatchObject({ tid });
    await expect(standin.signIn(client, { claims: of(otherTid), key: rs })).resolves.toMatchObject({ tid: otherTid });
    expect(await thrownBy(standin.signIn(client, { claims: of(tid), key: rs }))).toMatchObject(
      refused("token: unknown key"),
    );
  });
});

describe("oidc: an ID token is taken", () => {
  test.each<[string, JWTPayload]>([
    ["that expired 59 seconds ago", { exp: now - 59 }],
    ["that will be valid in 60 seconds", { nbf: now + 60 }],
    ["that was issued in 60 seconds", { iat: now + 60, auth_time: now + 60 }],
    ["for several, where we are the authorized party", { aud: ["dais", "other"], azp: "dais" }],
    ["for a list of one", { aud: ["dais"] }],
  ])("%s", async (_, claims) => {
    const standin = await oidcStandin();
    await expect(standin.signIn(standin.client(), { claims })).resolves.toMatchObject({ oid });
  });

  // The hashes of the text "access-1", made with openssl.
  test.each([
    [rs, "9MKET0Y7WpOlF96BtnoJyA"],
    [ps, "9MKET0Y7WpOlF96BtnoJyA"],
    [es, "9MKET0Y7WpOlF96BtnoJyA"],
    [ed, "j_gttPifZFS_g6b4IrJKODpmGFP9qoL7SCZg8t8jzpU"],
  ])("by $alg, with the hash of its access token", async (key, at_hash) => {
    const standin = await oidcStandin();
    standin.keys = [rs.jwk, ps.jwk, es.jwk, ed.jwk];
    await expect(standin.signIn(standin.client(), { key, claims: { at_hash } })).resolves.toMatchObject({ oid });
  });

  test("without a kid where only one key can be meant", async () => {
    const standin = await oidcStandin();
    standin.keys = [rs.jwk, es.jwk];
    const header = { kid: undefined };
    await expect(standin.signIn(standin.client(), { key: rs, header })).resolves.toMatchObject({ oid });
    standin.keys = [rs.jwk, { ...standin.key.jwk }];
    expect(await thrownBy(standin.signIn(standin.client(), { key: rs, header }))).toMatchObject(
      refused("token: unknown key"),
    );
  });
});
