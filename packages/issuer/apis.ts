import type { IssuerApi } from "./types.ts";

/** What a caller wants of an API. */
export type Wanted = { api: IssuerApi; scopes: string[] };

/**
 * The API that the scopes name, and which of its scopes they want; null where they name none. Entra ID has one API for each
 * token, and tells it by the beginning of a scope.
 *
 * @throws Error where it doesn't know the API or the scope, or where there are several APIs
 */
export function wantedApi(apis: readonly IssuerApi[], scope: string): Wanted | null {
  const qualified = scope.split(" ").filter((one) => one.includes("/") && !one.startsWith(graph));
  const uris = new Set(qualified.map((one) => one.slice(0, one.lastIndexOf("/"))));
  const [uri] = uris;
  if (uri === undefined) return null;
  if (uris.size > 1) throw new Error("The scopes are of several APIs: a token is for one.");
  const api = apis.find((one) => one.uri === uri);
  if (!api) throw new Error(`No API has the address ${uri}.`);

  const names = qualified.map((one) => one.slice(one.lastIndexOf("/") + 1));
  const unknown = names.find((name) => name !== ".default" && !api.scopes.includes(name));
  if (unknown !== undefined) throw new Error(`${uri} has no scope "${unknown}".`);
  return { api, scopes: names.includes(".default") ? [...api.scopes] : names };
}

/** The API that has this address, or may be named by it. */
export function apiAt(apis: readonly IssuerApi[], address: string): IssuerApi | undefined {
  return apis.find((api) => api.uri === address || api.resources?.includes(address));
}

/** All that may stand in a scope parameter for the API. */
export const scopesOf = (api: IssuerApi): string[] => [".default", ...api.scopes].map((name) => `${api.uri}/${name}`);

/** The short names in a token's `scp`. */
export function shortNames(api: IssuerApi, scopes: Iterable<string>): string {
  const names = [...scopes].map((one) => one.slice(one.lastIndexOf("/") + 1));
  return (names.length === 0 || names.includes(".default") ? api.scopes : names).join(" ");
}

const graph = "https://graph.microsoft.com/";
const permissions = ["User.Read", "User.Read.All", "GroupMember.Read.All", "Directory.Read.All"];

/** Scopes of Microsoft Graph, as they may be written. */
export const graphScopes = permissions.flatMap((name) => [name, `${graph}${name}`]);
