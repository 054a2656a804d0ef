import { type Asset, asset, versioned } from "./asset.ts";
import { type Html, html } from "./html.ts";
import { frame, icon, style } from "./style.ts";

export const styleSheet = asset("text/css; charset=utf-8", style);
export const frameSheet = asset(
  "text/css; charset=utf-8",
  `${frame}body { margin: 0; font-family: system-ui, sans-serif; }\n`,
);
export const favicon = asset("image/svg+xml", icon);

/** Nothing comes from elsewhere, and nothing runs; a page with a script of ours runs that one, and lets it ask us. */
const policy = (forms: string, scripted: boolean) =>
  `default-src 'none'; ${scripted ? "script-src 'self'; connect-src 'self'; " : ""}` +
  `style-src 'self'; img-src 'self'; base-uri 'none'; form-action ${forms}; frame-ancestors 'none'`;

/** `forms`: where the page's forms may lead, redirects included; by default it has none. */
type Page = {
  title: string;
  description: string;
  at?: string;
  body: Html;
  forms?: string;
  script?: { path: string; asset: Asset };
};

/** A whole page, ready to be served. It needs no script, and may have one that adds to it. */
export function page({ title, description, at, body, forms = "'none'", script }: Page): Asset {
  const link = ([path, name]: readonly [string, string]) =>
    html`<a href="${path}"${path === at ? html` aria-current="page"` : null}>${name}</a>`;
  return document(
    title,
    description,
    html`<a class="skip" href="#main">Skip to the content</a>
<header><a class="brand" href="/">Dais</a><nav aria-label="Documentation">${places.map(link)}</nav></header>
<main id="main">${body}</main>
<footer>Generated from the contract that this server runs. <a href="/openapi.json">openapi.json</a></footer>
${script ? html`<script src="${versioned(script.path, script.asset)}" defer></script>` : null}`,
    { path: "/style.css", sheet: styleSheet, policy: policy(forms, script !== undefined) },
  );
}

const places = [
  ["/reference", "Reference"],
  ["/problems", "Problems"],
  ["/permissions", "Permissions"],
] as const;

type Frame = { path: string; sheet: Asset; policy: string };

/** The bare document around a page's content: its style sheet, and what it may load. */
export function document(title: string, description: string, body: Html, { path, sheet, policy }: Frame): Asset {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title === "Dais" ? title : `${title} · Dais`}</title>
<meta name="description" content="${description}">
<link rel="icon" href="${versioned("/favicon.svg", favicon)}" type="image/svg+xml">
<link rel="stylesheet" href="${versioned(path, sheet)}">
</head>
<body>
${body}
</body>
</html>
`;
  return asset("text/html; charset=utf-8", text, { "content-security-policy": policy });
}
