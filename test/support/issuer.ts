import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type Issuer, type IssuerClient, type IssuerOptions, startIssuer, type Tokens } from "@dais/issuer";
import { type Browser, newBrowser, type Page, type Press, walk } from "./browser.ts";

export const tid = "11111111-1111-4111-8111-111111111111";
export const otherTid = "22222222-2222-4222-8222-222222222222";
/** Where the application would listen: the browser stops there. */
export const home = "http://localhost:1/";
export const application = {
  clientId: "aaaaaaaa-0000-4000-8000-000000000001",
  clientSecret: "the application's secret, which is long enough",
  redirectUris: [`${home}callback`],
  postLogoutRedirectUris: [`${home}bye`],
};
/** The API that the application is too, and another one that it calls. */
export const api = { clientId: application.clientId, uri: `api://${application.clientId}`, scopes: ["access"] };
export const otherApi = {
  clientId: randomUUID(),
  uri: "api://ledger",
  scopes: ["read", "write"],
  resources: ["http://localhost:3000/mcp"],
};

const person = (name: string, rest: { oid?: string; groups?: readonly string[]; email?: string | null } = {}) => ({
  oid: rest.oid ?? randomUUID(),
  name,
  title: `Title of ${name}`,
  preferredUsername: `${name.toLowerCase().replaceAll(" ", ".")}@rimal.example`,
  email: rest.email === undefined ? `${name.toLowerCase().replaceAll(" ", ".")}@rimal.example` : rest.email,
  roles: ["Executive"],
  groups: rest.groups ?? [randomUUID()],
});

export const mariam = { ...person("Mariam Al Suwaidi"), nameArabic: "مريم السويدي" };
export const yousef = person("Yousef Haddad", { email: null });
export const ofMany = person("Layla Al Marri", { groups: Array.from({ length: 250 }, () => randomUUID()) });
export const marked = { ...person("Bobby"), name: 'Bobby <img src=x onerror="alert(1)">\r\n& "sons"' };
export const stranger = person("Sara Falak");

/** An issuer of two directories, for one test file. */
export function testIssuer({
  clients = [],
  ...options
}: Partial<IssuerOptions> & { clients?: IssuerClient[] } = {}): Promise<Issuer> {
  return startIssuer({
    nodeEnv: "test",
    tenants: [
      { tid, name: "Rimal Holding", people: [mariam, yousef, ofMany, marked] },
      { tid: otherTid, name: "Falak", people: [stranger] },
    ],
    clients: [application, ...clients],
    apis: [api, otherApi],
    ...options,
  });
}

export const stepUp = JSON.stringify({ id_token: { acrs: { essential: true, value: "c1" } } });

/** An authorization request, and what its answer is redeemed with. */
export function request(issuer: Issuer, parameters: Record<string, string> = {}, directory = tid) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: application.clientId,
    response_type: "code",
    redirect_uri: `${home}callback`,
    scope: "openid profile email offline_access User.Read",
    state: "a state",
    nonce: "a nonce",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...parameters,
  });
  return { url: `${issuer.url}/${directory}/oauth2/v2.0/authorize?${query}`, verifier, directory };
}

/** Parameters of the address that a walk has ended at. */
export const answerOf = (page: Page) => Object.fromEntries(new URL(page.url).searchParams);

export const browserOf = (): Browser => newBrowser({ stopAt: home });

/** Walks through the pages and redeems the code: what an application gets for a person. */
export async function signedIn(
  issuer: Issuer,
  presses: readonly Press[],
  parameters: Record<string, string> = {},
  browser = browserOf(),
): Promise<Tokens> {
  const { url, verifier } = request(issuer, parameters);
  const page = await walk(url, presses, browser);
  const { code } = answerOf(page);
  if (!code) throw new Error(`No code: ${page.url} (${page.status})\n${page.body}`);
  return (await redeem(issuer, code, verifier)).body as Tokens;
}

export const redeem = (issuer: Issuer, code: string, verifier: string, more: Record<string, string> = {}) =>
  token(issuer, {
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    redirect_uri: `${home}callback`,
    ...more,
  });

export type Answer = { status: number; body: Tokens & { error: string; error_description: string; claims: string } };

/** Asks the token endpoint, as the application unless said otherwise. */
export async function token(issuer: Issuer, form: Record<string, string>, directory = tid): Promise<Answer> {
  const { clientId, clientSecret } = application;
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form });
  const response = await fetch(`${issuer.url}/${directory}/oauth2/v2.0/token`, { method: "POST", body });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}
