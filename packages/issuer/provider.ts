import type { IncomingMessage, ServerResponse } from "node:http";
import Provider, { type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import { methodsOf, resourceIn, resourceServer, shapeAccessToken } from "./access-tokens.ts";
import { graphScopes } from "./apis.ts";
import { personClaims } from "./claims.ts";
import { metadataOf } from "./clients.ts";
import { onBehalfOf, onBehalfOfParameters, onBehalfOfType } from "./on-behalf-of.ts";
import { oopsPage } from "./pages/oops.ts";
import { sent } from "./pages/page.ts";
import { policyOf } from "./policy.ts";
import { signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";
import { finishTokens } from "./tokens.ts";
import { type Directory, paths, personOf, type World } from "./world.ts";

/** The OpenID provider of one directory. It holds its keys for life: another set of keys is another provider. */
export function makeProvider(world: World, directory: Directory): Provider {
  const provider = new Provider(directory.issuer, configurationOf(world, directory));
  provider.use(async (ctx, next) => {
    if (ctx.path === paths.logout) return signOut(world, directory, ctx);
    if (ctx.path.startsWith(paths.login)) return signIn(world, directory, ctx);
    await next();
    if (ctx.path === paths.token) await finishTokens(world, directory, ctx as KoaContextWithOIDC);
  });
  const handler = onBehalfOf(world, directory);
  provider.registerGrantType(onBehalfOfType, handler, onBehalfOfParameters);
  return provider;
}

/** Serves a request whose path begins with the directory's id. */
export function serveDirectory(directory: Directory, req: IncomingMessage, res: ServerResponse, path: string): void {
  // Koa and the provider read the part of the address that is not theirs from here.
  Object.assign(req, { url: path, baseUrl: `/${directory.tid}` });
  void directory.provider.callback()(req, res);
}

function configurationOf(world: World, directory: Directory): Configuration {
  const hour = 3600;
  const day = 24 * hour;
  return {
    adapter: (kind) => directory.store.adapter(kind),
    clients: [...world.clients.values()].map(metadataOf),
    jwks: { keys: world.keys.secrets() },
    cookies: {
      keys: [directory.cookieKey],
      names: { session: "issuer_session", interaction: "issuer_interaction", resume: "issuer_resume" },
      long: { httpOnly: true, sameSite: "lax", signed: true, path: `/${directory.tid}` },
      short: { httpOnly: true, sameSite: "lax", signed: true },
    },
    routes: { authorization: paths.authorize, token: paths.token, jwks: paths.keys },
    ...claimsOf(world, directory),
    scopes: ["openid", "profile", "email", "offline_access", ...graphScopes],
    subjectTypes: ["public"],
    responseTypes: ["code"],
    extraParams: ["offline"],
    pkce: { required: () => true },
    clockTolerance: 5,
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed("refresh_token") && source.scopes.has("offline_access"),
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    loadExistingGrant: grantAll,
    interactions: {
      policy: policyOf(directory),
      url: (_ctx, { uid }) => `/${directory.tid}${paths.login}${uid}`,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      claimsParameter: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (ctx) => resourceIn(world, ctx),
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_ctx, address) => resourceServer(world, address),
      },
    },
    formats: {
      customizers: { jwt: (ctx, token, parts) => shapeAccessToken(world, directory, ctx, token, parts) },
    },
    ttl: {
      AccessToken: world.accessTokenSeconds,
      AuthorizationCode: 60,
      ClientCredentials: world.accessTokenSeconds,
      Grant: 90 * day,
      IdToken: hour,
      Interaction: 15 * 60,
      RefreshToken: 90 * day,
      Session: day,
    },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    renderError: async (ctx, out) => sent(ctx, oopsPage(out), ctx.status),
  };
}

function claimsOf(world: World, directory: Directory): Configuration {
  return {
    conformIdTokenClaims: false,
    claims: {
      openid: ["sub", "tid", "ver", "roles", "groups", "amr", "acrs", "auth_time"],
      profile: ["oid", "name", "preferred_username"],
      email: ["email"],
    },
    findAccount: async (ctx, oid) => {
      const person = personOf(directory, oid);
      if (!person) return undefined;
      const claims = async () => ({ sub: oid, ...personClaims(world, directory, person, methodsOf(ctx)) });
      return { accountId: oid, claims };
    },
  };
}

/** Applications here are first-party: what they ask for is granted without a page, for each authorization anew. */
async function grantAll(ctx: KoaContextWithOIDC) {
  const { provider, client, account, params = {}, resourceServers = {} } = ctx.oidc;
  // The provider has taken it out, since no consent page stood before it.
  if (params.offline === "yes") params.scope = `${params.scope ?? ""} offline_access`.trim();
  const grant = new provider.Grant({ clientId: client?.clientId, accountId: account?.accountId });
  if (typeof params.scope === "string") grant.addOIDCScope(params.scope);
  for (const [address, server] of Object.entries(resourceServers)) grant.addResourceScope(address, server.scope);
  await grant.save();
  return grant;
}
