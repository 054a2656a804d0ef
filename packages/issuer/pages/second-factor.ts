import type { IssuerPerson } from "../types.ts";
import { html, type Page } from "./page.ts";

type Proof = { directory: string; person: IssuerPerson; code: string; says: string | null; leadsTo: string };

/** Asks for the code of the person's authenticator, and shows it, or for a click that stands for the one on the phone. */
export function secondFactorPage({ directory, person, code, says, leadsTo }: Proof): Page {
  return {
    title: `Prove it is you · ${directory}`,
    leadsTo,
    body: html`
<h1>Prove it is you</h1>
<p class="quiet">You are signing in to ${directory} as <bdi>${person.name}</bdi>. What you are about to do needs a second factor.</p>
${says === null ? null : html`<p class="says" role="alert">${says}</p>`}
<form method="post"><button class="main wide" name="approve" value="yes">Approve on my phone</button></form>
<div class="shown"><span class="quiet">Your authenticator shows</span><span class="code">${code.slice(0, 3)} ${code.slice(3)}</span></div>
<form method="post">
<label for="code">Or type the code</label>
<div class="row"><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="10" required><button class="other">Verify</button></div>
</form>
<form method="post" class="foot"><button class="link" name="back" value="yes">Use another account</button><button class="link" name="cancel" value="yes">Cancel</button></form>`,
  };
}
