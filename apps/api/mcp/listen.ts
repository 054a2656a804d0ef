import type { Message } from "@dais/kernel/streams/message";
import { createMcpHandler, type McpHandlerRequestOptions, type ServerEventBus } from "@modelcontextprotocol/server";
import { eventsUri, refusal } from "./events.ts";
import type { Exchange, McpParts } from "./parts.ts";

type Parts = Pick<McpParts, "kernel" | "publicUrl"> & {
  serverFor: Parameters<typeof createMcpHandler>[0];
  onerror(error: Error): void;
};

/**
 * Answers `subscriptions/listen` of revision 2026-07-28, where it asks for updates of the events: a stream like any other, each of whose
 * messages is an update of the resource. What is said, and in which order, is the SDK's business; it knows one bus for all callers, so
 * each stream gets a handler with a bus of its own, on which there is only what its caller may hear.
 */
export function listening({ kernel, publicUrl, serverFor, onerror }: Parts) {
  return async (request: Request, message: object, exchange: Exchange, options: McpHandlerRequestOptions) => {
    const { caller, admission, drop } = exchange;
    const heard = await kernel.listen({
      ...caller,
      admission,
      drop,
      operation: "events.stream",
      readInput: () => ({}),
    });
    if (heard.limit) exchange.limit = heard.limit;
    if (heard.problem?.code === "unauthenticated") exchange.stranger = heard.problem;
    if (heard.problem) {
      const { code, message: said, data } = refusal(heard.problem, exchange, publicUrl);
      return Response.json({ jsonrpc: "2.0", id: idIn(message), error: { code, message: said, data } });
    }
    const { messages } = heard;
    const flow = valve();
    const bus = busOf(messages, flow.open, () => handler.close());
    const handler = createMcpHandler(serverFor, { legacy: "reject", onerror, bus, maxSubscriptions: 1 });
    const response = await handler.fetch(request, options);
    if (bus.heard() && response.body) return new Response(flow.through(response.body), response);
    await messages.return?.(); // the message was refused
    return response;
  };
}

/** Whether a message asks for updates of the events. */
export function asksForEvents(message: object): boolean {
  const { method, params } = message as { method?: unknown; params?: { notifications?: Record<string, unknown> } };
  const uris = params?.notifications?.resourceSubscriptions;
  return method === "subscriptions/listen" && Array.isArray(uris) && uris.includes(eventsUri);
}

const idIn = (message: object) => (message as { id?: unknown }).id ?? null;

/** A bus on which a stream's messages come, each when the one before has been taken. `ended`: there are no more. */
function busOf(
  messages: AsyncIterableIterator<Message>,
  room: () => Promise<void>,
  ended: () => Promise<void>,
): ServerEventBus & { heard(): boolean } {
  let heard = false;
  type Listener = Parameters<ServerEventBus["subscribe"]>[0];

  async function pump(listener: Listener): Promise<void> {
    for (;;) {
      await room();
      const { value, done } = await messages.next();
      if (done || value.kind === "end") break;
      // What a stream says of itself is no update of the events: nobody goes on from it here.
      if (value.kind !== "event") continue;
      const _meta = { "dais/event": value.data, "dais/lastEventId": value.id };
      listener({ kind: "resource_updated", uri: eventsUri, params: { _meta } });
    }
    await ended();
  }

  return {
    publish() {},
    subscribe(listener) {
      heard = true;
      void pump(listener);
      return () => void messages.return?.();
    },
    heard: () => heard,
  };
}

/** Tells when a reader wants more: the SDK writes whatever it is given, and keeps it for a reader that doesn't read. */
function valve() {
  let wanted = Promise.withResolvers<void>();
  return {
    async open(): Promise<void> {
      await wanted.promise;
      wanted = Promise.withResolvers();
    },
    through(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
      const reader = body.getReader();
      return new ReadableStream(
        {
          async pull(controller) {
            wanted.resolve();
            const { value, done } = await reader.read();
            if (done) controller.close();
            else controller.enqueue(value);
          },
          cancel: (reason) => reader.cancel(reason),
        },
        { highWaterMark: 0 },
      );
    },
  };
}
