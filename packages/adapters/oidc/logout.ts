import { isObject } from "../http.ts";
import type { Metadata } from "./discovery.ts";
import { SignInRefused } from "./errors.ts";
import { nameIn } from "./identity.ts";
import type { EndSessionOptions, LogoutNotice } from "./settings.ts";
import type { VerifyToken } from "./token.ts";

const event = "http://schemas.openid.net/event/backchannel-logout";
/** Addresses are not made for more; a token that lists many groups is longer. */
const mostHint = 4096;

/** The issuer's page that ends its own session, or null where it has none. @see OpenID Connect RP-Initiated Logout 1.0, section 2 */
export function endSessionUrl(
  clientId: string,
  { endSessionEndpoint }: Metadata,
  options: EndSessionOptions,
): URL | null {
  if (endSessionEndpoint === null) return null;
  const { idTokenHint = "", postLogoutRedirectUri, state } = options;
  const url = new URL(endSessionEndpoint);
  url.searchParams.set("client_id", clientId);
  if (idTokenHint && idTokenHint.length <= mostHint) url.searchParams.set("id_token_hint", idTokenHint);
  if (postLogoutRedirectUri) url.searchParams.set("post_logout_redirect_uri", postLogoutRedirectUri);
  if (state) url.searchParams.set("state", state);
  return url;
}

/**
 * What the issuer says behind the browser's back: somebody has signed out.
 *
 * @throws SignInRefused, IssuerAway
 * @see OpenID Connect Back-Channel Logout 1.0, section 2.6
 */
export async function readLogoutToken(token: string, verify: VerifyToken): Promise<LogoutNotice> {
  const { claims, issuedAt, expiresAt } = await verify(token, ["jwt", "logout+jwt"]);
  const { events } = claims;
  if (!isObject(events) || !isObject(events[event])) throw new SignInRefused("token: not the event");
  if ("nonce" in claims) throw new SignInRefused("token: an ID token");
  const [sid, sub] = (["sid", "sub"] as const).map((claim) =>
    claims[claim] === undefined ? null : nameIn(claims[claim], claim),
  ) as [string | null, string | null];
  if (sid === null && sub === null) throw new SignInRefused("token: neither session nor subject");
  return { issuer: claims.iss, sid, sub, jti: nameIn(claims.jti, "jti"), issuedAt, expiresAt };
}
