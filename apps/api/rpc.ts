import type { Operation } from "@dais/contracts/kit/derive";
import type { ProblemDocument } from "@dais/contracts/kit/problems";
import type { Answer, Kernel } from "@dais/kernel/dispatch";
import { Problem, problemDocument } from "@dais/kernel/problem";
import { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { HTTP_CODE_TO_JSONRPC2 } from "@trpc/server/unstable-core-do-not-import";
import { type Context, Hono } from "hono";
import type { Api } from "./app.ts";
import { type BodyLimits, readText } from "./body.ts";
import { parseJson } from "./json.ts";
import type { Env } from "./request.ts";
import { limitHeaders, problemHeaders } from "./respond.ts";
import { rpcStream } from "./stream-rpc.ts";

const mostBatched = 20;

/**
 * The tRPC face, by tRPC's own fetch handler. Queries may be batched; a command goes alone, as its Idempotency-Key does, be it as a
 * batch of one.
 */
export function rpc(
  kernel: Kernel,
  { contract, operations, subscriptions }: Api,
  publicUrl: string,
  { limits, beatMs }: { limits?: BodyLimits; beatMs: number },
): Hono<Env> {
  const app = new Hono<Env>();
  app.all("/*", async (c) => {
    const caller = c.get("caller");
    const url = new URL(c.req.url);
    const headers: Record<string, string> = { "cache-control": "no-store" };
    const named = url.pathname.slice("/trpc/".length);
    const allow = allowed(operations.get(named) ?? subscriptions?.get(named));
    if (allow && c.req.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });

    const problemOf = telling({ requestId: caller.requestId, publicUrl });
    if (subscriptions?.has(named) && c.req.method === "GET" && url.searchParams.get("batch") !== "1")
      return rpcStream(c, named, problemOf, { kernel, contract, beatMs, errorOf });

    /** One call of the batch: its answer, or the error that tRPC shows. */
    async function dispatch(path: string, readInput: () => Promise<unknown>): Promise<unknown> {
      const answer = await kernel.dispatch({
        ...caller,
        operation: path,
        readInput: () => guarded(url, operations.get(path)?.kind, readInput),
      });
      Object.assign(
        headers,
        limitHeaders(answer.limit),
        answer.problem ? problemHeaders(answer.problem, caller) : replayHeader(answer),
      );
      if (answer.problem) throw errorOf(answer.problem);
      return answer.output;
    }

    let heard = false;
    const response = await fetchRequestHandler({
      endpoint: "/trpc",
      req: lazily(c, limits),
      router: contract,
      createContext: () => {
        heard = true;
        return { dispatch, subscribe, problemOf };
      },
      maxBatchSize: mostBatched,
      responseMeta: ({ errors }) => {
        const wrongMethod = errors.some(({ code }) => code === "METHOD_NOT_SUPPORTED");
        return { headers: wrongMethod ? { ...headers, allow: "OPTIONS" } : headers }; // beside the one that tRPC names
      },
    });
    return heard || response.ok ? response : unheard(response, problemOf);
  });
  return app;
}

/** What an error means to a caller. */
const telling =
  (of: { requestId: string; publicUrl: string }) =>
  (error: unknown): ProblemDocument =>
    problemDocument(problemBehind(error), of);

/** The methods of the one procedure that an address names. */
const allowed = (named: { kind: string } | undefined): string | null =>
  named ? `${named.kind === "command" ? "POST" : "GET"}, OPTIONS` : null;

/** What tRPC refuses before it knows which calls are meant, it shows without a problem: it has no context yet. */
async function unheard(response: Response, problemOf: (error: unknown) => ProblemDocument): Promise<Response> {
  const said = (await response.json()) as { error: { data: object } };
  const message = `The address or its parameters can't be read, or name more than ${mostBatched} calls.`;
  const errors = [{ pointer: "", code: "bad_request", message }];
  const problem = problemOf(response.status === 400 ? new Problem("invalid_input", { errors }) : response);
  return Response.json(
    { error: { ...said.error, data: { ...said.error.data, problem } } },
    { status: response.status, headers: { "cache-control": "no-store" } },
  );
}

/** tRPC parses `?input=` and the body itself; what it is given has passed the same guard as on every face. */
async function guarded(
  url: URL,
  kind: Operation["kind"] | undefined,
  readInput: () => Promise<unknown>,
): Promise<unknown> {
  const batched = url.searchParams.get("batch") === "1" && /,|%2c/i.test(url.pathname);
  if (batched && kind === "command")
    throw new Problem("invalid_input", {
      errors: [{ pointer: "", code: "batched_command", message: "A command can't be batched." }],
    });
  const input = url.searchParams.get("input");
  if (input) parseJson(input);
  try {
    return await readInput();
  } catch (error) {
    throw problemBehind(error, "malformed_json");
  }
}

/** A request whose body is read, and judged, when a call's turn comes: not before its caller is known. */
function lazily(c: Context<Env>, limits?: BodyLimits): Request {
  const request = c.req.raw;
  const headers = new Headers(request.headers);
  headers.set("content-type", "application/json"); // what it really is, the guard below judges in its turn
  const bare = new Request(request.url, { method: request.method, headers, signal: request.signal });
  const read = async () => {
    const text = await readText(c, limits);
    if (text) parseJson(text);
    return text;
  };
  return Object.defineProperties(bare, { text: { value: read } });
}

/** Streams are answered before tRPC is asked; the other ways to name one, it refuses by itself. */
const subscribe = (): never => {
  throw errorOf(new Problem("method_not_allowed"));
};

const replayHeader = (answer: Answer): Record<string, string> =>
  answer.problem === null && answer.replayed ? { "idempotency-replayed": "true" } : {};

const errorOf = (problem: Problem) =>
  new TRPCError({
    code: HTTP_CODE_TO_JSONRPC2[problem.status as 400] ?? "INTERNAL_SERVER_ERROR",
    message: problem.code,
    cause: problem,
  });

/** The problem that an error of ours or of tRPC's own stands for. */
function problemBehind(error: unknown, otherwise: "internal" | "malformed_json" = "internal"): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof TRPCError)) return new Problem(otherwise);
  if (error.cause instanceof Problem) return error.cause;
  if (error.code === "NOT_FOUND") return new Problem("not_found");
  if (error.code === "METHOD_NOT_SUPPORTED") return new Problem("method_not_allowed");
  if (error.code === "UNSUPPORTED_MEDIA_TYPE") return new Problem("unsupported_media_type");
  return new Problem(error.code === "BAD_REQUEST" ? "malformed_json" : otherwise);
}
