import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { Issuer } from "@dais/issuer";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newBrowser, walk } from "./support/browser.ts";
import {
  answerOf,
  api,
  application,
  browserOf,
  mariam,
  otherApi,
  otherTid,
  request,
  signedIn,
  stepUp,
  testIssuer,
  tid,
  token,
} from "./support/issuer.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const program = {
  clientId: randomUUID(),
  clientSecret: "the program's secret",
  redirectUris: [],
  appRoles: ["Signals.Ingest"],
};
const signer = {
  clientId: randomUUID(),
  certificate: publicKey.export({ type: "spki", format: "pem" }) as string,
  redirectUris: [],
};
const publicClient = { clientId: randomUUID(), redirectUris: ["http://127.0.0.1/callback"] };
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

let issuer: Issuer;
beforeAll(async () => {
  issuer = await testIssuer({ clients: [program, signer, publicClient], accessTokenSeconds: 300 });
});
afterAll(() => issuer.stop());

async function verified(accessToken: string, audience: string) {
  const keys = createRemoteJWKSet(new URL(`${issuer.url}/${tid}/discovery/v2.0/keys`));
  return (await jwtVerify(accessToken, keys, { issuer: issuer.issuerOf(tid), audience, typ: "JWT" })).payload;
}

describe("a program for itself", () => {
  const ask = (form: Record<string, string> = {}, directory = tid) =>
    token(
      issuer,
      {
        grant_type: "client_credentials",
        client_id: program.clientId,
        client_secret: program.clientSecret,
        scope: `${api.uri}/.default`,
        ...form,
      },
      directory,
    );

  test("gets a token for the API, with its app roles", async () => {
    const { status, body } = await ask();
    expect([status, body]).toMatchObject([200, { token_type: "Bearer", expires_in: 300, ext_expires_in: 300 }]);
    const claims = await verified(body.access_token, api.clientId);
    expect(claims).toMatchObject({
      tid,
      azp: program.clientId,
      azpacr: "1",
      idtyp: "app",
      ver: "2.0",
      roles: ["Signals.Ingest"],
    });
    expect(claims.oid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(claims.sub).toBe(claims.oid);
    for (const name of ["scp", "scope", "client_id", "name"]) expect(claims).not.toHaveProperty(name);
    expect(body).not.toHaveProperty("id_token");
    expect(body).not.toHaveProperty("refresh_token");
  });

  test("is somebody else in another directory", async () => {
    const [here, there] = [await ask(), await ask({}, otherTid)].map(({ body }) => decodeJwt(body.access_token));
    expect(there?.tid).toBe(otherTid);
    expect(there?.oid).not.toBe(here?.oid);
  });

  test("proves itself with a signed assertion instead of a secret", async () => {
    const assertion = () =>
      new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: "PS256" })
        .setIssuer(signer.clientId)
        .setSubject(signer.clientId)
        .setAudience(`${issuer.url}/${tid}/oauth2/v2.0/token`)
        .setIssuedAt()
        .setExpirationTime("5 min")
        .sign(privateKey);
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      scope: `${api.uri}/.default`,
      client_id: signer.clientId,
      client_assertion_type: assertionType,
      client_assertion: await assertion(),
    });
    const send = () => fetch(`${issuer.url}/${tid}/oauth2/v2.0/token`, { method: "POST", body });
    const { access_token } = (await (await send()).json()) as { access_token: string };
    const claims = await verified(access_token, api.clientId);
    expect(claims).toMatchObject({ azp: signer.clientId, azpacr: "2" });
    expect(claims).not.toHaveProperty("roles");
    expect((await send()).status).toBe(401); // the assertion, a second time
  });

  test("400: without /.default, for an unknown API, for two", async () => {
    for (const scope of [
      "",
      `${api.uri}/access`,
      "api://nobody/.default",
      `${api.uri}/.default ${otherApi.uri}/.default`,
    ]) {
      const { status, body } = await ask({ scope });
      expect([status, body.error, body.error_description]).toEqual([
        400,
        "invalid_scope",
        expect.stringMatching(/^AADSTS70011: /),
      ]);
    }
  });

  test("401: with a wrong secret; a public client gets nothing", async () => {
    expect((await ask({ client_secret: "guessed" })).body).toMatchObject({
      error: "invalid_client",
      error_codes: [7000215],
    });
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: publicClient.clientId,
      scope: `${api.uri}/.default`,
    });
    expect((await fetch(`${issuer.url}/${tid}/oauth2/v2.0/token`, { method: "POST", body })).status).toBe(400);
  });
});

describe("a program for a person who is there", () => {
  const scope = `openid profile offline_access ${api.uri}/access`;

  test("gets an access token for the API", async () => {
    const tokens = await signedIn(issuer, ["Mariam", "Approve"], { scope, claims: stepUp });
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: "JWT", alg: "RS256" });
    const claims = await verified(tokens.access_token, api.clientId);
    expect(claims).toMatchObject({
      tid,
      oid: mariam.oid,
      azp: application.clientId,
      azpacr: "1",
      scp: "access",
      roles: mariam.roles,
      groups: mariam.groups,
      amr: ["pwd", "mfa"],
      acrs: ["c1"],
      ver: "2.0",
    });
    expect(claims).not.toHaveProperty("idtyp");
    expect(tokens.scope).toBe(`${api.uri}/access`);
  });

  test("gets another one with the refresh token, as proven as the first", async () => {
    const { refresh_token = "" } = await signedIn(issuer, ["Mariam", "Approve"], { scope, claims: stepUp });
    const { body } = await token(issuer, { grant_type: "refresh_token", refresh_token, scope });
    expect(await verified(body.access_token, api.clientId)).toMatchObject({ scp: "access", acrs: ["c1"] });
  });

  test(".default means all scopes of the API", async () => {
    const { access_token } = await signedIn(issuer, ["Mariam"], { scope: `openid ${otherApi.uri}/.default` });
    expect((await verified(access_token, otherApi.clientId)).scp).toBe("read write");
  });

  test("a public client names the API by its address (RFC 8707), and listens on any port of the machine (RFC 8252)", async () => {
    const redirect_uri = "http://127.0.0.1:49152/callback";
    const { url, verifier } = request(issuer, {
      client_id: publicClient.clientId,
      redirect_uri,
      resource: "http://localhost:3000/mcp",
      scope: `openid ${otherApi.uri}/read`,
    });
    const { code = "" } = answerOf(await walk(url, ["Mariam"], newBrowser({ stopAt: redirect_uri })));
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: publicClient.clientId,
      code,
      code_verifier: verifier,
      redirect_uri,
    });
    const response = await fetch(`${issuer.url}/${tid}/oauth2/v2.0/token`, { method: "POST", body });
    const { access_token } = (await response.json()) as { access_token: string };
    const claims = await verified(access_token, otherApi.clientId);
    expect(claims).toMatchObject({ azp: publicClient.clientId, azpacr: "0", scp: "read" });
    const elsewhere = request(issuer, { resource: "http://localhost:3000/else" }).url;
    expect(answerOf(await walk(elsewhere, [], browserOf())).error).toBe("invalid_target");
  });

  test("an unknown scope is told to the application", async () => {
    await expect(signedIn(issuer, [], { scope: `openid ${api.uri}/everything` })).rejects.toThrow("invalid_scope");
  });
});

describe("on behalf of a person", () => {
  const exchange = (assertion: string, form: Record<string, string> = {}) =>
    token(issuer, {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      requested_token_use: "on_behalf_of",
      scope: `${otherApi.uri}/read offline_access`,
      assertion,
      ...form,
    });
  const callOf = async (parameters: Record<string, string> = {}, presses = ["Mariam"]) =>
    (await signedIn(issuer, presses, { scope: `openid ${api.uri}/access`, ...parameters })).access_token;

  test("an API exchanges the caller's token for one of the next API", async () => {
    const { status, body } = await exchange(await callOf());
    expect(status).toBe(200);
    const claims = await verified(body.access_token, otherApi.clientId);
    expect(claims).toMatchObject({ oid: mariam.oid, azp: api.clientId, scp: "read", amr: ["pwd"], tid });
    const { body: again } = await token(issuer, {
      grant_type: "refresh_token",
      refresh_token: body.refresh_token ?? "",
    });
    expect(await verified(again.access_token, otherApi.clientId)).toMatchObject({ oid: mariam.oid, scp: "read" });
  });

  test("400 interaction_required with the claims to ask the person for, where the second factor is missing", async () => {
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
    const { status, body } = await exchange(await callOf(), { claims });
    expect([status, body]).toMatchObject([400, { error: "interaction_required", claims, error_codes: [50076] }]);
    const proven = await exchange(await callOf({ claims }, ["Mariam", "Approve"]), { claims });
    expect(decodeJwt(proven.body.access_token).acrs).toEqual(["c1"]);
  });

  test("400: with a token for another API, of a program, an ID token, a forged one, or none", async () => {
    const elsewhere = await callOf({ scope: `openid ${otherApi.uri}/read` });
    const app = await token(issuer, { grant_type: "client_credentials", scope: `${api.uri}/.default` });
    const { id_token = "" } = await signedIn(issuer, ["Mariam"]);
    const forged = `${(await callOf()).split(".").slice(0, 2).join(".")}.${"A".repeat(342)}`;
    for (const assertion of [elsewhere, app.body.access_token, id_token, forged, "nothing"]) {
      expect((await exchange(assertion)).body.error).toBe("invalid_grant");
    }
  });

  test("400: of a disabled person", async () => {
    const own = await testIssuer();
    const { access_token } = await signedIn(own, ["Mariam"], { scope: `openid ${api.uri}/access` });
    own.setPerson(mariam.oid, { disabled: true });
    const { body } = await token(own, {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      requested_token_use: "on_behalf_of",
      scope: `${otherApi.uri}/read`,
      assertion: access_token,
    });
    expect(body.error).toBe("invalid_grant");
    await own.stop();
  });
});
