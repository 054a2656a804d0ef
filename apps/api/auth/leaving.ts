import { SignInRefused } from "@dais/adapters/oidc";
import { Problem } from "@dais/kernel/problem";
import type { Named } from "@dais/kernel/sessions";
import { sessionEnded } from "@dais/modules/sessions/tasks";
import type { Context, Hono } from "hono";
import { type Env, sessionCookie } from "../request.ts";
import { problemResponse, respond } from "../respond.ts";
import { address, formHeaders, page, redirect } from "./answers.ts";
import { clear } from "./cookies.ts";
import { anyForm, ownForm } from "./forms.ts";
import type { guard } from "./guard.ts";
import { onBehalfOf } from "./on.ts";
import { signedOutPage, signOutPage } from "./pages.ts";
import type { AuthParts, Current } from "./parts.ts";
import { openedTokens } from "./tokens.ts";

type Parts = AuthParts & ReturnType<typeof guard> & { current(c: Context<Env>): Promise<Current | null> };

const daySeconds = 86_400;

/** Where sessions end: here, and because the issuer says so. Leaving is never refused for having failed to come in. */
export function leaving(app: Hono<Env>, parts: Parts): void {
  const { oidc, kernel, sessions, publicUrl, guarded, current } = parts;

  const asked = (c: Context<Env>) => page(c, signOutPage(parts.issuerOrigin), { headers: formHeaders });
  address(app, "/auth/sign-out", publicUrl, {
    GET: asked,
    HEAD: asked,
    POST: (c) =>
      guarded(c, async () => {
        await ownForm(c, parts);
        const mine = await current(c);
        const idTokenHint = mine ? await ended(c, mine) : undefined;
        const postLogoutRedirectUri = `${publicUrl}/auth/signed-out`;
        const there = await oidc
          .endSession({ postLogoutRedirectUri, ...(idTokenHint && { idTokenHint }) })
          .catch(() => null);
        return redirect(c, there?.href ?? "/auth/signed-out", [clear(sessionCookie)]);
      }),
  });

  const out = (c: Context<Env>) => page(c, signedOutPage());
  address(app, "/auth/signed-out", publicUrl, { GET: out, HEAD: out });

  // Entra names the session alone, in a frame to which no cookie of ours is sent. Who knows no session's name ends none.
  address(app, "/auth/front-channel-logout", publicUrl, {
    GET: (c) =>
      guarded(c, async () => {
        const [sid, issuer] = [c.req.query("sid"), c.req.query("iss")];
        if (sid && sid.length <= 255) await endNamed(c, { sid, ...(issuer && { issuer }) });
        return page(c, signedOutPage());
      }),
  });

  /** @see OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8 */
  address(app, "/auth/back-channel-logout", publicUrl, {
    POST: async (c) => {
      try {
        const notice = await oidc.logoutToken((await anyForm(c)).get("logout_token") ?? "");
        await onlyOnce(notice);
        const { issuer, sid, sub } = notice;
        await endNamed(c, { issuer, ...(sid === null ? { subject: sub ?? "" } : { sid }) });
        return respond(c.get("caller"), 200, null, { "cache-control": "no-store" });
      } catch (error) {
        const problem = await parts.problemOf(c, error);
        const told = problem.code === "sign_in_failed" ? new Problem("invalid_input") : problem;
        return problemResponse(told, c.get("caller"), publicUrl);
      }
    },
  });

  /** Ends the browser's session, and answers with the token by which the issuer knows which of its own is meant. */
  async function ended(c: Context<Env>, { hash, session }: Current): Promise<string | undefined> {
    const caller = c.get("caller");
    const found = await sessions.read(hash);
    const kept = found?.tokens && openedTokens(parts.sealer, found.tokens, session);
    const readInput = () => ({ id: session.id });
    const { problem } = await kernel.dispatch({ ...caller, operation: "sessions.revoke", readInput });
    const over = problem?.code === "session_not_found" || problem?.code === "unauthenticated";
    // Who wants to leave may, also with no calls left, or while the issuer can't renew its word.
    if (problem && !over)
      await kernel.perform(sessionEnded, onBehalfOf(session, caller), { session, reason: "The person signed out." });
    return kept?.idToken;
  }

  /** For as long as the token is good: later it is refused as it is. @throws SignInRefused */
  async function onlyOnce({ jti, expiresAt }: { jti: string; expiresAt: Date }): Promise<void> {
    const left = Math.ceil((expiresAt.getTime() - parts.now().getTime()) / 1000) + 120;
    if (left > daySeconds) throw new SignInRefused("a logout token that is good for more than a day");
    if (!(await sessions.first(`logout:${jti}`, left))) throw new SignInRefused("a logout token came twice");
  }

  async function endNamed(c: Context<Env>, by: Named): Promise<void> {
    for (const session of await sessions.endNamed(by)) {
      const reason = "Signed out at the issuer.";
      await kernel.perform(sessionEnded, onBehalfOf(session, c.get("caller")), { session, reason });
    }
  }
}
