import type { CallbackMeter } from "@dais/kernel/couriers/callback-meter";
import type { CallbackReader } from "@dais/kernel/couriers/port";
import { putAside } from "@dais/kernel/couriers/received";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Gate } from "@dais/kernel/gate";
import { type Sources, uuidMaker } from "@dais/kernel/ids";
import type { Pool } from "@dais/kernel/pool";
import { Problem } from "@dais/kernel/problem";
import { type Context, Hono } from "hono";
import type { Logger } from "pino";
import { address } from "./auth/answers.ts";
import { readBytes } from "./body.ts";
import type { Env } from "./request.ts";
import { problemResponse, respond } from "./respond.ts";

type Parts = {
  app: Pool;
  gate: Gate;
  kernel: Pick<Kernel, "stranger">;
  /** Of the vendors that are configured; from others nothing is taken. */
  readers: readonly CallbackReader[];
  publicUrl: string;
  sources: Sources;
  meter: CallbackMeter;
  log: Logger;
};

/** Vendors tell of one message at a time, or of a few. */
const limits = { bytes: 256 * 1024, waitMs: 10_000 };

/**
 * Takes what vendors tell of messages: how far one came, what somebody answered. It is checked, put aside, and answered at once; the sender
 * applies it. What nobody here has sent is 200 as well: whose message it is, is none of the vendor's business. The address that a vendor signs is the
 * configured one: what a proxy or a caller makes of Host counts for nothing.
 */
export function callbacks({ app, gate, kernel, publicUrl, sources, meter, log, ...parts }: Parts): Hono<Env> {
  const readers = new Map(parts.readers.map((reader) => [reader.vendor, reader]));
  const newId = uuidMaker(sources);
  const routes = new Hono<Env>();

  async function take(c: Context<Env>): Promise<Response> {
    const caller = c.get("caller");
    const reader = readers.get(c.req.param("vendor") ?? "");
    if (!reader) return problemResponse(new Problem("not_found"), caller, publicUrl);
    try {
      const body = await readBytes(c, limits);
      const told = await reader.read({ url: publicUrl + behindHost(c.req.url), headers: c.req.raw.headers, body });
      if (!told) return await refused(c, reader.vendor);
      if (told.length > 0) await putAside(app, reader.vendor, told, { now: sources.now(), newId });
      meter.received(reader.vendor, told.length > 0 ? "taken" : "ignored");
      const { type, body: answer } = reader.heard;
      return respond(caller, 200, answer, { "content-type": type, "cache-control": "no-store" });
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error, caller, publicUrl);
      // The vendor tells it again.
      log.error({ err: error, requestId: caller.requestId, vendor: reader.vendor }, "a callback was not put aside");
      return problemResponse(new Problem("unavailable", { retryAfterSeconds: 5 }), caller, publicUrl);
    }
  }

  /** Whoever it is, it isn't the vendor; many such from one address are refused without a look. */
  async function refused(c: Context<Env>, vendor: string): Promise<Response> {
    const caller = c.get("caller");
    meter.received(vendor, "refused");
    log.info({ requestId: caller.requestId, vendor }, "a callback was refused: its signature doesn't fit, or is old");
    kernel.stranger("callback_refused", caller);
    const limit = await gate.strike(caller.address).catch(() => null);
    const limited = limit && !limit.allowed;
    const problem = limited
      ? new Problem("rate_limited", { retryAfterSeconds: limit.resetSeconds })
      : new Problem("callback_refused");
    return problemResponse(problem, caller, publicUrl);
  }

  for (const path of ["/callbacks/:vendor", "/callbacks/:vendor/:slug"])
    address(routes, path, publicUrl, { POST: take });
  return routes;
}

/** Path and query as they came: a signature is of these very letters. */
const behindHost = (url: string): string => url.slice(url.indexOf("/", url.indexOf("://") + 3));
