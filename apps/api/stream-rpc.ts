import type { ProblemDocument } from "@dais/contracts/kit/problems";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Problem } from "@dais/kernel/problem";
import type { EventMessage } from "@dais/kernel/streams/message";
import type { AnyRouter, TRPCError } from "@trpc/server";
import { getErrorShape } from "@trpc/server/unstable-core-do-not-import";
import type { Context } from "hono";
import { parseJson } from "./json.ts";
import { type Env, field, hangUp } from "./request.ts";
import { limitHeaders, problemHeaders, respond } from "./respond.ts";
import { searchOf } from "./rest-input.ts";
import { streamHeaders } from "./stream.ts";
import { bodyOf, type Dialect } from "./stream-body.ts";

type Parts = {
  kernel: Kernel;
  contract: AnyRouter;
  beatMs: number;
  errorOf(problem: Problem): TRPCError;
};

/**
 * Answers a subscription as tRPC's own handler would, whose clients can't tell the difference. That one writes each message through five
 * streams of the web, and keeps ten times as much for each reader. A problem is the stream's first and only message: so its clients
 * expect it.
 * @see sseStreamProducer in @trpc/server
 */
export async function rpcStream(
  c: Context<Env>,
  path: string,
  problemOf: (error: unknown) => ProblemDocument,
  { kernel, contract, beatMs, errorOf }: Parts,
): Promise<Response> {
  const caller = c.get("caller");
  const heard = await kernel.listen({ ...caller, operation: path, readInput: () => readInput(c), drop: hangUp(c) });
  const dialect = trpc(
    beatMs,
    shaping(contract, path, (problem) => errorOf(problem), problemOf),
  );
  const headers = { ...limitHeaders(heard.limit), ...streamHeaders };
  if (!heard.problem) return respond(caller, 200, bodyOf(heard.messages, dialect, frames), headers);
  const body = dialect.opening + dialect.other({ kind: "end", reason: "unavailable", problem: heard.problem });
  return respond(caller, 200, body, { ...headers, ...problemHeaders(heard.problem, caller) });
}

/** What comes in `?input=`, with the place that a client which comes back says in the header. @throws malformed_json */
function readInput(c: Context<Env>): unknown {
  const search = searchOf(c.req.url);
  const text = search.get("input");
  const input = text ? parseJson(text) : {};
  const lastEventId = field(c, "last-event-id") ?? search.get("lastEventId");
  const open = typeof input === "object" && input !== null && !Array.isArray(input);
  return lastEventId && open ? { ...input, lastEventId } : input;
}

/** A problem as tRPC shows errors. Holds on to nothing of the request: it is kept as long as the stream lasts. */
const shaping =
  (
    contract: AnyRouter,
    path: string,
    errorOf: (problem: Problem) => TRPCError,
    problemOf: (error: unknown) => ProblemDocument,
  ) =>
  (problem: Problem): unknown =>
    getErrorShape({
      config: contract._def._config,
      error: errorOf(problem),
      type: "subscription",
      path,
      input: undefined,
      ctx: { problemOf },
    });

const frames = new WeakMap<EventMessage, Uint8Array>();

/** Who hears nothing for three beats takes the line for lost. */
const trpc = (beatMs: number, shapeOf: (problem: Problem) => unknown): Dialect => ({
  opening: `retry: 2000\nevent: connected\ndata: ${JSON.stringify({ reconnectAfterInactivityMs: 3 * beatMs })}\n\n`,
  event: ({ id, text }) => `data: ${text}\nid: ${id}\n\n`,
  other(message) {
    switch (message.kind) {
      case "beat":
        return "event: ping\ndata: \n\n";
      case "place":
        return `event: ping\ndata: \nid: ${message.id}\n\n`;
      case "reload":
        return `data: ${JSON.stringify(message.data)}\nid: ${message.id}\n\n`;
      case "end":
        return `event: serialized-error\ndata: ${JSON.stringify(shapeOf(message.problem))}\n\n`;
    }
  },
});
