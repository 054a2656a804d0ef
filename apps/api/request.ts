import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Call } from "@dais/kernel/dispatch";
import type { Context } from "hono";
import { said } from "./agent.ts";

/** What every face takes from a request's headers in the same way. */
export type Caller = Pick<
  Call,
  "credential" | "foreign" | "idempotencyKey" | "saying" | "requestId" | "traceparent" | "address"
>;

/** The cookie of a session. Its prefix binds it to this host, this path and TLS. @see RFC 6265bis, section 4.1.3.2 */
export const sessionCookie = "__Host-dais_session";

/** The caller, made once per request by `requests` and read by the faces. */
export type Env = { Variables: { caller: Caller } };

/** The request as Node has it; absent where there is no server around the application. */
export const incoming = (c: Context) => (c.env as { incoming?: IncomingMessage } | undefined)?.incoming;

/** Closes the connection of a request. Holds on to nothing else of it: it is kept for as long as an answer is under way. */
export const hangUp = (c: Context): (() => void) => closing(incoming(c)?.socket);
const closing = (socket: Socket | undefined) => () => void socket?.destroy();

/** A request's field, repeated ones joined. Node has parsed them already: a web Headers of all would be made for nothing. */
export function field(c: Context, name: string): string | undefined {
  const near = incoming(c);
  return near ? near.headers[name]?.toString() : c.req.header(name);
}

/** How requests are read: how many proxies in front may be believed about the address, and whose pages may send a session along. */
export type Reading = { trustedProxies: number; origins: ReadonlySet<string> };

export function callerOf(c: Context, { trustedProxies, origins }: Reading): Caller {
  const header = (name: string) => field(c, name);
  const id = header("x-request-id");
  const trace = header("traceparent");
  const credential = credentialOf(header("authorization"), header("cookie"));
  return {
    ...said(credential, header),
    foreign: credential?.scheme === "session" ? foreignBy(header, origins) : null,
    idempotencyKey: unquoted(header("idempotency-key")),
    // A request id from outside goes into logs and headers: only a sane one is taken.
    requestId: id && /^[A-Za-z0-9._-]{8,100}$/.test(id) ? id : randomUUID(),
    traceparent: trace && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(trace) ? trace : null,
    address: addressOf(c, trustedProxies),
  };
}

/** A bearer token, if there is an Authorization at all; otherwise the session's cookie. Never one in the place of the other. */
function credentialOf(authorization: string | undefined, cookies: string | undefined): Call["credential"] {
  if (authorization !== undefined) {
    const text = /^bearer (\S{1,12000})$/i.exec(authorization)?.[1];
    return text ? { scheme: "bearer", text } : null;
  }
  const text = cookieIn(cookies, sessionCookie);
  return text ? { scheme: "session", text } : null;
}

/**
 * A cookie's value, where it has the form of what we set. Null where there are several of the name: browsers keep one for this host, so
 * somebody else has put another beside it.
 */
export function cookieIn(cookies: string | undefined, name: string): string | null {
  if (!cookies?.includes(name)) return null;
  const [value, ...more] = cookies.split(";").flatMap((one) => {
    const pair = one.trim();
    return pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : [];
  });
  return value && more.length === 0 && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : null;
}

/**
 * The header by which a browser says that another site's page sent the request, or null where it says that ours did. Every browser
 * sends Origin with what changes something; who sends neither isn't believed.
 */
function foreignBy(header: (name: string) => string | undefined, origins: ReadonlySet<string>): string | null {
  const origin = header("origin");
  if (origin !== undefined) return origins.has(origin) ? null : "origin";
  return header("sec-fetch-site") === "same-origin" ? null : "sec-fetch-site";
}

/** The draft has the key as a quoted string (RFC 8941); bare ones are common, and taken. */
const unquoted = (key: string | undefined): string | null => (key === undefined ? null : key.replace(/^"(.*)"$/, "$1"));

function addressOf(c: Context, trustedProxies: number): string {
  const socket = incoming(c)?.socket.remoteAddress ?? "unknown";
  if (trustedProxies === 0) return socket;
  const hops = (field(c, "x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  const named = hops.at(-trustedProxies) ?? "";
  return /^[0-9a-fA-F.:]{2,45}$/.test(named) ? named : socket;
}
