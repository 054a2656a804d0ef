import { createHash } from "node:crypto";
import { IssuerAway, type SecurityEvent, SecurityEventRefused, securityEvents } from "@dais/adapters/ssf";
import { problems } from "@dais/contracts";
import { entrancesFor } from "@dais/kernel/directory";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Gate } from "@dais/kernel/gate";
import type { Pool } from "@dais/kernel/pool";
import { Problem } from "@dais/kernel/problem";
import type { Named, Session, Sessions } from "@dais/kernel/sessions";
import { securityEvent, sessionEnded } from "@dais/modules/sessions/tasks";
import { type Context, Hono } from "hono";
import type { Logger } from "pino";
import { address } from "./auth/answers.ts";
import { on, onBehalfOf } from "./auth/on.ts";
import { readToken } from "./body.ts";
import type { Env } from "./request.ts";
import { problemResponse, respond } from "./respond.ts";

type Parts = {
  /** Who may send, whom the tokens are for, and who vouches for our people. */
  settings: { transmitter: string; audience: string; issuer: string };
  publicUrl: string;
  pool: Pool;
  kernel: Pick<Kernel, "perform" | "stranger">;
  gate: Gate;
  sessions: Sessions;
  now(): Date;
  log: Logger;
};

const limits = { bytes: 64 * 1024, waitMs: 10_000 };
/** Longer than a token is taken. */
const rememberSeconds = 2 * 86_400;

/**
 * Takes what a transmitter of security events pushes: somebody was signed out there, or signs in with something else now. Their sessions end, and
 * so do tokens that were given before. 202 also where it speaks of nobody here: who that is is none of the transmitter's business.
 *
 * @see RFC 8935, and OpenID Continuous Access Evaluation Profile 1.0
 */
export function securityEventsRoute(parts: Parts): Hono<Env> {
  const { kernel, sessions, pool, gate, publicUrl, log } = parts;
  const read = securityEvents({ ...parts.settings, now: parts.now, log });
  const app = new Hono<Env>();

  address(app, "/auth/security-events", publicUrl, {
    POST: async (c) => {
      try {
        const token = await readToken(c, "application/secevent+jwt", limits);
        for (const event of await read(token)) await take(c, event);
        return respond(c.get("caller"), 202, null, { "cache-control": "no-store" });
      } catch (error) {
        return refusal(c, error);
      }
    },
  });

  async function take(c: Context<Env>, event: SecurityEvent): Promise<void> {
    const { kind, added, subject, transmitter, jti } = event;
    const caller = c.get("caller");
    const reason = `${transmitter} says: ${added ? "a credential was added" : sayings[kind]}.`;
    // Another delivery of the same token ends nothing a second time; what the first one left undone is done.
    const fresh = await sessions.first(`security-event:${kind} ${transmitter} ${jti}`, rememberSeconds);
    const ended = fresh && !added ? await endNamed(c, subject, reason) : [];
    const once = { consumer: "securityEvents", eventId: uuidFrom(`${transmitter} ${jti} ${kind}`) };
    const people = new Map(ended.map(({ tenantId, personId }) => [personId, tenantId]));
    for (const [personId, tenantId] of people)
      await kernel.perform(securityEvent, on(tenantId, caller), { who: { personId }, all: false, added, reason });
    if (subject.tid === null || subject.name === null) return;
    const who = { tid: subject.tid, oid: subject.name };
    for (const { id } of await entrancesFor(pool, who.tid, who.oid)) {
      const all = subject.sid === null;
      await kernel.perform(securityEvent, { ...on(id, caller), once }, { who, all, added, reason });
    }
  }

  /** Ends the sessions that the issuer's own name for somebody, or for a session, leads to. */
  async function endNamed(c: Context<Env>, subject: SecurityEvent["subject"], reason: string): Promise<Session[]> {
    const { issuer, name, sid } = subject;
    const by: Named | null =
      sid !== null
        ? { sid, issuer: issuer ?? parts.settings.issuer }
        : issuer !== null && name !== null
          ? { issuer, subject: name }
          : null;
    const ended = by ? await sessions.endNamed(by) : [];
    for (const session of ended)
      await kernel.perform(sessionEnded, onBehalfOf(session, c.get("caller")), { session, reason });
    return ended;
  }

  async function refusal(c: Context<Env>, error: unknown): Promise<Response> {
    const caller = c.get("caller");
    const refused =
      error instanceof Problem && error.status < 500
        ? new SecurityEventRefused("invalid_request", `${problems[error.code].title}.`)
        : error;
    if (refused instanceof SecurityEventRefused) {
      log.info(
        { requestId: caller.requestId, code: refused.code, reason: refused.message },
        "a security event was refused",
      );
      kernel.stranger("security_event_refused", caller);
      const limit = await gate.strike(caller.address).catch(() => null);
      if (limit && !limit.allowed) return limited(caller, limit.resetSeconds);
      const body = JSON.stringify({ err: refused.code, description: refused.message });
      const headers = { "content-type": "application/json", "content-language": "en", "cache-control": "no-store" };
      return respond(caller, 400, body, headers);
    }
    if (!(error instanceof IssuerAway))
      log.error({ requestId: caller.requestId, err: error }, "a security event failed");
    const seconds = error instanceof IssuerAway ? error.retryAfterSeconds : 5;
    return problemResponse(new Problem("unavailable", { retryAfterSeconds: seconds }), caller, publicUrl);
  }

  const limited = (caller: Env["Variables"]["caller"], retryAfterSeconds: number) =>
    problemResponse(new Problem("rate_limited", { retryAfterSeconds }), caller, publicUrl);

  return app;
}

const sayings = {
  sessionRevoked: "the session was revoked",
  credentialChange: "a credential was changed or taken back",
};

/** A name in the form that an event's id has. */
function uuidFrom(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex").slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
