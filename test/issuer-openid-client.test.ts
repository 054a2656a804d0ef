import type { Issuer } from "@dais/issuer";
import * as client from "openid-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Press, walk } from "./support/browser.ts";
import { api, application, browserOf, home, mariam, otherApi, stepUp, testIssuer, tid } from "./support/issuer.ts";

let issuer: Issuer;
let configuration: client.Configuration;
beforeAll(async () => {
  issuer = await testIssuer();
  const { clientId, clientSecret } = application;
  const http = { execute: [client.allowInsecureRequests] };
  configuration = await client.discovery(new URL(issuer.issuerOf(tid)), clientId, clientSecret, undefined, http);
});
afterAll(() => issuer.stop());

/** The library's own check of everything: issuer, state, nonce, PKCE, signature, age. */
async function signIn(presses: readonly Press[], more: Record<string, string> = {}, browser = browserOf()) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: `${home}callback`,
    scope: "openid profile email offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
    ...more,
  });
  const page = await walk(url.href, presses, browser);
  return client.authorizationCodeGrant(configuration, new URL(page.url), {
    pkceCodeVerifier,
    expectedState,
    expectedNonce,
    ...(more.max_age === undefined ? {} : { maxAge: Number(more.max_age) }),
  });
}

describe("openid-client with the embedded issuer", () => {
  test("signs in, refreshes, and asks for userinfo", async () => {
    client.enableNonRepudiationChecks(configuration);
    const tokens = await signIn(["Mariam"]);
    const claims = tokens.claims();
    expect(claims).toMatchObject({ oid: mariam.oid, tid, iss: issuer.issuerOf(tid) });
    const refreshed = await client.refreshTokenGrant(configuration, tokens.refresh_token ?? "");
    expect(refreshed.claims()?.sub).toBe(claims?.sub);
    const info = await client.fetchUserInfo(configuration, refreshed.access_token, claims?.sub ?? "");
    expect(info).toMatchObject({ name: mariam.name, email: mariam.email });
  });

  test("steps up, and asks for a young sign-in", async () => {
    const browser = browserOf();
    await signIn(["Mariam"], {}, browser);
    const claims = { claims: stepUp, prompt: "login", max_age: "300" };
    const tokens = await signIn(["Mariam", "Approve"], claims, browser);
    expect(tokens.claims()).toMatchObject({ acrs: ["c1"], amr: ["pwd", "mfa"] });
  });

  test("sees an error as one", async () => {
    const refused = signIn([], { prompt: "none" });
    await expect(refused).rejects.toMatchObject({ error: "login_required" });
  });

  test("gets tokens for a program, and on behalf of a person", async () => {
    const own = await client.clientCredentialsGrant(configuration, { scope: `${api.uri}/.default` });
    expect(own.token_type).toBe("bearer");
    const { access_token } = await signIn(["Mariam"], { scope: `openid profile ${api.uri}/access` });
    const next = await client.genericGrantRequest(configuration, "urn:ietf:params:oauth:grant-type:jwt-bearer", {
      assertion: access_token,
      requested_token_use: "on_behalf_of",
      scope: `openid ${otherApi.uri}/read`,
    });
    expect(next.claims()).toMatchObject({ oid: mariam.oid });
    expect(next.scope).toBe(`${otherApi.uri}/read`);
  });

  test("signs out", async () => {
    const browser = browserOf();
    const { id_token } = await signIn(["Mariam"], {}, browser);
    const url = client.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: `${home}bye`,
      id_token_hint: id_token ?? "",
    });
    expect((await walk(url.href, [], browser)).url).toBe(`${home}bye`);
    await expect(signIn([], { prompt: "none" }, browser)).rejects.toMatchObject({ error: "login_required" });
  });
});
