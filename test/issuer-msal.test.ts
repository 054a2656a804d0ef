import { createHash, randomUUID } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError } from "@azure/msal-node";
import type { Issuer } from "@dais/issuer";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Press, walk } from "./support/browser.ts";
import { localCertificate } from "./support/certificate.ts";
import { api, application, browserOf, home, mariam, otherApi, stepUp, testIssuer, tid } from "./support/issuer.ts";

const trusted = getCACertificates("default");
const tls = localCertificate();
const signer = localCertificate();
const daemon = { clientId: randomUUID(), certificate: signer.cert, redirectUris: [], appRoles: ["Signals.Ingest"] };
const redirectUri = `${home}callback`;

let issuer: Issuer;
beforeAll(async () => {
  // MSAL knows no authority without TLS.
  setDefaultCACertificates([...trusted, tls.cert]);
  issuer = await testIssuer({ tls, host: "localhost", clients: [daemon] });
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  await issuer.stop();
});

/** MSAL as it is, but for one thing: it is told that this host is an authority, since Microsoft's list hasn't got it. */
const authority = () => ({ authority: `${issuer.url}/${tid}`, knownAuthorities: [new URL(issuer.url).host] });
const confidential = (clientCapabilities?: string[]) =>
  new ConfidentialClientApplication({
    auth: { ...application, ...authority(), ...(clientCapabilities ? { clientCapabilities } : {}) },
  });

async function signIn(
  msal: ConfidentialClientApplication,
  presses: readonly Press[],
  { scopes = ["User.Read"], claims }: { scopes?: string[]; claims?: string } = {},
  browser = browserOf(),
) {
  const { challenge, verifier } = await new CryptoProvider().generatePkceCodes();
  const request = { scopes, redirectUri, ...(claims ? { claims } : {}) };
  const url = await msal.getAuthCodeUrl({ ...request, codeChallenge: challenge, codeChallengeMethod: "S256" });
  const { code = "" } = Object.fromEntries(new URL((await walk(url, presses, browser)).url).searchParams);
  return msal.acquireTokenByCode({ ...request, code, codeVerifier: verifier });
}

describe("@azure/msal-node with the embedded issuer", () => {
  test("signs in by code, and has the account", async () => {
    const result = await signIn(confidential(), ["Mariam"]);
    expect(result).toMatchObject({ uniqueId: mariam.oid, tenantId: tid, tokenType: "Bearer" });
    expect(result.account).toMatchObject({
      homeAccountId: `${mariam.oid}.${tid}`,
      username: mariam.preferredUsername,
      name: mariam.name,
    });
    expect(result.idTokenClaims).toMatchObject({ oid: mariam.oid, roles: mariam.roles });
  });

  test("renews silently with its refresh token", async () => {
    const msal = confidential();
    const { account, accessToken } = await signIn(msal, ["Mariam"]);
    if (!account) throw new Error("no account");
    const renewed = await msal.acquireTokenSilent({ account, scopes: ["User.Read"], forceRefresh: true });
    expect(renewed.fromCache).toBe(false);
    expect(renewed.accessToken).not.toBe(accessToken);
  });

  test("passes a claims challenge on, and the person steps up", async () => {
    const msal = confidential(["CP1"]);
    const browser = browserOf();
    const before = await signIn(msal, ["Mariam"], {}, browser);
    expect(before.idTokenClaims).not.toHaveProperty("acrs");
    const after = await signIn(msal, ["Approve on my phone"], { claims: stepUp }, browser);
    expect(after.idTokenClaims).toMatchObject({ acrs: ["c1"], amr: ["pwd", "mfa"] });
  });

  test("gets a token for a program, by a secret and by a certificate", async () => {
    const scopes = [`${api.uri}/.default`];
    const own = await confidential().acquireTokenByClientCredential({ scopes });
    expect(decodeJwt(own?.accessToken ?? "")).toMatchObject({ aud: api.clientId, azpacr: "1", idtyp: "app" });

    const der = Buffer.from(signer.cert.replace(/-----.*?-----|\s/g, ""), "base64");
    const thumbprintSha256 = createHash("sha256").update(der).digest("hex");
    const clientCertificate = { thumbprintSha256, privateKey: signer.key };
    const msal = new ConfidentialClientApplication({
      auth: { clientId: daemon.clientId, clientCertificate, ...authority() },
    });
    const result = await msal.acquireTokenByClientCredential({ scopes });
    expect(decodeJwt(result?.accessToken ?? "")).toMatchObject({
      azp: daemon.clientId,
      azpacr: "2",
      roles: ["Signals.Ingest"],
    });
  });

  test("exchanges a person's token on their behalf, and sees a claims challenge there", async () => {
    const msal = confidential();
    const { accessToken } = await signIn(msal, ["Mariam"], { scopes: [`${api.uri}/access`] });
    const scopes = [`${otherApi.uri}/read`];
    const next = await msal.acquireTokenOnBehalfOf({ oboAssertion: accessToken, scopes });
    expect(decodeJwt(next?.accessToken ?? "")).toMatchObject({ aud: otherApi.clientId, oid: mariam.oid, scp: "read" });

    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
    const refused = await msal
      .acquireTokenOnBehalfOf({ oboAssertion: accessToken, scopes, claims, skipCache: true })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InteractionRequiredAuthError);
    const challenge = (refused as InteractionRequiredAuthError).claims;
    expect(challenge).toBe(claims);

    const proven = await signIn(msal, ["Mariam", "Approve"], { scopes: [`${api.uri}/access`], claims: challenge });
    const granted = await msal.acquireTokenOnBehalfOf({ oboAssertion: proven.accessToken, scopes, claims });
    expect(decodeJwt(granted?.accessToken ?? "").acrs).toEqual(["c1"]);
  });
});
