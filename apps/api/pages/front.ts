import { capabilities } from "@dais/contracts";
import { served } from "@dais/documents/served";
import type { Asset } from "./asset.ts";
import { type Html, html, prose } from "./html.ts";
import { page } from "./layout.ts";
import { liveScript, liveSection } from "./live.ts";
import { operationLink, restForm } from "./operation.ts";

/** `people`: they can sign in here. */
export type Demo = { key: string; organisation: string; people?: true };

/** What Dais is, how to call it, and where everything lies. With `demo` the lines to copy work as they stand. */
export function frontPage(url: string, demo: Demo | null): Asset {
  return page({
    title: "Dais",
    description: "One API layer for a leadership team's day: REST, tRPC and MCP from one contract.",
    at: "/",
    script: { path: "/live.js", asset: liveScript },
    body: html`
<h1>One API layer for a leadership team’s day</h1>
<p class="lead">What happens, how alert the organisation is, and who acts on it: signals, posture, entities, with their sources, their
state and an audit trail.</p>
<p>Dais is for the people who build on it: a frontend team with a typed client, integrators with REST and OpenAPI, and agents with MCP.
One contract makes all three, so a name, a rule and a problem are the same on each.</p>
${liveSection(demo?.people ? "/auth/sign-in?returnTo=/" : null)}
<h2 id="call">Call it</h2>
${demo ? html`<p>This server runs the demo organisation <strong>${demo.organisation}</strong>. These lines work as they are.</p>` : html`<p>Put your API key into <code>DAIS_KEY</code>. An administrator of your organisation makes one.</p>`}
${samples(url, demo).map(([title, line]) => html`<h3>${title}</h3><pre tabindex="0" aria-label="${title}"><code>${line}</code></pre>`)}
<h2 id="places">Where things are</h2>
<ul class="cards">${places.map(([path, name, about]) => html`<li><a href="${path}">${name}</a><p>${prose(about)}</p></li>`)}</ul>
<h2 id="operations">What it can do</h2>
${capabilities.map((capability) => html`<h3>${capability.title}</h3><p>${prose(capability.about)}</p>${table(capability.name)}`)}`,
  });
}

const places = [
  ["/reference", "API reference", "Every operation with its fields, problems and examples, ready to try."],
  ["/problems", "Problems", "Every code that a call can be refused with: what it means, and what to do."],
  ["/permissions", "Permissions", "What a key may be given, and which operations ask for it."],
  ["/openapi.json", "OpenAPI 3.1", "The document for code generators and gateways: `/openapi.json`."],
  ["/asyncapi.json", "AsyncAPI 3.0", "Every event with its payload and who hears it: `/asyncapi.json`."],
  ["/reference", "REST", "`/v1`: JSON, RFC 9457 problems, ETags, `Idempotency-Key`."],
  ["#call", "tRPC", "`/trpc`: the same operations for TypeScript, typed end to end."],
  ["#call", "MCP", "`/mcp`: the same operations as tools for agents, within what an agent may do."],
  ["/livez", "Health", "`/livez` while the process runs, `/readyz` while it can serve."],
] as const;

/** One call for each face, in POSIX shell. */
function samples(url: string, demo: Demo | null): [title: string, lines: string][] {
  const key = demo ? `-H 'Authorization: Bearer ${demo.key}'` : `-H "Authorization: Bearer $DAIS_KEY"`;
  const calls: [string, string[]][] = [
    ["REST: the latest signals", [`curl -s '${url}/v1/signals?limit=3'`, key]],
    ["tRPC: the same", [`curl -s -G '${url}/trpc/signals.list'`, `--data-urlencode 'input={"limit":3}'`, key]],
    [
      "MCP: the tools",
      [
        `curl -s '${url}/mcp'`,
        "-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'",
        key,
        `-d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`,
      ],
    ],
  ];
  return calls.map(([title, lines]) => [title, lines.join(" \\\n  ")]);
}

function table(capability: string): Html {
  const own = served.filter(({ meta }) => meta.capability.name === capability);
  const rows = own.map(
    ({ path, meta }) =>
      html`<tr><th scope="row">${operationLink(path)}</th><td>${meta.openapi.summary}</td><td>${restForm(path)}</td></tr>`,
  );
  return html`<table><thead><tr><th scope="col">Operation</th><th scope="col">What it does</th><th scope="col">REST</th></tr></thead><tbody>${rows}</tbody></table>`;
}
