import { createLocalJWKSet, type JWTPayload, jwtVerify } from "jose";
import { errors, type KoaContextWithOIDC } from "oidc-provider";
import { shortNames, type Wanted, wantedApi } from "./apis.ts";
import { personAccessClaims, personClaims } from "./claims.ts";
import { secondFactorChallenge, wantsSecondFactor } from "./requests.ts";
import type { IssuerPerson } from "./types.ts";
import { type Directory, personOf, type World } from "./world.ts";

export const onBehalfOfType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
export const onBehalfOfParameters = ["assertion", "requested_token_use", "scope", "claims"];

/**
 * An API that was called with a person's token exchanges it for one of the next API, for the same person.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export function onBehalfOf(world: World, directory: Directory) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    const { assertion, requested_token_use, scope, claims } = ctx.oidc.params ?? {};
    if (requested_token_use !== "on_behalf_of") throw new errors.InvalidRequest("requested_token_use is on_behalf_of");
    const wanted = wantedBy(world, scope);
    const { person, amr, authTime } = await verified(world, directory, ctx, assertion);
    if (wantsSecondFactor(claims) && !amr.includes("mfa")) {
      ctx.state.refusal = { claims: secondFactorChallenge, suberror: "basic_action" };
      throw new errors.CustomOIDCProviderError("interaction_required", "The API wants a second factor of the person.");
    }
    ctx.body = await answer(world, directory, ctx, { person, amr, authTime, wanted, scope: String(scope) });
  };
}

type Exchange = {
  person: IssuerPerson;
  amr: readonly string[];
  authTime: number | undefined;
  wanted: Wanted;
  scope: string;
};

async function answer(world: World, directory: Directory, ctx: KoaContextWithOIDC, exchange: Exchange) {
  const { person, amr, authTime, wanted, scope } = exchange;
  const client = world.clients.get(ctx.oidc.client?.clientId ?? "");
  if (!client) throw new errors.InvalidClient("client not found");
  const iat = Math.floor(Date.now() / 1000);
  const stamps = { iss: directory.issuer, iat, nbf: iat, exp: iat + world.accessTokenSeconds };
  const audience = wanted.api.clientId;
  const scp = shortNames(wanted.api, wanted.scopes);
  const granted = wanted.scopes.map((name) => `${wanted.api.uri}/${name}`);
  const given = scope.split(" ");
  return {
    token_type: "Bearer",
    expires_in: world.accessTokenSeconds,
    access_token: await world.keys.sign({
      ...personAccessClaims(world, directory, { person, amr, authTime, client, audience, scp }),
      ...stamps,
    }),
    scope: granted.join(" "),
    ...(given.includes("openid")
      ? {
          id_token: await world.keys.sign({
            ...personClaims(world, directory, person, amr),
            sub: person.oid,
            amr,
            aud: client.clientId,
            ...stamps,
          }),
        }
      : {}),
    ...(given.includes("offline_access") ? { refresh_token: await refreshToken(ctx, exchange) } : {}),
  };
}

async function refreshToken(
  ctx: KoaContextWithOIDC,
  { person, amr, authTime, wanted, scope }: Exchange,
): Promise<string> {
  const { provider, client } = ctx.oidc;
  if (!client) throw new errors.InvalidClient("client not found");
  const grant = new provider.Grant({ clientId: client.clientId, accountId: person.oid });
  grant.addOIDCScope(scope);
  grant.addResourceScope(wanted.api.uri, scope);
  const grantId = await grant.save();
  const token = new provider.RefreshToken({
    accountId: person.oid,
    amr: [...amr],
    authTime,
    client,
    grantId,
    gty: onBehalfOfType,
    resource: wanted.api.uri,
    rotations: 0,
    scope,
  });
  return token.save();
}

function wantedBy(world: World, scope: unknown): Wanted {
  try {
    const wanted = wantedApi(world.apis, String(scope ?? ""));
    if (wanted) return wanted;
  } catch (error) {
    throw new errors.InvalidScope((error as Error).message, String(scope));
  }
  throw new errors.InvalidScope("The scopes name no API.", String(scope ?? ""));
}

/** The person of a token that was given to the caller as an API. */
async function verified(world: World, directory: Directory, ctx: KoaContextWithOIDC, assertion: unknown) {
  const clientId = ctx.oidc.client?.clientId ?? "";
  const payload: JWTPayload = await jwtVerify(String(assertion), createLocalJWKSet({ keys: world.keys.published() }), {
    issuer: directory.issuer,
    audience: clientId,
    algorithms: ["RS256"],
  }).then(
    (result) => result.payload,
    (cause: Error) => {
      throw new errors.InvalidGrant(`the assertion is not a token for this client: ${cause.message}`);
    },
  );
  const person = personOf(directory, typeof payload.oid === "string" ? payload.oid : undefined);
  if (!person || payload.scp === undefined) {
    throw new errors.InvalidGrant("the assertion is not the access token of a person");
  }
  return { person, amr: (payload.amr ?? []) as string[], authTime: payload.auth_time as number | undefined };
}
