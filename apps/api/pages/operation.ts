import { operations } from "@dais/contracts";
import { type Html, html } from "./html.ts";

/** An operation's name, leading to its place in the reference. */
export function operationLink(path: string): Html {
  const meta = operations.get(path)?.meta;
  if (!meta) return html`<code>${path}</code>`;
  // The anchors are Scalar's own; where it changes them, the link still leads to the reference.
  const anchor = `tag/${meta.capability.name.toLowerCase()}/${meta.openapi.method}${meta.openapi.path}`;
  return html`<a href="/reference#${anchor}"><code>${path}</code></a>`;
}

/** Method and path of an operation's REST form. */
export function restForm(path: string): Html {
  const openapi = operations.get(path)?.meta.openapi;
  return html`<code>${`${openapi?.method} /v1${openapi?.path}`}</code>`;
}
