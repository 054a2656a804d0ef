import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError } from "@azure/msal-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aProgram, type Bearer, knownPerson, letIn, startBearer } from "./support/bearer.ts";
import { newBrowser, type Press, walk } from "./support/browser.ts";
import { localCertificate } from "./support/certificate.ts";
import type { Person } from "./support/people.ts";
import { restClient } from "./support/rest.ts";

/** An API between the person's browser and ours: it has a name for itself, and calls us for the person. */
const middle = aProgram();
const middleApi = { clientId: middle.clientId, uri: `api://${middle.clientId}`, scopes: ["access"] };
const redirectUri = middle.redirectUris[0] as string;
const trusted = getCACertificates("default");
const tls = localCertificate();

let here: Bearer;
let layla: Person;
let msal: ConfidentialClientApplication;
beforeAll(async () => {
  setDefaultCACertificates([...trusted, tls.cert]); // MSAL knows no authority without TLS
  here = await startBearer({ tls, clients: [middle], apis: [middleApi] });
  layla = await knownPerson(here, here.layla.oid, ["operational", "admin"]);
  await letIn(here, middle);
  const { clientId, clientSecret } = middle;
  // Microsoft's list of authorities hasn't got this host: MSAL is told that it is one.
  const { host } = new URL(here.issuer.url);
  msal = new ConfidentialClientApplication({
    auth: { clientId, clientSecret, authority: `${here.issuer.url}/${here.tid}`, knownAuthorities: [host] },
  });
});
afterAll(() => setDefaultCACertificates(trusted));

const client = (token = "") => restClient(here.url, token);

async function signIn(presses: readonly Press[], claims?: string): Promise<string> {
  const { challenge, verifier } = await new CryptoProvider().generatePkceCodes();
  const request = { scopes: [`${middleApi.uri}/access`], redirectUri, ...(claims ? { claims } : {}) };
  const url = await msal.getAuthCodeUrl({ ...request, codeChallenge: challenge, codeChallengeMethod: "S256" });
  const page = await walk(url, presses, newBrowser({ stopAt: redirectUri }));
  const code = new URL(page.url).searchParams.get("code") ?? "";
  return (await msal.acquireTokenByCode({ ...request, code, codeVerifier: verifier })).accessToken;
}

describe("@azure/msal-node, through our API", () => {
  test("200: client credentials: a program calls for itself", async () => {
    const result = await msal.acquireTokenByClientCredential({ scopes: [`${here.api.uri}/.default`] });
    const { body } = await client(result?.accessToken).get("/me");
    expect(body).toMatchObject({ actor: { kind: "client", name: { en: "Importer" } }, person: null });
    expect((await client(result?.accessToken).get("/signals")).status).toBe(200);
  });

  test("200: on behalf of: an API that was called by a person calls us for the person", async () => {
    const oboAssertion = await signIn(["Layla Al Marri"]);
    expect((await client(oboAssertion).get("/me")).status).toBe(401); // it is for the API in the middle
    const next = await msal.acquireTokenOnBehalfOf({ oboAssertion, scopes: [`${here.api.uri}/access`] });
    const { body } = await client(next?.accessToken).get("/me");
    expect(body).toMatchObject({ actor: { id: layla.id, kind: "user" }, roles: expect.arrayContaining(["admin"]) });
  });

  test("200: our claims challenge goes up to the person, and what they prove comes down to us", async () => {
    const scopes = [`${here.api.uri}/access`];
    const oboAssertion = await signIn(["Layla Al Marri"]);
    const first = await msal.acquireTokenOnBehalfOf({ oboAssertion, scopes });
    const mapping = { kind: "app_role", value: "by-msal", role: "auditor" };
    const asked = await client(first?.accessToken).post("/roles/map", mapping);
    expect(asked).toMatchObject({ status: 401, body: { code: "step_up_required" } });
    const challenge = /claims="([^"]+)"/.exec(asked.headers.get("www-authenticate") ?? "")?.[1] ?? "";
    const claims = Buffer.from(challenge, "base64").toString();
    const refused = await msal
      .acquireTokenOnBehalfOf({ oboAssertion, scopes, claims, skipCache: true })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InteractionRequiredAuthError);

    const proven = await signIn(["Layla Al Marri", "Approve"], claims);
    const second = await msal.acquireTokenOnBehalfOf({ oboAssertion: proven, scopes, claims, skipCache: true });
    expect(await client(second?.accessToken).post("/roles/map", mapping)).toMatchObject({ status: 200 });
  });
});
