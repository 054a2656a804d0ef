import { randomUUID } from "node:crypto";
import { compactVerify, createLocalJWKSet, type JWTPayload } from "jose";
import type Provider from "oidc-provider";
import { pairwise } from "./claims.ts";
import { sent } from "./pages/page.ts";
import { signedOutPage } from "./pages/signed-out.ts";
import type { IssuerClient } from "./types.ts";
import type { Directory, World } from "./world.ts";

type Context = Parameters<Parameters<Provider["use"]>[0]>[0];
/** A client that a session had entered. */
export type Entered = { client: IssuerClient; sid: string };

/**
 * Ends the session of this browser, as Entra ID does: without a question, clients are told by their front- and back-channels, and
 * refresh tokens stay.
 *
 * @see OpenID Connect RP-Initiated Logout 1.0
 */
export async function signOut(world: World, directory: Directory, ctx: Context): Promise<void> {
  const query = new URLSearchParams(ctx.querystring);
  const next = await nextAddress(world, directory, query);
  const session = await directory.provider.Session.get(ctx);
  const entered = enteredClients(world, session.authorizations);
  if (session.accountId) await tell(world, directory, session.accountId, entered);
  await session.destroy();
  ctx.cookies.set(directory.provider.cookieName("session"), null, { path: `/${directory.tid}` });

  const frames = entered.flatMap(({ client, sid }) =>
    client.frontchannelLogoutUri ? [withParameter(client.frontchannelLogoutUri, "sid", sid)] : [],
  );
  sent(ctx, signedOutPage({ directory: directory.name, frames, next }));
}

/** The clients of a session, by what the provider keeps of them. */
export function enteredClients(world: World, authorizations: unknown): Entered[] {
  return Object.entries((authorizations ?? {}) as Record<string, { sid?: string }>).flatMap(([clientId, { sid }]) => {
    const client = world.clients.get(clientId);
    return client && sid ? [{ client, sid }] : [];
  });
}

/**
 * Posts a logout token to each client that has a back-channel. One that can't be reached is not waited for.
 *
 * @see OpenID Connect Back-Channel Logout 1.0
 */
export async function tell(
  world: World,
  directory: Directory,
  oid: string,
  entered: readonly Entered[],
): Promise<void> {
  await Promise.allSettled(
    entered.map(async ({ client, sid }) => {
      if (!client.backchannelLogoutUri) return;
      const body = new URLSearchParams({ logout_token: await logoutToken(world, directory, { oid, client, sid }) });
      const signal = AbortSignal.timeout(3000);
      await fetch(client.backchannelLogoutUri, { method: "POST", body, redirect: "manual", signal });
    }),
  );
}

function logoutToken(world: World, directory: Directory, { oid, client, sid }: Entered & { oid: string }) {
  const iat = Math.floor(Date.now() / 1000);
  const claims: JWTPayload = {
    iss: directory.issuer,
    aud: client.clientId,
    sub: pairwise(directory, oid, client.clientId),
    sid,
    iat,
    exp: iat + 120,
    jti: randomUUID(),
    events: { "http://schemas.openid.net/event/backchannel-logout": {} },
  };
  return world.keys.sign(claims, { typ: "logout+jwt" });
}

/** Where to go afterwards: only to an address that the client, or where none is named any client, has registered. */
async function nextAddress(world: World, directory: Directory, query: URLSearchParams): Promise<string | null> {
  const wanted = query.get("post_logout_redirect_uri");
  if (wanted === null) return null;
  const named = query.get("client_id") ?? (await audienceOf(world, directory, query.get("id_token_hint")));
  const clients = named === null ? [...world.clients.values()] : [world.clients.get(named)];
  const registered = clients.some((client) =>
    [...(client?.redirectUris ?? []), ...(client?.postLogoutRedirectUris ?? [])].includes(wanted),
  );
  if (!registered) return null;
  const state = query.get("state");
  return state === null ? wanted : withParameter(wanted, "state", state);
}

/** Whose ID token it is. It may be an old one: it only says who asks. */
async function audienceOf(world: World, directory: Directory, hint: string | null): Promise<string | null> {
  if (hint === null) return null;
  const keys = createLocalJWKSet({ keys: world.keys.published() });
  const payload: JWTPayload = await compactVerify(hint, keys).then(
    (verified) => JSON.parse(new TextDecoder().decode(verified.payload)),
    () => ({}),
  );
  return payload.iss === directory.issuer ? String(payload.aud) : "";
}

function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.append(name, value);
  return url.href;
}
