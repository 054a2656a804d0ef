import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { formOf, framesOf, goesOnTo, linkOf, type Submission, submitsItself } from "./html.ts";
import { type Jar, makeJar } from "./jar.ts";

/** Where a walk has ended. Status 0: at an address that the browser was told to stop at, and did not ask. */
export type Page = { url: string; status: number; headers: Headers; body: string };

/** A button or link by what it says; or with fields to fill in before. */
export type Press = string | { press: string; fill: Record<string, string> };

export type Browser = {
  jar: Jar;
  open(url: string): Promise<Page>;
  press(page: Page, press: Press): Promise<Page>;
};

/** `silent`: the page that it comes from forbids to say where it comes from. */
type Hop = { method: string; url: URL; body: string | null; from: URL | null; top: boolean; silent?: boolean };

/**
 * A browser of plain HTTP with cookies: follows redirects, pages that go on by themselves, and frames, with the headers that
 * tell a server where a request comes from. `stopAt` is the beginning of addresses that it doesn't ask.
 */
export function newBrowser({ stopAt, jar = makeJar() }: { stopAt?: string; jar?: Jar } = {}): Browser {
  async function go(hop: Hop, left = 20): Promise<Page> {
    const { url, top } = hop;
    if (left === 0) throw new Error(`It redirects for ever: ${url}`);
    if (stopAt !== undefined && url.href.startsWith(stopAt)) {
      return { url: url.href, status: 0, headers: new Headers(), body: hop.body ?? "" };
    }
    const page = await ask(jar, hop);
    const location = page.headers.get("location");
    if (location && page.status >= 300 && page.status < 400) {
      const keeps = page.status === 307 || page.status === 308;
      const { method, body } = keeps ? hop : { method: "GET", body: null };
      return go({ method, body, url: new URL(location, url), from: hop.from, top, silent: hop.silent }, left - 1);
    }
    if (!top) return page;
    for (const frame of framesOf(page.body)) {
      await go({ method: "GET", url: new URL(frame, url), body: null, from: url, top: false }, left - 1);
    }
    const form = submitsItself(page.body);
    if (form) return submit(form, page, left - 1);
    const next = goesOnTo(page.body);
    return next === null ? page : go({ method: "GET", url: new URL(next, url), body: null, from: url, top }, left - 1);
  }

  function submit({ method, action, fields }: Submission, page: Page, left?: number): Promise<Page> {
    const from = new URL(page.url);
    const url = new URL(action ?? from, from);
    const body = new URLSearchParams(fields).toString();
    const silent = page.headers.get("referrer-policy") === "no-referrer";
    if (method === "POST") return go({ method, url, body, from, top: true, silent }, left);
    url.search = body;
    return go({ method, url, body: null, from, top: true }, left);
  }

  return {
    jar,
    open: (url) => go({ method: "GET", url: new URL(url), body: null, from: null, top: true }),
    async press(page, press) {
      const { press: label, fill } = typeof press === "string" ? { press, fill: {} } : press;
      const from = new URL(page.url);
      const form = formOf(page.body, label, fill);
      if (form) return submit(form, page);
      const link = linkOf(page.body, label);
      if (link === null) throw new Error(`Nothing says "${label}" on ${page.url} (${page.status}):\n${page.body}`);
      return go({ method: "GET", url: new URL(link, from), body: null, from, top: true });
    },
  };
}

/** Opens an address and presses one after the other; answers with the page where that ends. */
export async function walk(url: string, presses: readonly Press[], browser: Browser): Promise<Page> {
  let page = await browser.open(url);
  for (const press of presses) page = await browser.press(page, press);
  return page;
}

/** @see https://fetch.spec.whatwg.org/#append-a-request-origin-header for `Origin: null` */
function ask(jar: Jar, { method, url, body, from, top, silent = false }: Hop): Promise<Page> {
  const crossSite = from !== null && from.hostname !== url.hostname;
  const cookie = jar.header(url, { crossSite, method, top });
  const headers = {
    accept: "text/html,application/xhtml+xml,*/*;q=0.8",
    "accept-language": "en",
    "user-agent": "Mozilla/5.0 (a test)",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": top ? "document" : "iframe",
    "sec-fetch-site": siteOf(from, url),
    ...(cookie ? { cookie } : {}),
    ...(body === null
      ? {}
      : { "content-type": "application/x-www-form-urlencoded", origin: silent ? "null" : (from ?? url).origin }),
  };
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("error", reject).on("end", () => {
        jar.keep(url, response.headers["set-cookie"] ?? []);
        const pairs = Object.entries(response.headersDistinct).flatMap(([name, values]) =>
          (values ?? []).map((value) => [name, value] as [string, string]),
        );
        resolve({ url: url.href, status: response.statusCode ?? 0, headers: new Headers(pairs), body: text });
      });
    });
    request.on("error", reject);
    request.end(body ?? undefined);
  });
}

function siteOf(from: URL | null, to: URL): string {
  if (!from) return "none";
  if (from.origin === to.origin) return "same-origin";
  return from.hostname === to.hostname ? "same-site" : "cross-site";
}
