import { html, type Page } from "./page.ts";

/**
 * Says that the session is over. Each application is told in a hidden frame first, then it goes on.
 *
 * @see OpenID Connect Front-Channel Logout 1.0
 */
export function signedOutPage({
  directory,
  frames,
  next,
}: {
  directory: string;
  frames: readonly string[];
  next: string | null;
}): Page {
  return {
    title: "Signed out",
    frames,
    ...(next === null ? {} : { next: { url: next, seconds: 3 }, script }),
    body: html`
<h1>You are signed out</h1>
<p class="quiet">Of ${directory}, and of the applications that you had entered with it.</p>
${next === null ? html`<p>You can close this window.</p>` : html`<p><a id="next" href="${next}">Continue</a></p>`}
${frames.map((url) => html`<iframe src="${url}" title="Signing out of an application"></iframe>`)}`,
  };
}

/** On as soon as all frames are there. */
const script = `addEventListener("load", () => location.replace(document.getElementById("next").href));`;
