import { hashOf } from "@dais/kernel/credential";
import { Problem } from "@dais/kernel/problem";
import { sessionEnded } from "@dais/modules/sessions/tasks";
import { type Context, Hono } from "hono";
import { address, formHeaders, page, redirect } from "./auth/answers.ts";
import { set, setSession, signInCookie } from "./auth/cookies.ts";
import { ownForm } from "./auth/forms.ts";
import { guard } from "./auth/guard.ts";
import { type Arrival, patienceSeconds } from "./auth/identity.ts";
import { leaving } from "./auth/leaving.ts";
import { onBehalfOf } from "./auth/on.ts";
import { choicePage } from "./auth/pages.ts";
import type { AuthParts, Current } from "./auth/parts.ts";
import { pathOfOurs } from "./auth/return.ts";
import { cookieIn, type Env, field } from "./request.ts";

/**
 * Where people come in and leave: authorization code with PKCE at the issuer, a session here. Nothing tells who comes in vain which part of
 * it failed; the log does, under the request's id.
 */
export function auth(parts: AuthParts): Hono<Env> {
  const { signIns, kernel, sessions, now, publicUrl } = parts;
  const guards = guard(parts);
  const { limited, begins } = guards;
  const app = new Hono<Env>();

  address(app, "/auth/sign-in", publicUrl, { GET: (c) => limited(c, () => leave(c, false)) });
  address(app, "/auth/step-up", publicUrl, { GET: (c) => limited(c, () => leave(c, true)) });

  address(app, "/auth/callback", publicUrl, {
    GET: (c) =>
      limited(c, async () => {
        const before = await current(c);
        const { searchParams } = new URL(c.req.url);
        return arrived(c, await signIns.finish(searchParams, from(c)), before);
      }),
  });

  address(app, "/auth/choose", publicUrl, {
    POST: (c) =>
      limited(c, async () => {
        const form = await ownForm(c, parts);
        const before = await current(c);
        return arrived(c, await signIns.choose(form("choice"), form("organisation"), from(c)), before);
      }),
  });

  leaving(app, { ...parts, ...guards, current });

  /** The session that the browser is in, or null. */
  async function current(c: Context<Env>): Promise<Current | null> {
    const { credential } = c.get("caller");
    if (credential?.scheme !== "session") return null;
    const hash = hashOf(credential);
    const found = await sessions.read(hash);
    return found && { hash, session: found.session };
  }

  /** Off to the issuer. A second factor of nobody in particular is a sign-in with one. */
  async function leave(c: Context<Env>, secondFactor: boolean): Promise<Response> {
    await begins(c);
    const returnTo = pathOfOurs(c.req.query("returnTo"), publicUrl);
    const stepUp = secondFactor ? await current(c) : null;
    const { url, browser } = await signIns.begin({ returnTo, secondFactor, stepUp, browser: browserOf(c) });
    return redirect(c, url.href, [set(signInCookie, browser, patienceSeconds)]);
  }

  async function arrived(c: Context<Env>, arrival: Arrival, before: Current | null): Promise<Response> {
    if (arrival.kind === "choice")
      return page(c, choicePage(arrival.choice, arrival.entrances), { headers: formHeaders });
    if (arrival.kind === "disabled") throw new Problem("account_disabled");
    // A session that the browser had before is over: whoever planted it gets nothing. One that was proven anew is the same still.
    if (before && before.session.id !== arrival.sessionId) {
      const { session } = before;
      const reason = "Another sign-in in the same browser took its place.";
      await kernel.perform(sessionEnded, onBehalfOf(session, c.get("caller")), { session, reason });
    }
    return redirect(c, arrival.returnTo, [setSession(arrival.text, arrival.endsAt, now())]);
  }

  return app;
}

const browserOf = (c: Context<Env>) => cookieIn(field(c, "cookie"), signInCookie);
const from = (c: Context<Env>) => ({
  browser: browserOf(c),
  caller: c.get("caller"),
  userAgent: field(c, "user-agent") ?? null,
});
