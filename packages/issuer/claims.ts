import { createHash } from "node:crypto";
import type { IssuerClient, IssuerPerson } from "./types.ts";
import type { Directory, World } from "./world.ts";

type Claims = Record<string, unknown>;

/** How many groups a token has room for. */
const groupsInToken = 200;

/** What an ID token says of a person, all scopes granted. What is not there is left out, as Entra ID does. */
export function personClaims(world: World, directory: Directory, person: IssuerPerson, amr: readonly string[]): Claims {
  return {
    oid: person.oid,
    tid: directory.tid,
    ver: "2.0",
    name: person.name,
    preferred_username: person.preferredUsername,
    ...(person.email === null ? {} : { email: person.email }),
    ...membership(world, person),
    ...proof(amr),
  };
}

/**
 * What an access token for an API says of a person.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
 */
export function personAccessClaims(
  world: World,
  directory: Directory,
  given: {
    person: IssuerPerson;
    amr: readonly string[];
    /** In seconds since 1970. */
    authTime: number | undefined;
    client: IssuerClient;
    audience: string;
    scp: string;
  },
): Claims {
  const { person, amr, authTime, client, audience, scp } = given;
  return {
    ...personClaims(world, directory, person, amr),
    sub: pairwise(directory, person.oid, audience),
    amr,
    ...(authTime === undefined ? {} : { auth_time: authTime }),
    aud: audience,
    azp: client.clientId,
    azpacr: strengthOf(client),
    scp,
  };
}

/** What an access token for an API says of a program that acts for itself. */
export function programAccessClaims(directory: Directory, client: IssuerClient, audience: string): Claims {
  const oid = servicePrincipalOf(directory, client.clientId);
  return {
    oid,
    sub: oid,
    tid: directory.tid,
    ver: "2.0",
    idtyp: "app",
    aud: audience,
    azp: client.clientId,
    azpacr: strengthOf(client),
    ...(client.appRoles?.length ? { roles: client.appRoles } : {}),
  };
}

/** The same person is another subject to another application. */
export function pairwise(directory: Directory, oid: string, clientId: string): string {
  return createHash("sha256").update(`${directory.tid} ${oid} ${clientId}`).digest("base64url");
}

/** The object id that the application has in the directory; the same after a restart. */
export function servicePrincipalOf(directory: Directory, clientId: string): string {
  const hex = createHash("sha256").update(`service principal ${directory.tid} ${clientId}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** Methods of a sign-in, and the authentication context that they reach: `c1` stands for a second factor. */
const proof = (amr: readonly string[]): Claims => (amr.includes("mfa") ? { acrs: ["c1"] } : {});

function membership(world: World, { oid, roles, groups }: IssuerPerson): Claims {
  const endpoint = `${world.graphUrl}/v1.0/users/${oid}/getMemberObjects`;
  return {
    ...(roles.length > 0 ? { roles } : {}),
    ...(groups.length > 0 && groups.length <= groupsInToken ? { groups } : {}),
    ...(groups.length > groupsInToken
      ? { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint } } }
      : {}),
  };
}

/** How the client proved who it is: 0 not at all, 1 a secret, 2 a certificate. */
function strengthOf(client: IssuerClient): string {
  if (client.certificate) return "2";
  return client.clientSecret ? "1" : "0";
}
