import type { TokenClaims } from "@dais/kernel/tokens";
import { hasDirectories } from "./directory.ts";
import { SignInRefused } from "./errors.ts";
import { list, nameIn } from "./identity.ts";
import { moment, skewSeconds, type Verified, type VerifyToken } from "./token.ts";

const most = 500;

/**
 * What an access token says of the application that calls with it, and of whom it calls for. An ID token is none, although it has the same
 * audience where the API and the sign-in are one application.
 *
 * @throws SignInRefused, IssuerAway
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference and RFC 9068, section 2.2
 */
export async function readAccessToken(token: string, verify: VerifyToken, now: Date): Promise<TokenClaims> {
  const verified = await verify(token, ["jwt", "at+jwt", "application/at+jwt"]);
  const { claims, issuedAt, expiresAt } = verified;
  if ("nonce" in claims || "at_hash" in claims) throw new SignInRefused("token: an ID token");
  const authTime = claims.auth_time === undefined ? null : moment(claims.auth_time);
  if (authTime && authTime.getTime() > now.getTime() + skewSeconds * 1000)
    throw new SignInRefused("token: signed in in the future");
  return {
    ...(hasDirectories(claims.iss) ? ofDirectory(verified, authTime) : ofIssuer(verified, authTime)),
    issuedAt,
    expiresAt: expiresAt.getTime() + skewSeconds * 1000,
  };
}

type Who = Omit<TokenClaims, "issuedAt" | "expiresAt">;

/** As Entra ID writes them. Which of the two it is, `scp` and `idtyp` tell; without `idtyp`, an application is its own object. */
function ofDirectory({ claims, directory }: Verified, authTime: Date | null): Who {
  if (claims.tid !== directory) throw new SignInRefused("token: another directory than its issuer");
  if (claims.ver !== "2.0") throw new SignInRefused("token: not of version 2.0");
  const [oid, sub] = [nameIn(claims.oid, "oid"), nameIn(claims.sub, "sub")];
  const its = { tid: directory, clientId: nameIn(claims.azp, "azp") };
  const scopes = words(claims.scp);
  const itself = claims.idtyp === "app" || (claims.idtyp === undefined && oid === sub);
  if (itself === (scopes !== null)) throw new SignInRefused("token: neither an application's nor a person's");
  if (scopes === null) return { ...its, person: null, appRoles: list(claims.roles, most) };
  return { ...its, person: { oid, scopes, provenAt: provenAt(claims, authTime, "c1") }, appRoles: [] };
}

/** As other issuers write them: an application's token names it as its subject. */
function ofIssuer({ claims, directory }: Verified, authTime: Date | null): Who {
  const sub = nameIn(claims.sub, "sub");
  const clientId = nameIn(claims.azp ?? claims.client_id, "azp");
  const its = { tid: directory, clientId };
  const scopes = words(claims.scope ?? claims.scp);
  if (sub === clientId) return { ...its, person: null, appRoles: list(claims.roles, most) };
  if (scopes === null) throw new SignInRefused("token: without scopes");
  return { ...its, person: { oid: sub, scopes, provenAt: provenAt(claims, authTime, null) }, appRoles: [] };
}

/**
 * Where the issuer has authentication contexts, only they say that a second factor was proven at `auth_time`; elsewhere the methods must.
 */
function provenAt(claims: Verified["claims"], authTime: Date | null, context: string | null): Date | null {
  const [acrs, amr] = [list(claims.acrs, most), list(claims.amr, most)];
  const vouched = context === null ? amr.includes("mfa") : acrs.includes(context);
  return vouched ? authTime : null;
}

/** @see RFC 6749, section 3.3 */
function words(value: unknown): string[] | null {
  if (typeof value !== "string" || value.length > 4000) return null;
  const all = value.split(" ").filter((one) => one !== "");
  return all.length === 0 || all.length > most ? null : all;
}
