import { sha256, sha512 } from "@oslojs/crypto/sha2";
import { encodeBase64urlNoPadding } from "@oslojs/encoding";
import { isObject } from "../http.ts";
import { hasDirectories } from "./directory.ts";
import { SignInRefused } from "./errors.ts";
import { sameSecret } from "./secret.ts";
import type { Identity, Tokens } from "./settings.ts";
import { moment, skewSeconds, type Verified, type VerifyToken } from "./token.ts";

/** Entra ID sends 200 at most; other issuers may send all. */
const mostGroups = 2000;
const mostOthers = 500;

/**
 * The person of an ID token, fully validated. `nonce` is null at a renewal, where the token comes without a browser in between.
 *
 * @throws SignInRefused, IssuerAway
 * @see OpenID Connect Core 1.0, section 3.1.3.7
 */
export async function identityOf(
  { idToken, accessToken }: Pick<Tokens, "idToken" | "accessToken">,
  expected: { nonce: string | null; now: Date; verify: VerifyToken },
): Promise<Identity> {
  const verified = await expected.verify(idToken, ["jwt"]);
  const { claims, algorithm } = verified;
  if (expected.nonce !== null && !sameSecret(claims.nonce, expected.nonce)) throw new SignInRefused("token: nonce");
  if (claims.at_hash !== undefined && claims.at_hash !== accessHash(accessToken, algorithm))
    throw new SignInRefused("token: not the access token's");
  const identity = read(verified);
  const latest = expected.now.getTime() + skewSeconds * 1000;
  if (identity.authTime && identity.authTime.getTime() > latest)
    throw new SignInRefused("token: signed in in the future");
  return identity;
}

/** @see OpenID Connect Core 1.0, section 3.1.3.6 */
function accessHash(accessToken: string | null, algorithm: string): string | null {
  if (accessToken === null) return null;
  const hash = (algorithm === "EdDSA" ? sha512 : sha256)(new TextEncoder().encode(accessToken));
  return encodeBase64urlNoPadding(hash.slice(0, hash.length / 2));
}

function read({ claims, directory, issuedAt }: Verified): Identity {
  const issuer = claims.iss;
  const sub = nameIn(claims.sub, "sub");
  const named = hasDirectories(issuer);
  if (named && claims.tid !== directory) throw new SignInRefused("token: another directory than its issuer");
  return {
    tid: directory,
    oid: named ? nameIn(claims.oid, "oid") : sub,
    issuer,
    sub,
    sid: claims.sid === undefined ? null : nameIn(claims.sid, "sid"),
    name: display(claims.name),
    email: mail(claims.email),
    preferredUsername: display(claims.preferred_username),
    roles: list(claims.roles, mostOthers),
    groups: isElsewhere(claims) ? "overage" : list(claims.groups, mostGroups),
    amr: list(claims.amr, mostOthers),
    acrs: list(claims.acrs, mostOthers),
    authTime: claims.auth_time === undefined ? null : moment(claims.auth_time),
    issuedAt,
  };
}

/** What somebody is known by must be exactly right. @throws SignInRefused */
export function nameIn(value: unknown, claim: string): string {
  if (typeof value !== "string" || !/^[\x21-\x7e]{1,255}$/.test(value))
    throw new SignInRefused(`token: claim ${claim}`);
  return value;
}

/** Line breaks, and what makes the text around it run the other way. */
const controls = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

function display(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const text = value.toWellFormed().replace(controls, " ").trim();
  return [...text].slice(0, 200).join("") || null;
}

const mail = (value: unknown): string | null =>
  typeof value === "string" && value.length <= 254 && /^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u.test(value) ? value : null;

/** The texts in a list, or the one text; what else is in it gives nothing. @throws SignInRefused where there are too many */
export function list(value: unknown, most: number): string[] {
  const all = typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
  if (all.length > most) throw new SignInRefused("token: too many of something");
  return all.filter((one): one is string => typeof one === "string" && /^\P{Cc}{1,256}$/u.test(one));
}

/**
 * Whether the groups didn't fit. Where they are is told by our settings, never by the token.
 * @see OpenID Connect Core 1.0, section 5.6.2
 */
const isElsewhere = ({ _claim_names: names, hasgroups }: Verified["claims"]): boolean =>
  hasgroups === true || (isObject(names) && Object.hasOwn(names, "groups"));
