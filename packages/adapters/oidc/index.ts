import { authorizationRequest, readResponse } from "./authorization.ts";
import { clientProof } from "./client.ts";
import { checkedIssuer, discovery } from "./discovery.ts";
import { GrantEnded, SignInRefused } from "./errors.ts";
import { askIssuer } from "./fetch.ts";
import { identityOf } from "./identity.ts";
import { issuerKeys } from "./keys.ts";
import { endSessionUrl, readLogoutToken } from "./logout.ts";
import type {
  BeginOptions,
  Begun,
  EndSessionOptions,
  Expected,
  LogoutNotice,
  OidcSettings,
  SignedIn,
} from "./settings.ts";
import { tokenVerifier } from "./token.ts";
import { tokenEndpoint } from "./token-endpoint.ts";

export { type AccessTokenSettings, accessTokens } from "./access-tokens.ts";
export { GrantEnded, IssuerAway, SignInRefused } from "./errors.ts";
export type * from "./settings.ts";

/** Each function throws `SignInRefused`, `IssuerAway`, `refresh` also `GrantEnded`, and nothing else but what `allowedTid` throws. */
export type OidcClient = {
  /** Where to send the browser, and what to keep until it comes back. */
  begin(options: BeginOptions): Promise<Begun>;
  /** The person whom the browser brings back, by the parameters of its address. */
  finish(callback: URLSearchParams, expected: Expected): Promise<SignedIn>;
  /**
   * The issuer's word, renewed. The caller compares tid and oid with the session's. `refreshToken` is the one to use next; the one given
   * may be of no use any more. An answer that is refused (`SignInRefused`) vouches for nobody.
   */
  refresh(refreshToken: string): Promise<SignedIn>;
  /** Where the browser ends the issuer's own session; null where the issuer has no such page. */
  endSession(options: EndSessionOptions): Promise<URL | null>;
  /** Whose session the issuer has ended, by its logout token. The caller takes each `jti` once. */
  logoutToken(token: string): Promise<LogoutNotice>;
};

/**
 * The relying party of one OpenID Connect issuer. It speaks with the issuer when first needed, not before.
 *
 * @throws Error where the settings can't be used
 * @see OpenID Connect Core 1.0, section 3.1, and RFC 9700
 */
export function oidcClient(settings: OidcSettings): OidcClient {
  const { issuer, clientId, redirectUri, now } = settings;
  checkedIssuer(issuer);
  const ask = askIssuer(settings);
  const metadata = discovery(settings, ask);
  const keyFor = issuerKeys(metadata, { ...settings, askIssuer: ask });
  const verify = tokenVerifier(settings, metadata, keyFor);
  const exchange = tokenEndpoint(settings, ask, clientProof(settings));

  return {
    begin: async (options) => authorizationRequest(settings, await metadata(), options),

    async finish(callback, { state, nonce, verifier }) {
      const known = await metadata();
      const { code, iss } = readResponse(callback, state, known);
      const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
      const tokens = await exchange(known, grant);
      if ("refused" in tokens) throw new SignInRefused(`token endpoint: ${tokens.refused}`);
      const identity = await identityOf(tokens, { nonce, now: now(), verify });
      if (iss !== null && iss !== identity.issuer) throw new SignInRefused("response: another issuer");
      return { ...identity, ...tokens };
    },

    async refresh(refreshToken) {
      const tokens = await exchange(await metadata(), { grant_type: "refresh_token", refresh_token: refreshToken });
      if ("refused" in tokens) throw new GrantEnded(tokens.refused);
      const identity = await identityOf(tokens, { nonce: null, now: now(), verify });
      return { ...identity, ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
    },

    endSession: async (options) => endSessionUrl(clientId, await metadata(), options),
    logoutToken: (token) => readLogoutToken(token, verify),
  };
}
