import type { JWTPayload } from "jose";
import { isObject } from "../http.ts";
import { SecurityEventRefused } from "./errors.ts";

/** What has happened to somebody, by a transmitter's word. */
export type SecurityEvent = {
  /** `sessionRevoked`: they are signed out there. `credentialChange`: what they sign in with is another, or is gone. */
  kind: "sessionRevoked" | "credentialChange";
  /** `credentialChange`: whether something was added, and nothing is worth less than before. */
  added: boolean;
  subject: {
    /** The person as the issuer names them: in its directory, by object id or by the name that it has for us. */
    tid: string | null;
    issuer: string | null;
    name: string | null;
    /** The issuer's session; null: all of them. */
    sid: string | null;
  };
  transmitter: string;
  /** Good for one use. */
  jti: string;
};

const caep = "https://schemas.openid.net/secevent/caep/event-type/";
const kinds: Record<string, SecurityEvent["kind"]> = {
  [`${caep}session-revoked`]: "sessionRevoked",
  [`${caep}credential-change`]: "credentialChange",
};

type DirectoryNamed = (iss: unknown) => string | null;

/**
 * Those events of a token that mean something here. Others are taken and mean nothing, as the framework wants it.
 *
 * @throws SecurityEventRefused where it isn't a security event token, or doesn't say whom it speaks of
 * @see OpenID Continuous Access Evaluation Profile 1.0, sections 3.1 and 3.3, and RFC 9493 (subjects)
 */
export function subjectsOf({ events, sub_id, iss, jti }: JWTPayload, directoryNamed: DirectoryNamed): SecurityEvent[] {
  if (!isObject(events) || Object.keys(events).length === 0 || Object.keys(events).length > 20)
    throw new SecurityEventRefused("invalid_request", "The token has no events, or too many.");
  if (typeof jti !== "string" || jti === "" || jti.length > 500)
    throw new SecurityEventRefused("invalid_request", "The token's jti is none.");
  return Object.entries(events).flatMap(([type, said]): SecurityEvent[] => {
    const kind = kinds[type];
    if (!kind) return [];
    if (!isObject(said)) throw new SecurityEventRefused("invalid_request", "An event is not an object.");
    // Drafts before the final ones have the subject within the event.
    const subject = subjectIn(sub_id ?? said.subject, directoryNamed);
    const added = kind === "credentialChange" && said.change_type === "create";
    return [{ kind, added, subject, transmitter: String(iss), jti }];
  });
}

function subjectIn(value: unknown, directoryNamed: DirectoryNamed): SecurityEvent["subject"] {
  if (!isObject(value)) throw new SecurityEventRefused("invalid_request", "The token doesn't say whom it speaks of.");
  const { user, session } = value.format === "complex" || isObject(value.user) || isObject(value.session) ? value : {};
  const person = isObject(user) ? user : session === undefined ? value : null;
  const sid = isObject(session) ? text(session.id ?? session.sub) : null;
  const named = person && person.format === "iss_sub" ? { iss: text(person.iss), name: text(person.sub) } : null;
  const tid = named && directoryNamed(named.iss);
  if ((named === null || tid === null) && sid === null)
    throw new SecurityEventRefused(
      "invalid_request",
      "The subject must be an iss_sub of the identity provider that people sign in with, or one of its sessions.",
    );
  return tid === null || named === null
    ? { tid: null, issuer: null, name: null, sid }
    : { tid, issuer: named.iss, name: named.name, sid };
}

function text(value: unknown): string {
  if (typeof value !== "string" || value === "" || value.length > 500 || value.includes("\0"))
    throw new SecurityEventRefused("invalid_request", "A name in the subject is none.");
  return value;
}
