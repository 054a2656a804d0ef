import { connect } from "node:net";
import type { Reply } from "./rest.ts";

export type RawReply = Reply;
export type Part = string | Uint8Array;

/**
 * Sends bytes that no well-behaved client would, and reads one answer. Waits for it also where the server stops listening in the
 * middle. Status 0: it closed the connection without a word.
 */
export function raw(url: string, parts: Iterable<Part>): Promise<RawReply> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ port: Number(port), host: "localhost", noDelay: true });
    let got = Buffer.alloc(0);
    const done = () => {
      socket.destroy();
      resolve(parsed(got));
    };
    socket.on("error", () => {}); // what had arrived before it counts
    socket.on("close", done);
    socket.on("data", (bytes) => {
      got = Buffer.concat([got, bytes]);
      if (complete(got)) done();
    });
    const iterator = parts[Symbol.iterator]();
    const send = (): void => {
      for (let next = iterator.next(); !next.done; next = iterator.next())
        if (!socket.write(next.value)) return void socket.once("drain", send);
    };
    send();
  });
}

/** The head of a request, with an empty line at its end. */
export const head = (line: string, headers: Record<string, string | number>): string =>
  `${[`${line} HTTP/1.1`, "host: localhost", ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\r\n")}\r\n\r\n`;

/** One chunk of a body whose length nobody knows. */
export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

function split(bytes: Buffer): { top: string; rest: Buffer } | null {
  const end = bytes.indexOf("\r\n\r\n");
  return end === -1 ? null : { top: bytes.subarray(0, end).toString("latin1"), rest: bytes.subarray(end + 4) };
}

function complete(bytes: Buffer): boolean {
  const found = split(bytes);
  if (!found) return false;
  const length = /^content-length: (\d+)$/im.exec(found.top)?.[1];
  if (length !== undefined) return found.rest.length >= Number(length);
  return (
    /^HTTP\/1.1 (204|304)/.test(found.top) ||
    (/^transfer-encoding: chunked$/im.test(found.top) && found.rest.toString("latin1").endsWith("0\r\n\r\n"))
  );
}

function parsed(bytes: Buffer): RawReply {
  const found = split(bytes);
  if (!found) return { status: 0, headers: new Headers(), body: {} };
  const [line = "", ...fields] = found.top.split("\r\n");
  const headers = new Headers(
    fields.map(
      (field) => [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1).trim()] as [string, string],
    ),
  );
  const text = found.rest.toString("utf8");
  const json = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  return {
    status: Number(line.split(" ")[1]),
    headers,
    body: /json/.test(headers.get("content-type") ?? "") && json ? JSON.parse(json) : {},
  };
}
