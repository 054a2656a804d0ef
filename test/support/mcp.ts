import { request } from "node:http";

export type Reply = { status: number; headers: Record<string, string | undefined>; body: Record<string, any> };
type Said = { headers?: Record<string, string>; method?: string; before?: () => Promise<unknown> };

/**
 * Says exactly this to the MCP face: a stock client, and `fetch`, would choose headers themselves. With `before`, the head goes out
 * first, and the body when it is done.
 */
export function rawMcp(url: string) {
  return (body: string | object | null, { headers = {}, method = "POST", before }: Said = {}): Promise<Reply> => {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const head = { accept: "application/json, text/event-stream", "content-type": "application/json", ...headers };
    const sent = request(`${url}/mcp`, { method, headers: head }, async (answer) => {
      const text = (await answer.toArray()).join("");
      const json = /json/.test(answer.headers["content-type"] ?? "");
      const plain = answer.headers as Reply["headers"];
      resolve({ status: answer.statusCode ?? 0, headers: plain, body: json ? JSON.parse(text) : { text } });
    });
    sent.on("error", reject);
    const text = body === null || typeof body === "string" ? body : JSON.stringify(body);
    if (before) sent.flushHeaders();
    (before?.() ?? Promise.resolve()).then(() => sent.end(text), reject);
    return promise;
  };
}

export const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};
export const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };
export const calling = (name: string, args?: object) => ({
  jsonrpc: "2.0",
  id: 3,
  method: "tools/call",
  params: { name, arguments: args },
});

/** The same message as revision 2026-07-28 has it: with who asks in `_meta`, and its gist in the headers. */
export function modern(message: { method: string; params?: Record<string, unknown> }) {
  const about = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const headers: Record<string, string> = { "mcp-protocol-version": "2026-07-28", "mcp-method": message.method };
  if (typeof message.params?.name === "string") headers["mcp-name"] = message.params.name;
  return { message: { ...message, params: { ...message.params, _meta: about } }, headers };
}
