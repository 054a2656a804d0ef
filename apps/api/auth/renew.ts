import { setTimeout as sleep } from "node:timers/promises";
import { GrantEnded, IssuerAway, SignInRefused } from "@dais/adapters/oidc";
import type { Log } from "@dais/kernel/context";
import { entrancesFor } from "@dais/kernel/directory";
import type { Renew, Renewal } from "@dais/kernel/renewal";
import type { Session, Tokens } from "@dais/kernel/sessions";
import { signIn } from "@dais/modules/people/sign-in";
import { sessionEnded } from "@dais/modules/sessions/tasks";
import type { Parts, SignIns } from "./identity.ts";
import { onBehalfOf } from "./on.ts";
import { openedTokens } from "./tokens.ts";

/** How long one process has the right to renew: longer than issuer, Graph and database together may take. */
const rightMs = 60_000;
/** How long others wait for what it brings, and when they look again where they needn't wait. */
const waitMs = 6_000;
const soonMs = 5_000;

/**
 * Renews the issuer's word for a session: once, however many processes want to. What the directory says of the person meanwhile (roles, a
 * disabled account) holds from then on. A grant that the issuer has ended, or that was used by somebody else, ends the session.
 */
export function renewing(parts: Parts, { said, tokensOf }: Pick<SignIns, "said" | "tokensOf">, log: Log): Renew {
  const { oidc, kernel, sessions, sources } = parts;
  const due = ({ renewAt }: Tokens) => sources.now().getTime() >= renewAt;
  const caller = (session: Session) => ({
    requestId: `renewal-${session.id}`,
    traceparent: null,
    address: session.address,
  });

  const where = (session: Session) => onBehalfOf(session, caller(session));

  async function end(session: Session, reason: string): Promise<"ended"> {
    log.info({ sessionId: session.id, reason }, "a session ended at its renewal");
    await kernel.perform(sessionEnded, where(session), { session, reason });
    return "ended";
  }

  /** Asks the issuer. What it answers is kept before anything else is done: a refresh token works once. */
  async function renew(hash: string, fence: number): Promise<Renewal> {
    const found = await sessions.read(hash);
    if (!found?.tokens) return "ended";
    const { session, tokens } = found;
    // Somebody may have renewed between the look and the right.
    if (!due(tokens)) return tokens;
    const kept = openedTokens(parts.sealer, tokens, session);
    if (!kept) return end(session, "The key that sealed its tokens is gone.");
    const person = await oidc.refresh(kept.refreshToken).catch(refused);
    if (typeof person === "string") return end(session, person);
    if (person.issuer !== session.issuer || person.sub !== session.subject)
      return end(session, "The issuer spoke of somebody else.");
    const fresh = tokensOf(person, session) as Tokens;
    const keep = (its: Tokens) => sessions.renewed(hash, fence, its);
    if (!(await keep({ ...tokens, sealed: fresh.sealed }))) return theirs(hash);
    const entrances = await entrancesFor(parts.pool, person.tid, person.oid);
    if (!entrances.some(({ id }) => id === session.tenantId))
      return end(session, "The organisation doesn't take people of this directory any more.");
    const known = await kernel.perform(signIn, where(session), await said(person));
    if (!known || known.disabled) return end(session, "The account is disabled.");
    return (await keep(fresh)) ? fresh : theirs(hash);
  }

  /** Who slept past the time of the right takes what a later holder brought. */
  const theirs = async (hash: string): Promise<Renewal> => (await sessions.read(hash))?.tokens ?? "ended";

  /** Somebody else renews: until the issuer's word ends nobody needs to wait for that. */
  async function others(hash: string, { expiresAt }: Tokens): Promise<Renewal> {
    const time = sources.now().getTime();
    if (time < expiresAt) return { renewAt: Math.min(time + soonMs, expiresAt), expiresAt };
    for (const until = performance.now() + waitMs; performance.now() < until; await sleep(100)) {
      const found = await sessions.read(hash);
      if (!found?.tokens) return "ended";
      if (!due(found.tokens)) return found.tokens;
    }
    return "away";
  }

  return async (hash) => {
    const before = await sessions.read(hash);
    if (!before?.tokens) return "ended";
    if (!due(before.tokens)) return before.tokens;
    const fence = await sessions.claimRenewal(hash, rightMs);
    if (fence === null) return others(hash, before.tokens);
    try {
      return await renew(hash, fence);
    } catch (error) {
      if (!(error instanceof IssuerAway)) log.warn({ err: error }, "a session's tokens could not be renewed");
      return "away";
    } finally {
      await sessions.releaseRenewal(hash, fence).catch(() => {});
    }
  };
}

/** Why a session ends with the issuer's answer. */
function refused(error: unknown): string {
  if (error instanceof GrantEnded) return "The issuer has ended its grant.";
  if (error instanceof SignInRefused) return "The issuer's answer vouches for nobody.";
  throw error;
}
