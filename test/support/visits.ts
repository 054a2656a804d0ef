import { type Browser, newBrowser, type Page, type Press, walk } from "./browser.ts";
import type { Identity } from "./identity.ts";
import { type Jar, makeJar } from "./jar.ts";
import { type RestClient, restClient } from "./rest.ts";

export const sessionCookie = "__Host-dais_session";
export const signInCookie = "__Host-dais_sign_in";
export const layla = "Layla Al Marri";

/** One request, exactly as it is given, and one answer: no redirect is followed, no cookie kept. */
export type Visit = { status: number; headers: Headers; body: string; cookies: string[] };
export async function visit(
  url: string,
  { jar, headers = {}, ...init }: RequestInit & { jar?: Jar; headers?: Record<string, string> } = {},
): Promise<Visit> {
  const cookie = jar?.header(new URL(url));
  const all = { ...(cookie ? { cookie } : {}), ...headers };
  const response = await fetch(url, { redirect: "manual", ...init, headers: all });
  const cookies = response.headers.getSetCookie();
  jar?.keep(new URL(url), cookies);
  return { status: response.status, headers: response.headers, body: await response.text(), cookies };
}

/** A form of ours, sent from a page of ours unless said otherwise. */
export const submit = (
  url: string,
  fields: Record<string, string>,
  { jar, headers = {} }: { jar?: Jar; headers?: Record<string, string> } = {},
): Promise<Visit> =>
  visit(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { origin: new URL(url).origin, ...headers },
    ...(jar && { jar }),
  });

export const json = { accept: "application/json" };
export const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

/** Where the issuer would send the browser back to, which has not gone there yet. */
export async function atCallback(
  { url }: Pick<Identity, "url">,
  presses: readonly Press[] = [layla],
  { jar = makeJar(), from = "/auth/sign-in?returnTo=/v1/me" } = {},
): Promise<{ callback: URL; jar: Jar; browser: Browser }> {
  const browser = newBrowser({ stopAt: `${url}/auth/callback`, jar });
  const page = await walk(`${url}${from}`, presses, browser);
  if (page.status !== 0) throw new Error(`Not sent back: ${page.url} (${page.status})\n${page.body}`);
  return { callback: new URL(page.url), jar, browser };
}

/** The text of the browser's session. */
export const textIn = (jar: Jar): string => jar.get(sessionCookie) ?? "";

/** Speaks REST in a session, from a page of the server's own. */
export function inSession({ url }: Pick<Identity, "url">, text: string, at = url): RestClient {
  const api = restClient(at, `session:${text}`);
  const own = { origin: new URL(url).origin };
  return {
    as: (other) => api.as(other),
    send: (path, sent) => api.send(path, { ...sent, headers: { ...own, ...sent.headers } }),
    get: (path, headers) => api.get(path, { ...own, ...headers }),
    post: (path, body, headers) => api.post(path, body, { ...own, ...headers }),
    patch: (path, body, headers) => api.patch(path, body, { ...own, ...headers }),
  };
}

/** Signs in by the issuer's buttons, and answers with the session that this opened. */
export async function session(
  here: Pick<Identity, "url">,
  presses: readonly Press[] = [layla],
  { jar = makeJar(), from = "/auth/sign-in?returnTo=/v1/me" } = {},
): Promise<{ text: string; jar: Jar; page: Page; api: RestClient; browser: Browser }> {
  const browser = newBrowser({ jar });
  const page = await walk(`${here.url}${from}`, presses, browser);
  const text = textIn(jar);
  if (!text) throw new Error(`Nobody is signed in: ${page.url} (${page.status})\n${page.body}`);
  return { text, jar, page, browser, api: inSession(here, text) };
}
