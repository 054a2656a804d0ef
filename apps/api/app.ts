import type { Operation, Subscription } from "@dais/contracts/kit/derive";
import type { Kernel } from "@dais/kernel/dispatch";
import { Problem } from "@dais/kernel/problem";
import type { AnyRouter } from "@trpc/server";
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Logger } from "pino";
import { bodyLimits } from "./body.ts";
import type { Config } from "./config.ts";
import { mcp } from "./mcp.ts";
import { challenge } from "./protected-resource.ts";
import { callerOf, type Env } from "./request.ts";
import { finished, problemResponse } from "./respond.ts";
import { rest } from "./rest.ts";
import { rpc } from "./rpc.ts";
import type { Telemetry } from "./telemetry.ts";

/** What is served: the contract, as the router for tRPC and as the list for everybody else. */
export type Api = {
  contract: AnyRouter;
  operations: ReadonlyMap<string, Operation>;
  /** What can be listened to. */
  subscriptions?: ReadonlyMap<string, Subscription>;
};
type Parts = {
  kernel: Kernel;
  api: Api;
  config: Config;
  publicUrl: string;
  /** Whether the issuer's tokens are taken: refused callers are then told where to get one. */
  tokens?: boolean;
  log: Logger;
  telemetry: Pick<Telemetry, "request" | "page">;
  beside: (Hono | Hono<Env>)[];
};

/** Everything that is served, on one Hono: the faces, and beside them documents, pages and health. */
export function app({ kernel, api, config, publicUrl, tokens = false, log, telemetry, beside }: Parts): Hono<Env> {
  const root = new Hono<Env>();
  const reading = {
    trustedProxies: config.TRUSTED_PROXIES,
    origins: new Set([new URL(publicUrl).origin, ...config.CORS_ORIGINS]),
  };
  root.use(async (c, next) => {
    const caller = callerOf(c, reading);
    c.set("caller", caller);
    const start = performance.now();
    await next();
    finished(c.res, caller);
    if (tokens && c.res.status === 401) challenge(c.res, c.req.path, publicUrl);
    const seconds = (performance.now() - start) / 1000;
    const route = c.req.routePath;
    telemetry.request({ method: c.req.method, route, status: c.res.status, seconds });
    const { requestId, traceparent } = caller;
    log.info(
      {
        requestId,
        traceparent,
        method: c.req.method,
        route,
        path: withoutToken(c.req.path),
        status: c.res.status,
        ms: Math.round(seconds * 1e4) / 10,
      },
      "request",
    );
  });
  if (config.CORS_ORIGINS.length > 0)
    root.use(cors({ origin: config.CORS_ORIGINS, credentials: true, exposeHeaders: exposed, maxAge: 600 }));

  const limits = { ...bodyLimits, waitMs: config.BODY_SECONDS * 1000 };
  root.route("/v1", rest(kernel, api, publicUrl, limits));
  root.route("/trpc", rpc(kernel, api, publicUrl, { limits, beatMs: config.STREAM_BEAT_SECONDS * 1000 }));
  root.route("/mcp", mcp({ kernel, operations: api.operations, config, publicUrl, log, limits }));
  root.get("/metrics", async (c) => c.text(await telemetry.page()));
  for (const routes of beside) root.route("/", routes as Hono<Env>);

  root.notFound((c) => problemResponse(new Problem("not_found"), c.get("caller"), publicUrl));
  root.onError((error, c) => {
    log.error({ err: error, requestId: c.get("caller")?.requestId }, "a bug: a face threw");
    return problemResponse(new Problem("internal"), c.get("caller"), publicUrl);
  });
  return root;
}

/** A path as logs may have it: whoever has a link's token can acknowledge with it, also where the rest of the path is mistaken. */
const withoutToken = (path: string): string => path.replace(/^(.*?(?:\/|%2f)r(?:\/|%2f)+.*?(?:\/|%2f)).+$/is, "$1…");

const exposed = [
  "etag",
  "location",
  "x-request-id",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "idempotency-replayed",
  "deprecation",
  "sunset",
];
