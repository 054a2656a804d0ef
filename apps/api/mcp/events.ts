import { type Problem, problemDocument } from "@dais/kernel/problem";
import {
  type ListResourcesResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  type Server,
} from "@modelcontextprotocol/server";
import type { FileReader } from "./files.ts";
import type { Exchange, McpParts } from "./parts.ts";

/** What happens, as a resource. Reading it tells the latest events that the caller may hear of. */
export const eventsUri = "dais://events";

const resources: ListResourcesResult["resources"] = [
  {
    uri: eventsUri,
    name: "events",
    title: "Events",
    description:
      "What happened last, as events_list tells it. Where a client can subscribe to a resource, each update of this one carries its event in _meta, under dais/event.",
    mimeType: "application/json",
  },
];

/** Lets a server list and read the resource. Events are read by the operation, so the same rules hold as on every face. */
export function serveEvents(
  server: Server,
  { kernel, publicUrl }: Pick<McpParts, "kernel" | "publicUrl">,
  exchange: Exchange,
  files: FileReader,
): void {
  const { caller, admission } = exchange;

  async function read(): Promise<ReadResourceResult> {
    const operation = "events.list";
    const answer = await kernel.dispatch({ ...caller, admission, operation, readInput: () => ({}) });
    if (answer.limit) exchange.limit = answer.limit;
    if (answer.problem?.code === "unauthenticated") exchange.stranger = answer.problem;
    if (answer.problem) throw refusal(answer.problem, exchange, publicUrl);
    return { contents: [{ uri: eventsUri, mimeType: "application/json", text: JSON.stringify(answer.output) }] };
  }

  server.setRequestHandler("resources/list", () => ({ resources }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: files.templates }));
  server.setRequestHandler("resources/read", async ({ params }) => {
    if (params.uri === eventsUri) return read();
    const file = await files.read(params.uri, exchange);
    if (!file) throw new ResourceNotFoundError(params.uri.slice(0, 200));
    return file;
  });
}

/** A problem where MCP has no result to put it into. */
export function refusal(problem: Problem, { caller }: Exchange, publicUrl: string): ProtocolError {
  const document = problemDocument(problem, { requestId: caller.requestId, publicUrl });
  const code = problem.status < 500 ? ProtocolErrorCode.InvalidRequest : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, document.title, { problem: document });
}
