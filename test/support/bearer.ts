import { randomBytes } from "node:crypto";
import type { Server } from "@dais/api/server";
import { type Issuer, type IssuerApi, type IssuerClient, type IssuerPerson, startIssuer } from "@dais/issuer";
import { freePort } from "@dais/local/port";

import { newBrowser, walk } from "./browser.ts";
import { afterFile } from "./ending.ts";
import { admits, somebody } from "./identity.ts";
import { answerOf, request } from "./issuer.ts";
import { asOwner } from "./owner.ts";
import { makePerson } from "./people.ts";
import { type Place, place } from "./place.ts";
import { type RestClient, restClient } from "./rest.ts";
import { type Options, startServer } from "./server.ts";

export const stepUpClaims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
export const scopes = ["access", "read", "signal.read", "posture.read"];

/** An issuer that gives tokens for our API to programs of all kinds, a server that takes them, and an organisation. */
export type Bearer = {
  issuer: Issuer;
  server: Server;
  url: string;
  tid: string;
  place: Place;
  api: { clientId: string; uri: string };
  /** A program with a secret, that may also sign people in. */
  program: IssuerClient & { clientSecret: string };
  layla: IssuerPerson;
  /** A token that a program gets for itself. */
  own(client?: IssuerClient): Promise<string>;
  /** A token that a program gets for a person, who signs in and presses what is said. */
  persons(of?: { client?: IssuerClient; scope?: string; presses?: string[]; claims?: string }): Promise<string>;
};

export const aProgram = (of: Partial<IssuerClient> = {}): IssuerClient & { clientSecret: string } => ({
  clientId: crypto.randomUUID(),
  clientSecret: randomBytes(16).toString("hex"),
  redirectUris: ["http://localhost:1/callback"],
  appRoles: ["integration"],
  ...of,
});

type BearerOptions = {
  people?: readonly IssuerPerson[];
  clients?: readonly IssuerClient[];
  apis?: readonly IssuerApi[];
  tls?: { key: string; cert: string };
  server?: Options;
  /** Settings that name the issuer, once it is known where it is. */
  transmits?(issuer: string): Record<string, string>;
  accessTokenSeconds?: number;
};

/** Starts all of it. Stopped after the file. */
export async function startBearer(options: BearerOptions = {}): Promise<Bearer> {
  const tid = crypto.randomUUID();
  const clientId = crypto.randomUUID();
  const layla = somebody();
  const program = aProgram();
  const url = `http://localhost:${await freePort(20_000 + Math.floor(Math.random() * 20_000))}`;
  const api = {
    clientId,
    uri: `api://${clientId}`,
    scopes,
    resources: ["", "/v1", "/mcp"].map((face) => `${url}${face}`),
  };
  const own = { clientId, clientSecret: randomBytes(16).toString("hex"), redirectUris: [`${url}/auth/callback`] };
  const issuer = await startIssuer({
    nodeEnv: "test",
    ...(options.tls && { tls: options.tls, host: "localhost" }),
    tenants: [{ tid, name: "Rimal Holding", people: [layla, ...(options.people ?? [])] }],
    clients: [own, program, ...(options.clients ?? [])],
    apis: [api, { clientId: crypto.randomUUID(), uri: "api://elsewhere", scopes: ["access"] }, ...(options.apis ?? [])],
    accessTokenSeconds: options.accessTokenSeconds,
  });
  afterFile(() => issuer.stop());
  const server = await startServer({
    ...options.server,
    env: {
      PORT: new URL(url).port,
      PUBLIC_URL: url,
      OIDC_ISSUER: issuer.issuerOf(tid),
      OIDC_CLIENT_ID: clientId,
      ...options.transmits?.(issuer.issuerOf(tid)),
      ...options.server?.env,
    },
    issuer: async () => ({
      issuer: issuer.issuerOf(tid),
      clientId,
      credential: { secret: own.clientSecret },
      graphUrl: issuer.graphUrl,
    }),
  });
  const here = await place();
  await admits(here, tid);
  await asOwner()`insert into directory_rules (tenant_id, kind, value, role) values (${here.tenantId}, 'app_role', 'integration', 'integration')`;

  const token = async (form: Record<string, string>, client: IssuerClient) => {
    const body = new URLSearchParams({
      client_id: client.clientId,
      ...(client.clientSecret && { client_secret: client.clientSecret }),
      ...form,
    });
    const answer = await fetch(`${issuer.url}/${tid}/oauth2/v2.0/token`, { method: "POST", body });
    const { access_token, error_description } = (await answer.json()) as Record<string, string>;
    if (!access_token) throw new Error(error_description);
    return access_token;
  };

  return {
    ...{ issuer, server, url, tid, place: here, api, program, layla },
    own: (client = program) => token({ grant_type: "client_credentials", scope: `${api.uri}/.default` }, client),
    async persons({ client = program, scope = "access", presses = ["Layla Al Marri"], claims } = {}) {
      const wanted = scope.split(" ").map((one) => (one.includes("/") ? one : `${api.uri}/${one}`));
      const redirect_uri = client.redirectUris[0] as string;
      const { url: at, verifier } = request(
        issuer,
        {
          ...{ client_id: client.clientId, redirect_uri, scope: ["openid", ...wanted].join(" ") },
          ...(claims && { claims }),
        },
        tid,
      );
      const { code = "" } = answerOf(await walk(at, presses, newBrowser({ stopAt: redirect_uri })));
      return token({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri }, client);
    },
  };
}

/** Speaks REST as an administrator who has just proven a second factor, from a page of ours. */
export async function asAdmin({ url, place: its }: Pick<Bearer, "url" | "place">): Promise<RestClient> {
  return restClient(url, await (await its.person()).session({ proven: true }), { origin: url });
}

/** Lets a client of the issuer's call, and answers with `prg_…`. */
export async function letIn(of: Bearer, client: Pick<IssuerClient, "clientId">, more: object = {}): Promise<string> {
  const body = { name: "Importer", directory: of.tid, clientId: client.clientId, clearance: "internal", ...more };
  const answer = await (await asAdmin(of)).post("/programs", body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}

/** A person of the directory as a sign-in would have left them; answers with `per_…`. */
export async function knownPerson({ tid, place: { tenantId } }: Bearer, oid: string, roles = ["operational"]) {
  const person = await makePerson(asOwner(), tenantId, new Date(), { roles, clearance: "confidential" });
  await asOwner()`update people set tid = ${tid}, oid = ${oid} where id = ${person.uuid}`;
  return { ...person, tid, oid };
}
