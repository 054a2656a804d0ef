import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fault, Faults } from "./faults.ts";

export type Asked = { method: string; path: string; url: URL; headers: IncomingMessage["headers"]; body: Buffer };
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> };

type Door = {
  faults: Faults;
  /** Whether a request sends a message, or looks for some; for others nothing goes wrong. */
  kindOf(asked: Asked): "sending" | "looking" | null;
  answer(asked: Asked): Reply;
  /** As the vendor says it when it is asked too often, or is broken. */
  refused: Reply;
  broken: Reply;
};

export type Opened = { url: string; close(): Promise<void>; requests(): number };

const mostBytes = 60 * 1024 * 1024;

/** Opens a vendor's door on this machine, on a port that is free, and lets go wrong what is planned. */
export async function open(door: Door): Promise<Opened> {
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    try {
      serve(door, await askedOf(request), response);
    } catch {
      response.destroy();
    }
  });
  server.keepAliveTimeout = 10_000;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function askedOf(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? "/", "http://vendor");
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > mostBytes) throw new Error("too much");
    parts.push(part);
  }
  const body = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  return { method: request.method ?? "", path: url.pathname, url, headers: request.headers, body };
}

function serve(door: Door, asked: Asked, response: ServerResponse): void {
  const kind = door.kindOf(asked);
  const fault = kind && door.faults.next(kind);
  if (fault === "hang") return;
  if (fault === "refuse" || fault === "break") say(response, fault === "refuse" ? door.refused : door.broken);
  else if (fault === "cut") response.destroy();
  else finish(door, fault, door.answer(asked), response);
}

/** It was done, whatever is heard of it. */
function finish(door: Door, fault: Fault | null, reply: Reply, response: ServerResponse): void {
  if (fault === "cut_after") response.destroy();
  else if (fault !== "hang_after") say(response, fault === "break_after" ? door.broken : reply);
}

function say(response: ServerResponse, { status, body, headers }: Reply): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** A JSON object, or null. */
export function objectOf(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
