import { capabilities, operations } from "@dais/contracts";
import type { Asset } from "./asset.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";
import { operationLink } from "./operation.ts";

/** Every permission: what it lets its holder do, and which operations ask for it. */
export function permissionsPage(): Asset {
  const askedBy = (permission: string) => [...operations.values()].filter(({ meta }) => meta.permission === permission);
  const row = ([permission, meaning]: [string, string]) =>
    html`<tr><th scope="row"><code>${permission}</code></th><td>${meaning}</td><td>${askedBy(permission).map(
      ({ path, meta }) => html`<div>${operationLink(path)} <span class="soft">${agents[meta.agent]}</span></div>`,
    )}</td></tr>`;
  return page({
    title: "Permissions",
    description: "What a key may be given, and which operations ask for it.",
    at: "/permissions",
    body: html`
<h1>Permissions</h1>
<p class="lead">A call needs the one permission that its operation names. A key has at most those of whoever made it.</p>
<p>Beside permissions, each operation says what an agent may do with it: call it, only propose it to a person, or neither. And nobody
sees what lies above their clearance, whatever their permissions.</p>
${capabilities.map(
  ({ title, permissions }) => html`<h2>${title}</h2>
<table><thead><tr><th scope="col">Permission</th><th scope="col">What it allows</th><th scope="col">Operations</th></tr></thead>
<tbody>${Object.entries(permissions).map(row)}</tbody></table>`,
)}`,
  });
}

const agents = { allow: "", propose: "agents propose", deny: "not for agents" };
