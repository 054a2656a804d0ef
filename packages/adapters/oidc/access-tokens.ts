import { Problem } from "@dais/kernel/problem";
import { looksSigned, type ReadToken } from "@dais/kernel/tokens";
import { readAccessToken } from "./access-token.ts";
import { checkedIssuer, discovery } from "./discovery.ts";
import { IssuerAway, SignInRefused } from "./errors.ts";
import { askIssuer } from "./fetch.ts";
import { issuerKeys } from "./keys.ts";
import type { OidcSettings } from "./settings.ts";
import { tokenVerifier } from "./token.ts";

/** `audiences`: names by which tokens may say that they are for us, beside the client's own. */
export type AccessTokenSettings = Pick<
  OidcSettings,
  "issuer" | "clientId" | "allowedTid" | "now" | "log" | "timeoutMs"
> & { audiences: readonly string[] };

/**
 * Reads the issuer's access tokens for our API. Which check failed goes into the log, and nobody is told.
 *
 * @throws Error where the settings can't be used
 */
export function accessTokens(settings: AccessTokenSettings): ReadToken {
  const { issuer, clientId, now, log } = settings;
  checkedIssuer(issuer);
  const ask = askIssuer(settings);
  const metadata = discovery(settings, ask);
  const keyFor = issuerKeys(metadata, { ...settings, askIssuer: ask });
  const audience = [clientId, `api://${clientId}`, ...settings.audiences];
  const verify = tokenVerifier({ ...settings, audience, anyParty: true }, metadata, keyFor);

  return async (text) => {
    if (!looksSigned(text)) return null;
    try {
      return await readAccessToken(text, verify, now());
    } catch (error) {
      if (error instanceof IssuerAway) {
        log.warn({ err: error }, "the issuer can't be asked about a token");
        throw new Problem("unavailable", { retryAfterSeconds: error.retryAfterSeconds });
      }
      if (!(error instanceof SignInRefused)) throw error;
      log.info({ reason: error.reason }, "a token was refused");
      return null;
    }
  };
}
