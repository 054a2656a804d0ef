import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Call } from "@dais/kernel/dispatch";
import type { Context } from "hono";

/** What every face takes from a request's headers in the same way. */
export type Caller = Pick<Call, "credential" | "idempotencyKey" | "requestId" | "traceparent" | "address">;

/** The caller, made once per request by `requests` and read by the faces. */
export type Env = { Variables: { caller: Caller } };

/** The request as Node has it; absent where there is no server around the application. */
export const incoming = (c: Context) => (c.env as { incoming?: IncomingMessage } | undefined)?.incoming;

/** A request's field, repeated ones joined. Node has parsed them already: a web Headers of all would be made for nothing. */
export function field(c: Context, name: string): string | undefined {
  const near = incoming(c);
  return near ? near.headers[name]?.toString() : c.req.header(name);
}

/** @param trustedProxies How many proxies in front of us may be believed about the address. */
export function callerOf(c: Context, trustedProxies: number): Caller {
  const header = (name: string) => field(c, name);
  const id = header("x-request-id");
  const trace = header("traceparent");
  return {
    credential: /^bearer (\S{1,4000})$/i.exec(header("authorization") ?? "")?.[1] ?? null,
    idempotencyKey: unquoted(header("idempotency-key")),
    // A request id from outside goes into logs and headers: only a sane one is taken.
    requestId: id && /^[A-Za-z0-9._-]{8,100}$/.test(id) ? id : randomUUID(),
    traceparent: trace && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(trace) ? trace : null,
    address: addressOf(c, trustedProxies),
  };
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
