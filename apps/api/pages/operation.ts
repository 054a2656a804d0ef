import { operations, subscriptions } from "@dais/contracts";
import { type Html, html } from "./html.ts";

/** An operation's name, leading to its place in the reference. */
export function operationLink(path: string): Html {
  const meta = metaOf(path);
  if (!meta) return html`<code>${path}</code>`;
  // The anchors are Scalar's own; where it changes them, the link still leads to the reference.
  const anchor = `tag/${meta.capability.name.toLowerCase()}/${meta.openapi.method}${meta.openapi.path}`;
  return html`<a href="/reference#${anchor}"><code>${path}</code></a>`;
}

/** Method and path of an operation's REST form. */
export function restForm(path: string): Html {
  const openapi = metaOf(path)?.openapi;
  return html`<code>${`${openapi?.method} /v1${openapi?.path}`}</code>`;
}

const metaOf = (path: string) => (operations.get(path) ?? subscriptions.get(path))?.meta;
