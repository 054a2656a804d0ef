import { Problem, problemDocument } from "@dais/kernel/problem";
import { Hono } from "hono";
import { readJson } from "./body.ts";
import type { Exchange, McpParts } from "./mcp/parts.ts";
import { type Env, hangUp } from "./request.ts";
import { limitHeaders, problemResponse } from "./respond.ts";

/**
 * The MCP face: every operation that the contract offers to agents is a tool, over Streamable HTTP without sessions, for
 * revisions 2026-07-28, 2025-11-25 and 2025-06-18. Judged in order: Host and Origin, method, credential, body, message.
 * A tool's problem is its result; what keeps a request from being heard at all is an HTTP status.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export function mcp(parts: McpParts): Hono<Env> {
  const { kernel, publicUrl } = parts;
  const app = new Hono<Env>();
  let face: ReturnType<typeof loaded> | undefined;
  const spoken = () => (face ??= loaded(parts));

  app.use("/", async (c, next) => {
    const { foreign } = await spoken();
    const header = foreign(c.req.raw.headers);
    if (!header) return next();
    return problemResponse(new Problem("origin_not_allowed", { header }), c.get("caller"), publicUrl);
  });

  app.post("/", async (c) => {
    const caller = c.get("caller");
    const entry = await kernel.admit(caller);
    if (entry.problem) return problemResponse(entry.problem, caller, publicUrl, entry);
    const { limit, admission } = entry;
    const exchange: Exchange = { caller, admission, limit, drop: hangUp(c), stranger: null };

    const body = await readJson(c, parts.limits).catch(problemOf);
    if (body instanceof Problem && body.code !== "malformed_json")
      return problemResponse(body, caller, publicUrl, entry);
    const heard = speakable(body, (problem) => problemDocument(problem, { requestId: caller.requestId, publicUrl }));
    const response = heard instanceof Response ? heard : await (await spoken()).answer(c.req.raw, heard, exchange);
    // The credential was good when the request came in, and was revoked before its turn, or the tool needs more proof.
    if (exchange.stranger) return problemResponse(exchange.stranger, caller, publicUrl);
    const headers = { "cache-control": "no-store", ...limitHeaders(exchange.limit) };
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  });

  // There are no sessions to listen to or to end: what a GET or a DELETE would be for.
  app.options("/", () => new Response(null, { status: 204, headers: { allow } }));
  app.all("/", (c) =>
    problemResponse(new Problem("method_not_allowed"), c.get("caller"), publicUrl, undefined, { allow }),
  );
  return app;
}

/** The SDK is the largest thing that the server loads, a tenth of its memory: not before somebody speaks MCP. */
async function loaded(parts: McpParts) {
  const [{ exchanges }, { rebinding }] = await Promise.all([import("./mcp/exchange.ts"), import("./mcp/rebinding.ts")]);
  return { answer: exchanges(parts), foreign: rebinding(parts.publicUrl, parts.config) };
}

const allow = "POST, OPTIONS";

const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  throw error;
};

/** The message in a body, or the JSON-RPC error for what is none. @see https://www.jsonrpc.org/specification#error_object */
function speakable(body: unknown, document: (problem: Problem) => object): object | Response {
  if (body instanceof Problem) return rpcError(-32700, "Parse error", { problem: document(body) });
  if (body === undefined) return rpcError(-32700, "Parse error", { problem: document(new Problem("malformed_json")) });
  // Revision 2025-06-18 took batches out of the protocol.
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return rpcError(-32600, "Invalid Request: one JSON-RPC message, please");
  return body;
}

const rpcError = (code: number, message: string, data?: object) =>
  Response.json({ jsonrpc: "2.0", id: null, error: { code, message, ...(data && { data }) } }, { status: 400 });
