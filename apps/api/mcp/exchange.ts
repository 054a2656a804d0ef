import {
  createMcpHandler,
  isLegacyRequest,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { asksForEvents, listening } from "./listen.ts";
import type { Exchange, McpParts } from "./parts.ts";
import { servers } from "./server.ts";

/** Answers one JSON-RPC message, in the revision that it speaks. Nothing is kept between two of them. */
export function exchanges(parts: McpParts) {
  const serverFor = servers(parts);
  const onerror = (error: Error) => parts.log.debug({ err: error }, "an MCP message was refused");

  const factory: Parameters<typeof createMcpHandler>[0] = ({ authInfo, era }) =>
    serverFor(authInfo?.extra?.exchange as Exchange, era);
  const modern = createMcpHandler(factory, { legacy: "reject", onerror });
  const listen = listening({ ...parts, serverFor: factory, onerror });

  return async (request: Request, message: object, exchange: Exchange): Promise<Response> => {
    if (await isLegacyRequest(request, message)) return initialized(serverFor(exchange, "legacy"), request, message);
    const authInfo = { token: "", clientId: exchange.admission.identity.actor.id, scopes: [], extra: { exchange } };
    const options = { parsedBody: message, authInfo };
    return asksForEvents(message) ? listen(request, message, exchange, options) : modern.fetch(request, options);
  };
}

/**
 * The revisions that begin with `initialize`. The handler's own way for them answers with a stream, whose headers are sent before
 * the call is served: too late to say what is left of an allowance.
 */
async function initialized(server: Server, request: Request, message: object): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true,
  });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody: message });
  } finally {
    await server.close();
  }
}
