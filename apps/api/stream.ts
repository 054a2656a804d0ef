import type { Subscription } from "@dais/contracts/kit/derive";
import type { Kernel } from "@dais/kernel/dispatch";
import { Problem } from "@dais/kernel/problem";
import type { EventMessage } from "@dais/kernel/streams/message";
import type { Context } from "hono";
import { accepts } from "./accept.ts";
import { type Env, field, hangUp } from "./request.ts";
import { limitHeaders, problemResponse, respond } from "./respond.ts";
import { placed, readQuery, restShape, searchOf } from "./rest-input.ts";
import { bodyOf, type Dialect } from "./stream-body.ts";

/**
 * Answers a subscription over REST: server-sent events. What can be refused is refused before the stream begins, as a problem.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function streamer(kernel: Kernel, subscription: Subscription, publicUrl: string) {
  const shape = restShape(subscription);

  /** @throws not_acceptable, invalid_input */
  function readInput(c: Context<Env>): unknown {
    if (!accepts(field(c, "accept"), "text/event-stream")) throw new Problem("not_acceptable");
    const input = readQuery(shape, c.req.param() as Record<string, string>, searchOf(c.req.url));
    // A browser comes back to the same address, and says in the header what it has heard since.
    const last = field(c, "last-event-id");
    return last ? { ...input, lastEventId: last } : input;
  }

  return async (c: Context<Env>): Promise<Response> => {
    const caller = c.get("caller");
    const heard = await kernel.listen({
      ...caller,
      operation: subscription.path,
      readInput: () => readInput(c),
      drop: hangUp(c),
    });
    if (heard.problem) return problemResponse(placed(heard.problem, subscription, shape), caller, publicUrl, heard);
    const headers = { ...limitHeaders(heard.limit), ...streamHeaders };
    if (c.req.method !== "HEAD") return respond(caller, 200, bodyOf(heard.messages, plain, frames), headers);
    await heard.messages.return?.();
    return respond(caller, 200, null, headers);
  };
}

export const streamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // Or nginx would keep messages until it has enough of them.
  "x-accel-buffering": "no",
};

/** Server-sent events as the standard has them: whoever loses the line comes back after two seconds. */
const plain: Dialect = {
  opening: "retry: 2000\n\n",
  event: ({ id, text }) => `id: ${id}\ndata: ${text}\n\n`,
  other(message) {
    switch (message.kind) {
      case "beat":
        return ":\n\n";
      case "place": // A reader keeps it, and shows its program nothing.
        return `id: ${message.id}\n\n`;
      case "reload":
        return `event: reload\nid: ${message.id}\ndata: ${JSON.stringify(message.data)}\n\n`;
      case "end": {
        const data = { type: "stream.end", reason: message.reason };
        return `retry: ${comeBackMs()}\nevent: end\ndata: ${JSON.stringify(data)}\n\n`;
      }
    }
  },
};
const frames = new WeakMap<EventMessage, Uint8Array>();

/** Readers that were all told to go should not come back all at once. */
const comeBackMs = () => 1000 + Math.floor(Math.random() * 4000);
