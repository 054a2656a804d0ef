import { html, type Page } from "./page.ts";

/** Says that the request can't be served, where there is no client to tell. */
export function oopsPage({ error, error_description }: { error: string; error_description?: string }): Page {
  return {
    title: "This can't go on",
    body: html`
<h1>This can't go on</h1>
<p>${error_description ?? "The request is not one that can be answered."}</p>
<p class="quiet">Go back to the application and start again. (${error})</p>`,
  };
}
