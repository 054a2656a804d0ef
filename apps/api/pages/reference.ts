import { readFile } from "node:fs/promises";
import { scalarFile } from "../assets.ts";
import { type Asset, asset, versioned } from "./asset.ts";
import { html } from "./html.ts";
import { document, frameSheet } from "./layout.ts";

/**
 * Scalar writes its styles into the page and holds images and fonts as data, hence these. Scripts come from us only, and so do the
 * answers that it shows: it can't call anybody else.
 */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Every operation, readable and ready to try. The one page that needs a script. */
export function referencePage(scalar: Asset): Asset {
  return document(
    "API reference",
    "Every operation of Dais with its fields, problems and examples.",
    html`<header><a class="brand" href="/">Dais</a><nav aria-label="Documentation"><a href="/problems">Problems</a><a href="/permissions">Permissions</a></nav></header>
<div id="reference"></div>
<noscript><main><h1>API reference</h1><p>The reference needs JavaScript. The same is in
<a href="/openapi.json">openapi.json</a>, and every problem has <a href="/problems">a page</a>.</p></main></noscript>
<script src="${versioned("/reference/scalar.js", scalar)}"></script>
<script src="${versioned("/reference/start.js", startScript)}"></script>`,
    { path: "/frame.css", sheet: frameSheet, policy },
  );
}

/** Scalar with everything off that would call home. */
export const startScript = asset(
  "text/javascript; charset=utf-8",
  `Scalar.createApiReference("#reference", {
  url: "/openapi.json",
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: "never",
  hideClientButton: true,
  persistAuth: false,
  documentDownloadType: "direct",
  defaultOpenAllTags: true,
  theme: "default",
  metaData: { title: "API reference · Dais" },
  hiddenClients: true,
});
`,
);

/** Scalar's own browser file. */
export async function scalarScript(): Promise<Asset> {
  return asset("text/javascript; charset=utf-8", await readFile(scalarFile()));
}
