import { problems } from "@dais/contracts";
import type { Entrance } from "@dais/kernel/directory";
import type { Problem } from "@dais/kernel/problem";
import type { Asset } from "../pages/asset.ts";
import { html, prose } from "../pages/html.ts";
import { page } from "../pages/layout.ts";

const description = "Signing in to Dais.";

/** Which of several organisations somebody wants to enter. */
export const choicePage = (choice: string, entrances: readonly Entrance[]): Asset =>
  page({
    title: "Which organisation?",
    description,
    forms: "'self'",
    body: html`<h1>Which organisation?</h1>
<p>You belong to several. Choose the one to work in now; you can sign in to another later.</p>
<form method="post" action="/auth/choose" class="choices"><input type="hidden" name="choice" value="${choice}">
${entrances.map(
  ({ slug, name }) =>
    html`<button name="organisation" value="${slug}">${name.en}${name.ar === null ? null : html` <span lang="ar" dir="rtl">${name.ar}</span>`}</button>`,
)}</form>`,
  });

/** Asks before signing out, so that a link from elsewhere doesn't. @param issuerOrigin Where it leads on to */
export const signOutPage = (issuerOrigin: string): Asset =>
  page({
    title: "Sign out",
    description,
    forms: `'self' ${issuerOrigin}`,
    body: html`<h1>Sign out?</h1>
<form method="post" action="/auth/sign-out" class="choices"><button>Sign out here and at the identity provider</button></form>`,
  });

export const signedOutPage = (): Asset =>
  page({
    title: "Signed out",
    description,
    body: html`<h1>You are signed out</h1><p><a href="/auth/sign-in?returnTo=/session">Sign in again</a></p>`,
  });

/** Says that it didn't work, and not which part of it. */
export const refusalPage = (problem: Problem, requestId: string): Asset => {
  const { title, meaning, remedy } = problems[problem.code];
  return page({
    title,
    description,
    body: html`<h1>${title}</h1><p>${prose(meaning)}</p><p>${prose(remedy)}</p>
<p><a href="/auth/sign-in?returnTo=/session">Try again</a></p><p class="fine">Request <code>${requestId}</code></p>`,
  });
};
