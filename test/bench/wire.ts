import { connect, type Socket } from "node:net";

export type Request = { method: string; path: string; headers?: Record<string, string>; body?: string };
export type Reply = { status: number; body: string };

/** A request as bytes. Made outside of what is measured. */
export function written({ method, path, headers = {}, body = "" }: Request): string {
  const all: Record<string, string> = { host: "localhost", ...headers };
  if (body)
    Object.assign(all, { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) });
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

/**
 * One kept connection to a server on this machine, one request at a time. As plain as can be: what the load costs is taken from
 * the same cores as what the server does.
 */
export function line(port: number) {
  let waiting: { resolve(reply: Reply): void; reject(reason: Error): void } | null = null;
  let got = "";
  let open = true;
  const socket: Socket = connect({ host: "127.0.0.1", port });
  socket.setNoDelay(true).setEncoding("latin1");
  socket.on("data", (text: string) => {
    got += text;
    const reply = whole(got);
    if (!reply || !waiting) return;
    got = "";
    const { resolve } = waiting;
    waiting = null;
    resolve(reply);
  });
  const lost = (error?: Error) => {
    open = false;
    waiting?.reject(error ?? new Error("The server closed the connection."));
    waiting = null;
  };
  socket.on("error", lost).on("close", () => lost());

  return {
    open: () => open,
    send(bytes: string): Promise<Reply> {
      if (!open) return Promise.reject(new Error("The connection is closed."));
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes, "utf8");
      });
    },
    close: () => void socket.destroy(),
  };
}
export type Line = ReturnType<typeof line>;

/** The answer, once all of it is there. Its text is Latin-1 as it came: for comparing, and for reading what is ASCII. */
function whole(text: string): Reply | null {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const head = text.slice(0, end);
  const status = Number(head.slice(9, 12));
  const body = text.slice(end + 4);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return body.length < Number(length) ? null : { status, body };
  if (!/\r\ntransfer-encoding: chunked/i.test(head)) return { status, body: "" };
  return body.endsWith("0\r\n\r\n") ? { status, body: unchunked(body) } : null;
}

function unchunked(text: string): string {
  let body = "";
  for (let at = 0; ; ) {
    const end = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (!size) return body;
    body += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}
