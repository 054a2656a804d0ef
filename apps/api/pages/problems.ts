import { capabilities } from "@dais/contracts";
import { baseProblems, type ProblemSpec } from "@dais/contracts/kit/problems";
import { answeredBy } from "@dais/documents/errors";
import { served } from "@dais/documents/served";
import { type Asset, asset } from "./asset.ts";
import { type Html, html, prose } from "./html.ts";
import { page } from "./layout.ts";
import { operationLink, restForm } from "./operation.ts";

/** One problem of the catalogue as data, with the address of its page. */
export type ProblemEntry = ProblemSpec & { code: string; type: string; operations: string[] };

export function problemEntry(code: string, spec: ProblemSpec, url: string): ProblemEntry {
  return { code, type: `${url}/problems/${code}`, ...spec, operations: answeredBy(code) };
}

export const asJson = (value: unknown): Asset => asset("application/json", `${JSON.stringify(value, null, 2)}\n`);

/** The catalogue: all codes, the standard ones first. */
export function problemsPage(): Asset {
  const section = (title: string, specs: Readonly<Record<string, ProblemSpec>>) =>
    html`<h2>${title}</h2><table><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">What it says</th></tr></thead>
<tbody>${Object.entries(specs).map(([code, spec]) => line(code, spec))}</tbody></table>`;
  return page({
    title: "Problems",
    description: "Every code that Dais can refuse a call with.",
    at: "/problems",
    body: html`
<h1>Problems</h1>
<p class="lead">Every refusal says what is wrong and what to do about it, as RFC 9457 has it, and the same on every face.</p>
<p>Decide by <code>code</code>: it is never renamed. <code>type</code> is the address of one of these pages, and
<code>requestId</code> is what to name when you ask for help.</p>
${section("On any operation", baseProblems)}
${capabilities.map(({ title, problems }) => section(title, problems))}`,
  });
}

const line = (code: string, { status, title }: ProblemSpec): Html =>
  html`<tr><th scope="row"><a href="/problems/${code}"><code>${code}</code></a></th><td class="status">${status}</td><td>${title}</td></tr>`;

/** What one code means, what to do, and which operations answer with it. */
export function problemPage(
  { code, status, title, meaning, remedy, operations: by }: ProblemEntry,
  example: unknown,
): Asset {
  return page({
    title: code,
    description: `${title}: ${meaning}`,
    body: html`
<p class="soft"><a href="/problems">Problems</a></p>
<h1>${title}</h1>
<p class="soft"><code>${code}</code> · <span class="status">HTTP ${status}</span></p>
<dl><dt>What it means</dt><dd>${prose(meaning)}</dd><dt>What to do</dt><dd>${prose(remedy)}</dd></dl>
${example ? html`<h2>Example</h2><pre tabindex="0" aria-label="Example"><code>${JSON.stringify(example, null, 2)}</code></pre>` : null}
<h2>Who answers with it</h2>${answerers(by)}`,
  });
}

function answerers(by: readonly string[]): Html {
  if (by.length === 0) return html`<p>No operation: only an address or method that doesn’t exist.</p>`;
  if (by.length === served.length) return html`<p>Any operation.</p>`;
  const rows = by.map((path) => html`<tr><th scope="row">${operationLink(path)}</th><td>${restForm(path)}</td></tr>`);
  return html`<table><thead><tr><th scope="col">Operation</th><th scope="col">REST</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** For a code that isn't in the catalogue. The code came from outside. */
export function unknownProblemPage(code: string): Asset {
  return page({
    title: "No such problem",
    description: "This code is not in the catalogue.",
    body: html`
<h1>No such problem</h1>
<p>The catalogue has no code <code>${code.slice(0, 100)}</code>. A code is never renamed, so it was never one.</p>
<p><a href="/problems">All problems</a></p>`,
  });
}
