import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers with JSON that nobody keeps. */
export function json(res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  res.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers });
  res.end(JSON.stringify(body));
}

/** @throws Error with status 413 where it is longer than it has reason to be */
export async function readText(req: IncomingMessage, limit = 4096): Promise<string> {
  let text = "";
  for await (const chunk of req.setEncoding("utf8")) {
    text += chunk;
    if (text.length > limit) throw Object.assign(new Error("The body is too long."), { status: 413, expose: true });
  }
  return text;
}
