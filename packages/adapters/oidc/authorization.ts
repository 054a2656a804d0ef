import { encodeBase64urlNoPadding } from "@oslojs/encoding";
import { CodeChallengeMethod, OAuth2Client } from "arctic";
import { directoryOf } from "./directory.ts";
import type { Metadata } from "./discovery.ts";
import { SignInRefused } from "./errors.ts";
import { sameSecret } from "./secret.ts";
import type { BeginOptions, Begun, OidcSettings } from "./settings.ts";
import { codeOf } from "./token-endpoint.ts";

const usualScopes = ["openid", "profile", "email", "offline_access"];
const mostLength = 8 * 1024;

/** What Entra ID and its libraries understand as "with a second factor". @see OpenID Connect Core 1.0, section 5.5 */
const stepUpClaims = { id_token: { acrs: { essential: true, value: "c1" } } };

/** The address to send a browser to, with a fresh state, nonce and verifier. @see RFC 7636 and RFC 9700, section 2.1 */
export function authorizationRequest(settings: OidcSettings, metadata: Metadata, options: BeginOptions): Begun {
  const { clientId, redirectUri, scopes = usualScopes, random } = settings;
  const [state, nonce, verifier] = [random(32), random(32), random(32)].map(encodeBase64urlNoPadding) as [
    string,
    string,
    string,
  ];
  const url = new OAuth2Client(clientId, null, redirectUri).createAuthorizationURLWithPKCE(
    metadata.authorizationEndpoint,
    state,
    CodeChallengeMethod.S256,
    verifier,
    [...scopes],
  );
  url.searchParams.set("nonce", nonce);
  if (options.loginHint) url.searchParams.set("login_hint", options.loginHint);
  const prompt = options.stepUp ? "login" : options.prompt;
  if (prompt) url.searchParams.set("prompt", prompt);
  if (options.stepUp) url.searchParams.set("claims", JSON.stringify(stepUpClaims));
  return { url, state, nonce, verifier };
}

/**
 * The code in what the browser brought back, and who the issuer says it is, where it does.
 *
 * @throws SignInRefused
 * @see RFC 6749, section 4.1.2, and RFC 9207, section 2.4
 */
export function readResponse(
  callback: URLSearchParams,
  state: string,
  metadata: Metadata,
): { code: string; iss: string | null } {
  const one = (name: string): string | null => {
    const [value = null, ...more] = callback.getAll(name);
    if (more.length > 0 || (value?.length ?? 0) > mostLength)
      throw new SignInRefused(`response: ${name} repeated or too long`);
    return value;
  };
  if (!sameSecret(one("state"), state)) throw new SignInRefused("response: state");
  const iss = one("iss");
  if (iss === null ? metadata.namesItself : directoryOf(metadata.issuer, iss) === null)
    throw new SignInRefused("response: another issuer");
  const error = one("error");
  if (error !== null) throw new SignInRefused(`response: ${codeOf(error) ?? "an error"}`);
  const code = one("code");
  if (!code) throw new SignInRefused("response: no code");
  return { code, iss };
}
