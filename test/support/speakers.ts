import { head, type Part, type RawReply, raw } from "./raw.ts";

/** What a face answered to a body: the problem's code wherever the face shows it, `ok`, or the bare status. */
export type Heard = { status: number; code: string; reply: RawReply };
export type Sent = { body: Part; headers?: Record<string, string | number>; key: string };
type Speaker = (url: string, sent: Sent) => Promise<Heard>;

const post = async (url: string, path: string, { key, headers = {} }: Sent, parts: Part[]): Promise<Heard> => {
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  const all = {
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "content-length": length,
    ...headers,
  };
  return heard(
    await raw(url, [
      head(`POST ${path}`, Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""))),
      ...parts,
    ]),
  );
};

function heard(reply: RawReply): Heard {
  const { status, body } = reply;
  const { error, result } = body;
  const said = error?.data?.problem ?? (result?.isError ? result.structuredContent : null) ?? (body.code ? body : null);
  return { status, code: said?.code ?? (status < 300 && !error ? "ok" : `status ${status}`), reply };
}

/** The same bytes as a command's input, over each face that takes bodies. A face more is a line more. */
export const speakers: Record<string, Speaker> = {
  REST: (url, sent) => post(url, "/v1/signals", sent, [sent.body]),
  tRPC: (url, sent) => post(url, "/trpc/signals.ingest", sent, [sent.body]),
  MCP: (url, sent) => {
    const open = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"signals_ingest","arguments":';
    return post(url, "/mcp", { ...sent, headers: { "mcp-protocol-version": "2025-11-25", ...sent.headers } }, [
      open,
      sent.body,
      "}}",
    ]);
  },
};
