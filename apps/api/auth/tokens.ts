import type { SignedIn } from "@dais/adapters/oidc";
import type { Sealer } from "@dais/kernel/seal";
import type { Session, Tokens } from "@dais/kernel/sessions";

/** What of the issuer's tokens is kept: enough to renew its word, and to sign out there. */
export type Kept = { refreshToken: string; idToken: string };

/** Renewal begins so long before the issuer's word ends; earlier than in the middle of its life never. */
const aheadMs = 5 * 60_000;
/** Of a word whose end the issuer doesn't tell. */
const usualMs = 60 * 60_000;

/** Seals a session's tokens, bound to its id: in another session they open to nothing. Null where there is nothing to renew with. */
export const sealedTokens =
  (sealer: Sealer) =>
  ({ refreshToken, idToken, accessExpiresAt, issuedAt }: SignedIn, session: Pick<Session, "id">): Tokens | null => {
    if (!refreshToken) return null;
    const kept: Kept = { refreshToken, idToken };
    const begins = issuedAt.getTime();
    const expiresAt = accessExpiresAt?.getTime() ?? begins + usualMs;
    const renewAt = expiresAt - Math.min(aheadMs, Math.max(0, expiresAt - begins) / 2);
    return { sealed: sealer.seal(JSON.stringify(kept), session.id), renewAt, expiresAt };
  };

/** What was sealed for this session, or null where it can't be opened any more. */
export function openedTokens(sealer: Sealer, tokens: Tokens, session: Pick<Session, "id">): Kept | null {
  const text = sealer.open(tokens.sealed, session.id);
  return text === null ? null : (JSON.parse(text) as Kept);
}
