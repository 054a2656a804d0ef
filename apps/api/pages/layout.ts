import { type Asset, asset, versioned } from "./asset.ts";
import { type Html, html } from "./html.ts";
import { frame, icon, style } from "./style.ts";

export const styleSheet = asset("text/css; charset=utf-8", style);
export const frameSheet = asset(
  "text/css; charset=utf-8",
  `${frame}body { margin: 0; font-family: system-ui, sans-serif; }\n`,
);
export const favicon = asset("image/svg+xml", icon);

/** Nothing runs and nothing comes from elsewhere. */
const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Page = { title: string; description: string; at?: string; body: Html };

/** A whole page, ready to be served. It needs no script. */
export function page({ title, description, at, body }: Page): Asset {
  const link = ([path, name]: readonly [string, string]) =>
    html`<a href="${path}"${path === at ? html` aria-current="page"` : null}>${name}</a>`;
  return document(
    title,
    description,
    html`<a class="skip" href="#main">Skip to the content</a>
<header><a class="brand" href="/">Dais</a><nav aria-label="Documentation">${places.map(link)}</nav></header>
<main id="main">${body}</main>
<footer>Generated from the contract that this server runs. <a href="/openapi.json">openapi.json</a></footer>`,
    { path: "/style.css", sheet: styleSheet, policy },
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
