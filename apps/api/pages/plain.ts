import { createHash } from "node:crypto";
import { type Asset, asset } from "./asset.ts";
import { type Html, html } from "./html.ts";

export type Language = "en" | "ar";

/** A page that needs nothing but itself, for somebody whom a message reached. */
export const page = (language: Language, title: string, body: Html): Asset => {
  const { text } = html`<!doctype html>
<html lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>`;
  return asset(
    "text/html; charset=utf-8",
    `${text}${style}</style>${
      html`
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.text
    }`,
    headers,
  );
};

export type Side = readonly [Language, "ltr" | "rtl"];
/** Both languages, the reader's first. */
export const sidesOf = (first: Language): Side[] =>
  first === "en"
    ? [
        ["en", "ltr"],
        ["ar", "rtl"],
      ]
    : [
        ["ar", "rtl"],
        ["en", "ltr"],
      ];

export const section = ([language, dir]: Side, title: string, body: Html): Html =>
  html`<section lang="${language}" dir="${dir}"><h1>${title}</h1>${body}</section>`;

const style = `
:root { color-scheme: light dark; --ground: light-dark(#fbfaf8, #14161a); --raised: light-dark(#fff, #1c1f25); --ink: light-dark(#1d2025, #e7e6e2);
  --soft: light-dark(#5b6069, #a3a7ae); --line: light-dark(#e3e0d9, #2e323a); --accent: light-dark(#0b5c6b, #7fd0dd); --on: light-dark(#fff, #10262b); }
* { box-sizing: border-box; }
html { font: 17px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif; background: var(--ground); color: var(--ink); }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem; }
main { width: 100%; max-width: 26rem; background: var(--raised); border: 1px solid var(--line); border-radius: 14px; padding: 1.6rem 1.5rem 1.4rem; }
svg { display: block; margin: 0 auto .6rem; fill: none; stroke: var(--accent); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
section + section { margin-top: 1.2rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
h1 { font-size: 1.3rem; line-height: 1.35; margin: 0 0 .35rem; }
section + section h1 { font-size: 1.15rem; }
p { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
form { margin: 1.6rem 0 0; }
article h1 { color: var(--ink); }
article p { color: var(--ink); white-space: pre-wrap; }
button { width: 100%; font: inherit; font-weight: 600; color: var(--on); background: var(--accent); border: 0; border-radius: 10px; padding: .8rem 1rem; cursor: pointer; }
button span { display: block; }
button span + span { font-weight: 500; opacity: .9; }
nav { display: grid; justify-items: center; margin-top: 1.1rem; font-size: .94rem; }
a { color: var(--accent); text-underline-offset: .18em; padding: .35rem 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 10px; }
`;
const allowed = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

/** It brings its own style, and nothing else: no script, no picture, no address of anybody's but its own form. */
const headers = {
  "content-security-policy": `default-src 'none'; style-src ${allowed}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "x-robots-tag": "noindex, nofollow, noarchive",
};
