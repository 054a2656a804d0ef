import { Problem } from "@dais/kernel/problem";
import type { Context, Hono } from "hono";
import type { Asset } from "../pages/asset.ts";
import { type Env, field } from "../request.ts";
import { problemHeaders, problemResponse, respond } from "../respond.ts";
import { refusalPage } from "./pages.ts";

type Handler = (c: Context<Env>) => Response | Promise<Response>;
type Method = "GET" | "HEAD" | "POST";

/**
 * Serves an address with exactly these methods. HEAD is one only where it is named: whoever merely looks at an address, as link
 * previews do, must not begin, use up or end anything.
 */
export function address(
  app: Hono<Env>,
  path: string,
  publicUrl: string,
  handlers: Partial<Record<Method, Handler>>,
): void {
  const allow = [...Object.keys(handlers), "OPTIONS"].join(", ");
  app.all(path, (c) => {
    const handler = handlers[c.req.method as Method];
    if (handler) return handler(c);
    const caller = c.get("caller");
    if (c.req.method === "OPTIONS") return respond(caller, 204, null, { allow, "cache-control": "no-store" });
    return problemResponse(new Problem("method_not_allowed"), caller, publicUrl, undefined, { allow });
  });
}

export function redirect(c: Context<Env>, location: string, cookies: readonly string[] = []): Response {
  return withCookies(respond(c.get("caller"), 303, null, { location, "cache-control": "no-store" }), cookies);
}

/** A page of one person's, which nobody keeps. */
export function page(
  c: Context<Env>,
  { body, headers: its, type }: Asset,
  {
    status = 200,
    cookies = [],
    headers = {},
  }: { status?: number; cookies?: readonly string[]; headers?: Record<string, string> } = {},
): Response {
  const all = { ...its, "content-type": type, "cache-control": "no-store", ...headers };
  return withCookies(respond(c.get("caller"), status, Buffer.from(body).toString(), all), cookies);
}

/** What went wrong: a page, or a problem for who doesn't ask for pages. */
export function refusal(c: Context<Env>, problem: Problem, publicUrl: string): Response {
  const caller = c.get("caller");
  if (!field(c, "accept")?.includes("text/html")) return problemResponse(problem, caller, publicUrl);
  const headers = problemHeaders(problem, caller);
  return page(c, refusalPage(problem, caller.requestId), { status: problem.status, headers });
}

/**
 * For pages with forms. Where a page sends no referrer at all, browsers say `Origin: null` of its forms, which is what a form of
 * another site's in a sandbox says, too. @see https://fetch.spec.whatwg.org/#append-a-request-origin-header
 */
export const formHeaders = { "referrer-policy": "same-origin" };

/** Several fields of one name, which a plain object can't hold. */
function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const one of cookies) response.headers.append("set-cookie", one);
  return response;
}
