import { type Configuration, errors, type KoaContextWithOIDC } from "oidc-provider";
import { apiAt, scopesOf, shortNames, wantedApi } from "./apis.ts";
import { personAccessClaims, programAccessClaims } from "./claims.ts";
import { type Directory, personOf, type World } from "./world.ts";

type Customizer = NonNullable<NonNullable<NonNullable<Configuration["formats"]>["customizers"]>["jwt"]>;

/** The API that the scopes of a request name. @throws InvalidScope */
export function resourceIn(world: World, { oidc }: KoaContextWithOIDC): string {
  const { scope, grant_type } = oidc.params ?? {};
  const text = typeof scope === "string" ? scope : "";
  if (grant_type === "client_credentials" && !/^\S+\/\.default$/.test(text)) {
    throw new errors.InvalidScope("A program asks for one scope, which ends in /.default.", text);
  }
  try {
    // The types want an address; none is right where the scopes name no API.
    return wantedApi(world.apis, text)?.api.uri as string;
  } catch (error) {
    throw new errors.InvalidScope((error as Error).message, text);
  }
}

/** How tokens for an API are made. @throws InvalidTarget */
export function resourceServer(world: World, address: string) {
  const api = apiAt(world.apis, address);
  if (!api) throw new errors.InvalidTarget(`No API has the address ${address}.`);
  return {
    scope: scopesOf(api).join(" "),
    audience: api.clientId,
    accessTokenFormat: "jwt" as const,
    accessTokenTTL: world.accessTokenSeconds,
  };
}

/** Turns the provider's access token for an API into Entra ID's. */
export function shapeAccessToken(
  world: World,
  directory: Directory,
  ctx: KoaContextWithOIDC,
  token: Parameters<Customizer>[1],
  parts: Parameters<Customizer>[2],
): void {
  const { iss, iat, exp, jti, aud } = parts.payload;
  const audience = String(aud);
  const client = world.clients.get(token.clientId ?? "");
  const api = world.apis.find(({ clientId }) => clientId === audience);
  if (!client || !api) throw new Error("A token is for a client and an API that are there.");
  const stamps = { iss, iat, nbf: iat, exp, uti: jti };
  parts.header = { typ: "JWT" };
  if (token.kind === "ClientCredentials") {
    parts.payload = { ...programAccessClaims(directory, client, audience), ...stamps };
    return;
  }
  const person = personOf(directory, token.accountId);
  if (!person) throw new errors.InvalidGrant("account not found");
  const scp = shortNames(api, token.scopes);
  const proof = { amr: methodsOf(ctx), authTime: sourceOf(ctx)?.authTime };
  const claims = personAccessClaims(world, directory, { person, ...proof, client, audience, scp });
  parts.payload = { ...claims, ...stamps };
}

/** How the person had signed in when the code or refresh token was given that is being redeemed. */
export const methodsOf = (ctx: KoaContextWithOIDC): readonly string[] => sourceOf(ctx)?.amr ?? [];

const sourceOf = ({ oidc }: KoaContextWithOIDC) => oidc.entities.RefreshToken ?? oidc.entities.AuthorizationCode;
