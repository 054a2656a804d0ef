import { type SignedIn, SignInRefused } from "@dais/adapters/oidc";
import type { Session } from "@dais/kernel/sessions";
import { steppedUp, stepUpRefused } from "@dais/modules/sessions/tasks";
import type { Caller } from "../request.ts";
import type { Parts } from "./identity.ts";
import { onBehalfOf } from "./on.ts";
import type { Current } from "./parts.ts";
import { sealedTokens } from "./tokens.ts";

/** A second factor counts as proven now if the issuer asked for it no longer ago than this. */
const freshMs = 120_000;

/** The session that a step-up leaves behind: the same one, under another text. */
export type Proven = { text: string; sessionId: string; endsAt: number };

/** Proves a second factor for a session that is there. What comes of it, also in vain, goes on the record of the session's organisation. */
export function steppingUp(parts: Pick<Parts, "kernel" | "sessions" | "sealer" | "sources">) {
  const { kernel, sessions, sources } = parts;
  const tokensOf = sealedTokens(parts.sealer);

  /** @throws SignInRefused, IssuerAway */
  async function stepUp(of: Current, person: () => Promise<SignedIn>, caller: Caller): Promise<Proven> {
    const { session } = of;
    const where = onBehalfOf(session, caller);
    try {
      return await rotated(await person(), of, () => kernel.perform(steppedUp, where, session));
    } catch (error) {
      if (error instanceof SignInRefused) await kernel.perform(stepUpRefused, where, { session, reason: error.reason });
      throw error;
    }
  }

  async function rotated(
    person: SignedIn,
    { hash: old, session }: Current,
    record: () => Promise<unknown>,
  ): Promise<Proven> {
    const at = freshlyProven(person, session);
    const before = await sessions.read(old);
    if (!before) throw new SignInRefused("the session ended meanwhile");
    const another: Session = { ...session, provenAt: at, issuerSid: person.sid ?? session.issuerSid };
    await record();
    // Where no refresh token came along, the one that the session has still renews it.
    const text = await sessions.rotate(old, another, tokensOf(person, another) ?? before.tokens);
    if (!text) throw new SignInRefused("the session ended meanwhile");
    return { text, sessionId: session.id, endsAt: session.endsAt };
  }

  function freshlyProven(person: SignedIn, session: Session): number {
    if (person.issuer !== session.issuer || person.sub !== session.subject)
      throw new SignInRefused("another person stepped up");
    const time = sources.now().getTime();
    const at = provenAt(person, true, time);
    if (at === null) throw new SignInRefused("no second factor");
    if (time - at > freshMs) throw new SignInRefused("the second factor is an old one");
    return at;
  }

  return stepUp;
}

/**
 * When the person last proved a second factor, in milliseconds, or null where the issuer doesn't say so. Where it has directories, as Entra
 * ID has, that is the authentication context which a policy there stands behind: the methods alone may be of an earlier day.
 * @param asked Whether it was asked for just now; then a word without a time is of now
 */
export function provenAt(person: SignedIn, asked: boolean, now: number): number | null {
  const vouched = person.acrs.includes("c1") || (person.tid === person.issuer && person.amr.includes("mfa"));
  if (!vouched) return null;
  const at = person.authTime ?? (asked ? person.issuedAt : null);
  return at && Math.min(at.getTime(), now);
}
