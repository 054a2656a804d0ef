import { logger } from "@dais/api/log";
import { telemetry } from "@dais/api/telemetry";
import { Hono } from "hono";
import { CheapInput, CheapOutput, cheap } from "../api.ts";
import type { Place } from "../subject.ts";
import { listening } from "./bare.ts";
import { most } from "./fixed.ts";
import { guard } from "./guard.ts";

/**
 * Hono and zod by hand, and for its caller all that the server does: the same fields on its answer, a request id, a line in the log,
 * a duration in the metrics. All in one handler, where nothing is looked up.
 */
export async function start(place: Place): Promise<number> {
  const known = await guard(place);
  const log = logger("info");
  const metrics = telemetry(() => ({ free: 0, size: 0, waiting: 0, inFlight: 0 }));
  const app = new Hono();
  app.get("/v1/cheap", async (c) => {
    const begin = performance.now();
    if (!(await known(c.req.header("authorization"), "read", "bench.read"))) return c.json({}, 401);
    const { n, ...query } = c.req.query();
    const input = CheapInput.safeParse({ ...query, ...(n === undefined ? {} : { n: Number(n) }) });
    if (!input.success) return c.json({ issues: input.error.issues }, 400);
    const output = CheapOutput.parse(cheap(input.data));
    const requestId = crypto.randomUUID();
    const response = new Response(JSON.stringify(output), { status: 200, headers: fields(requestId, output.version) });
    const seconds = (performance.now() - begin) / 1000;
    metrics.request({ method: "GET", route: "/v1/cheap", status: 200, seconds });
    const ms = Math.round(seconds * 1e4) / 10;
    log.info(
      { requestId, traceparent: null, method: "GET", route: "/v1/cheap", path: c.req.path, status: 200, ms },
      "request",
    );
    return response;
  });
  return listening(app);
}

const fields = (requestId: string, version: number): Record<string, string> => ({
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=15552000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "SAMEORIGIN",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
  "x-request-id": requestId,
  "ratelimit-policy": `"read";q=${most};w=60`,
  ratelimit: `"read";r=${most};t=60`,
  "cache-control": "no-store",
  etag: `"${version}"`,
  "content-type": "application/json",
});
