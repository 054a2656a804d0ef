import { createHash } from "node:crypto";
import { style } from "./style.ts";

/** HTML that is safe to put into a page: made by `html` only. */
export type Html = { html: string };

export type Page = {
  title: string;
  body: Html;
  status?: number;
  /** Where a form of the page leads in the end: browsers hold `form-action` to redirects too. */
  leadsTo?: string;
  /** Pages of other origins that it shows in frames. */
  frames?: readonly string[];
  /** Its one script. */
  script?: string;
  /** Goes on to this address by itself, at the latest after so many seconds. */
  next?: { url: string; seconds: number };
};

type Context = { status: number; body: unknown; set(headers: Record<string, string>): void };

/** Every value in it is escaped, unless it is `Html` itself. */
export function html(
  parts: TemplateStringsArray,
  ...values: (string | number | Html | readonly Html[] | null)[]
): Html {
  const texts = values.map((value) => {
    if (value === null) return "";
    if (typeof value === "object" && "html" in value) return value.html;
    if (typeof value === "object") return value.map((one) => one.html).join("");
    return escaped(String(value));
  });
  return { html: parts.map((part, index) => part + (texts[index] ?? "")).join("") };
}

/** Answers with the page, and forbids the browser whatever it doesn't need. */
export function sent(ctx: Context, page: Page, status = page.status ?? 200): void {
  ctx.status = status;
  ctx.set({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policyOf(page),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  ctx.body = documentOf(page);
}

function documentOf({ title, body, script, next }: Page): string {
  const refresh = next && html`<meta http-equiv="refresh" content="${next.seconds};url=${next.url}">`;
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${refresh ?? null}<title>${title}</title>`;
  const code = script === undefined ? "" : `<script>${script}</script>`;
  return `<!doctype html><html lang="en"><head>${head.html}<style>${style}</style></head><body><main>${body.html}</main>${code}</body></html>`;
}

function policyOf({ leadsTo, frames = [], script }: Page): string {
  return [
    "default-src 'none'",
    `style-src ${digestOf(style)}`,
    ...(script === undefined ? [] : [`script-src ${digestOf(script)}`]),
    ...(frames.length > 0 ? [`frame-src ${[...new Set(frames.map(sourceOf))].join(" ")}`] : []),
    `form-action 'self' ${leadsTo ? sourceOf(leadsTo) : ""}`.trim(),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

const digestOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** A native application's address has no origin, only a scheme. */
function sourceOf(address: string): string {
  const { origin, protocol } = new URL(address);
  return origin === "null" ? protocol : origin;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => entities[sign] as string);
