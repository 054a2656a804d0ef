import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { directoryOf } from "./directory.ts";
import type { Metadata } from "./discovery.ts";
import { IssuerAway, SignInRefused } from "./errors.ts";
import type { KeyFor } from "./keys.ts";
import type { OidcSettings } from "./settings.ts";

/** Signatures by a private key of the issuer; never by what both sides know, and never none. @see RFC 8725, section 3.1 */
const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
export const skewSeconds = 60;
const mostLength = 64 * 1024;

export type Verified = {
  claims: JWTPayload & { iss: string };
  algorithm: string;
  directory: string;
  issuedAt: Date;
  expiresAt: Date;
};
/** `audience`: whom tokens may be for, by default the client. `anyParty`: other applications may have got them. */
type Settings = Pick<OidcSettings, "clientId" | "now" | "allowedTid"> & {
  audience?: readonly string[];
  anyParty?: boolean;
};
export type VerifyToken = (token: unknown, types: readonly string[]) => Promise<Verified>;

/**
 * What a token says, once it is certain that the issuer says it to us, now. `types` are the media types that its header may name.
 *
 * @throws SignInRefused, IssuerAway
 * @see OpenID Connect Core 1.0, section 3.1.3.7, and RFC 8725
 */
export function tokenVerifier(settings: Settings, metadata: () => Promise<Metadata>, keyFor: KeyFor): VerifyToken {
  const { clientId, audience = [clientId], anyParty = false, now, allowedTid } = settings;

  async function signed(token: string) {
    const { iss } = decodeJwt(token);
    return jwtVerify(token, (header) => keyFor(header, iss), {
      algorithms,
      audience: [...audience],
      currentDate: now(),
      clockTolerance: skewSeconds,
      requiredClaims: ["iss", "aud", "exp", "iat"],
    });
  }

  return async (token, types) => {
    if (typeof token !== "string" || token.length > mostLength) throw new SignInRefused("token: missing or too long");
    const { payload, protectedHeader } = await signed(token).catch((error) => {
      throw error instanceof SignInRefused || error instanceof IssuerAway ? error : new SignInRefused(reasonOf(error));
    });
    const { alg, typ = "jwt" } = protectedHeader;
    if (!types.includes(String(typ).toLowerCase())) throw new SignInRefused("token: another type");
    const { iss, iat = Number.NaN, exp = Number.NaN } = payload;
    const { issuer } = await metadata();
    const directory = directoryOf(issuer, iss);
    if (iss === undefined || directory === null) throw new SignInRefused("token: another issuer");
    if (!(iat <= now().getTime() / 1000 + skewSeconds)) throw new SignInRefused("token: issued in the future");
    if (Array.isArray(payload.aud) && payload.aud.length > 1 && payload.azp === undefined)
      throw new SignInRefused("token: several audiences and no authorized party");
    if (!anyParty && payload.azp !== undefined && payload.azp !== clientId)
      throw new SignInRefused("token: another authorized party");
    if (!(await allowedTid(directory))) throw new SignInRefused("token: directory not allowed");
    const claims = { ...payload, iss };
    return { claims, algorithm: alg, directory, issuedAt: moment(iat), expiresAt: moment(exp) };
  };
}

/** A time of a token. @throws SignInRefused where no calendar has it */
export function moment(seconds: unknown): Date {
  const date = new Date(typeof seconds === "number" ? seconds * 1000 : Number.NaN);
  if (Number.isNaN(date.getTime())) throw new SignInRefused("token: a time that is none");
  return date;
}

/** Which check failed, in words of ours: jose's errors carry the token's claims. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "token: expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `token: claim ${error.claim.slice(0, 20)}`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "token: algorithm not allowed";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "token: signature";
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return "token: unknown key";
  return error instanceof errors.JOSEError ? `token: ${error.code}` : "token: unreadable";
}
