import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { graphScopes } from "./apis.ts";
import { pairwise } from "./claims.ts";
import { json, readText } from "./http.ts";
import type { IssuerPerson } from "./types.ts";
import { type Directory, personOf, type World } from "./world.ts";

type Caller = { directory: Directory; person: IssuerPerson; clientId: string; scopes: ReadonlySet<string> };

/**
 * The parts of Microsoft Graph that tell a person's groups: `transitiveMemberOf` in pages, `getMemberObjects` at once; and
 * OpenID Connect's userinfo, which Entra ID has there too.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/user-list-transitivememberof
 */
export async function serveGraph(
  world: World,
  directories: readonly Directory[],
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
): Promise<void> {
  const caller = await callerOf(directories, req);
  if (!caller) return refuse(res, 401, "InvalidAuthenticationToken", "Access token is empty, invalid or expired.");
  const { person, scopes } = caller;
  const path = url.pathname.replace(/^\/graph/, "");
  if (path === "/oidc/userinfo") return json(res, 200, userinfo(caller));

  const [, who, what] = /^\/v1\.0\/(me|users\/[^/]+)\/(.+)$/.exec(path) ?? [];
  const mine = who === "me" || who === `users/${person.oid}`;
  if (!graphScopes.some((scope) => scopes.has(scope)) || (who !== undefined && !mine)) {
    return refuse(res, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  }
  if (req.method === "GET" && /^transitiveMemberOf(\/microsoft\.graph\.group)?$/.test(what ?? "")) {
    return json(res, 200, groupPage(world, person, url));
  }
  if (req.method === "POST" && what === "getMemberObjects") {
    await readText(req);
    return json(res, 200, {
      "@odata.context": `${world.graphUrl}/v1.0/$metadata#Collection(Edm.String)`,
      value: person.groups,
    });
  }
  return refuse(res, 404, "Request_ResourceNotFound", "Resource not found for the segment.");
}

function groupPage(world: World, { groups }: IssuerPerson, url: URL): Record<string, unknown> {
  const top = Math.min(Math.max(Number(url.searchParams.get("$top")) || 100, 1), 999);
  const from = Number(Buffer.from(url.searchParams.get("$skiptoken") ?? "", "base64url").toString()) || 0;
  const next = new URL(`${world.url}${url.pathname}${url.search}`);
  next.searchParams.set("$skiptoken", Buffer.from(String(from + top)).toString("base64url"));
  return {
    "@odata.context": `${world.graphUrl}/v1.0/$metadata#groups(id)`,
    ...(from + top < groups.length ? { "@odata.nextLink": next.href } : {}),
    value: groups.slice(from, from + top).map((id) => ({ id })),
  };
}

function userinfo({ directory, person, clientId }: Caller): Record<string, unknown> {
  const { oid, name, email } = person;
  return { sub: pairwise(directory, oid, clientId), name, ...(email === null ? {} : { email }) };
}

/** Whose token it is. The tokens for Graph are of the directories' own kind, and nobody else can read them. */
async function callerOf(directories: readonly Directory[], req: IncomingMessage): Promise<Caller | null> {
  const [, value] = /^Bearer (\S+)$/i.exec(req.headers.authorization ?? "") ?? [];
  if (value === undefined) return null;
  for (const directory of directories) {
    const token = await directory.provider.AccessToken.find(value);
    const person = personOf(directory, token?.accountId);
    if (token && person) return { directory, person, clientId: token.clientId ?? "", scopes: token.scopes };
  }
  return null;
}

function refuse(res: ServerResponse, status: number, code: string, message: string): void {
  const innerError = { date: new Date().toISOString(), "request-id": randomUUID() };
  json(res, status, { error: { code, message, innerError } }, status === 401 ? { "www-authenticate": "Bearer" } : {});
}
