import type { Log } from "@dais/kernel/context";
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { isObject, safeUrl } from "../http.ts";
import { directoryOf, hasDirectories, templateOf } from "../oidc/directory.ts";
import { IssuerAway, SignInRefused } from "../oidc/errors.ts";
import { askIssuer } from "../oidc/fetch.ts";
import { kept } from "../oidc/kept.ts";
import { issuerKeys } from "../oidc/keys.ts";
import { SecurityEventRefused } from "./errors.ts";
import { type SecurityEvent, subjectsOf } from "./events.ts";

export { IssuerAway } from "../oidc/errors.ts";
export { SecurityEventRefused } from "./errors.ts";
export type { SecurityEvent } from "./events.ts";

export type SsfSettings = {
  /** Whoever sends the events, as its configuration document says it. */
  transmitter: string;
  /** Whom they are for. */
  audience: string;
  /** Who vouches for our people: a subject is named as this issuer names it. */
  issuer: string;
  now(): Date;
  log: Log;
  timeoutMs?: number;
};

const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
const skewSeconds = 60;
/** A transmitter sends again what it couldn't deliver, but not for ever. */
export const oldestSeconds = 86_400;
const keptMs = 3_600_000;

/**
 * Reads what a transmitter of the Shared Signals Framework pushes, once it is certain that it says it to us.
 *
 * @throws Error where the settings can't be used
 * @see OpenID Shared Signals Framework 1.0, section 7 (configuration) and RFC 8417 (security event tokens)
 */
export function securityEvents(settings: SsfSettings): (token: string) => Promise<SecurityEvent[]> {
  const { transmitter, audience, now } = settings;
  if (!safeUrl(transmitter)) throw new Error("The transmitter must be an https address.");
  const ask = askIssuer(settings);
  const configuration = kept(() => configured(), keptMs, now);
  const keyFor = issuerKeys(configuration, { ...settings, askIssuer: ask });

  async function configured() {
    const { origin, pathname } = new URL(transmitter);
    const url = `${origin}/.well-known/ssf-configuration${pathname.replace(/\/$/, "")}`;
    const { status, body } = await ask("transmitter", url);
    if (status !== 200 || !isObject(body)) throw new IssuerAway(`transmitter: unreadable (${status})`);
    if (body.issuer !== transmitter) throw new IssuerAway("transmitter: another one's configuration");
    if (!safeUrl(body.jwks_uri)) throw new IssuerAway("transmitter: no keys");
    return { issuer: transmitter, jwksUri: body.jwks_uri as string };
  }

  async function signed(token: string): Promise<JWTPayload> {
    const { iss } = readable(token);
    if (iss !== transmitter)
      throw new SecurityEventRefused("invalid_issuer", "Not the transmitter that is configured.");
    const { payload, protectedHeader } = await jwtVerify(token, (header) => keyFor(header, iss), {
      algorithms,
      audience,
      currentDate: now(),
      clockTolerance: skewSeconds,
      requiredClaims: ["iss", "aud", "iat", "jti"],
    });
    const type = String(protectedHeader.typ).toLowerCase();
    if (type !== "secevent+jwt" && type !== "application/secevent+jwt")
      throw new SecurityEventRefused("invalid_request", "The token's type is not secevent+jwt.");
    return payload;
  }

  return async (token) => {
    const payload = await signed(token).catch(refuse);
    const age = now().getTime() / 1000 - Number(payload.iat);
    if (!(age >= -skewSeconds && age <= oldestSeconds))
      throw new SecurityEventRefused("invalid_request", "The token was issued too long ago, or in the future.");
    return subjectsOf(payload, (iss) => directoryNamed(settings.issuer, iss));
  };
}

/** The directory of a subject that our people's issuer names, or null where another issuer names it. */
function directoryNamed(issuer: string, iss: unknown): string | null {
  const directory = directoryOf(templateOf(issuer) ?? issuer, iss);
  return directory !== null && hasDirectories(String(iss)) ? directory : directory && issuer;
}

function readable(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw new SecurityEventRefused("invalid_request", "Not a signed token.");
  }
}

/** @see RFC 8935, section 2.4 */
function refuse(error: unknown): never {
  if (error instanceof SecurityEventRefused || error instanceof IssuerAway) throw error;
  if (error instanceof SignInRefused || error instanceof errors.JWSSignatureVerificationFailed)
    throw new SecurityEventRefused("invalid_key", "Signed with none of the transmitter's keys.");
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud")
    throw new SecurityEventRefused("invalid_audience", "The token is for somebody else.");
  if (error instanceof errors.JOSEError) throw new SecurityEventRefused("invalid_request", "The token can't be read.");
  throw error;
}
