import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, createServer as createPlain, type Socket } from "node:net";
import type { CallbackReader, Consequence, Message, Told } from "@dais/kernel/couriers/port";
import { expect } from "vitest";

export const never = new AbortController().signal;

/** A message that every channel takes, with a marker of its own. */
export function messageTo(to: string, of: Partial<Message> = {}): Message {
  const key = randomBytes(16).toString("hex");
  const marker = `Ref ${key.slice(0, 12)}`;
  return {
    ...{
      key,
      to,
      language: "en",
      subject: "The situation at noon",
      text: `All ports are open.\n\n${marker}`,
      html: null,
    },
    ...{ marker, template: null, insideWindow: true, attachments: [], callbackUrl: null },
    ...of,
  } as Message;
}

/** What leads to this. Written as `then:` it would look like a promise to those who check. */
export const leadingTo = (then: Consequence | null, of: object = {}): object => ({ ...of, then });

/** Begins something, and gives it up as soon as this is so: no clock decides what happens first. */
export async function givenUp<T>(when: () => boolean, does: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const doing = does(over.signal);
  await expect.poll(when).toBe(true);
  over.abort();
  return doing;
}

/** A number that nobody else in a test has. */
let numbers = 0;
export const someNumber = (): string => `+97150${String(1_000_000 + ++numbers)}`;

/** A server that hands what it is told to a reader, behind an address that only its proxy knows. */
export async function listening(reader: CallbackReader, publicUrl = "https://dais.example.org/callbacks/vendor") {
  const told: Told[] = [];
  const digests = new Set<string>();
  const refused: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { origin } = new URL(publicUrl);
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const read = await reader.read({ url: origin + request.url, headers, body: Buffer.concat(parts) });
    if (read === null) refused.push(request.url as string);
    for (const one of read ?? []) {
      told.push(one);
      digests.add(one.digest);
    }
    response.writeHead(read === null ? 403 : 204).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ told, digests, refused, url: publicUrl },
    /** For a stand-in: where the public address leads. */
    route: (url: string) => here + new URL(url).pathname + new URL(url).search,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Takes connections and does with them what it is told, without speaking HTTP by itself. */
export async function rawServer(does: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createPlain((socket) => {
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
    does(socket);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** An HTTP server of one answer. */
export async function answering(
  answer: (request: IncomingMessage) => { status: number; body?: string; headers?: object },
) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    const { status, body = "", headers = {} } = answer(request);
    request.resume().on("end", () => response.writeHead(status, headers as Record<string, string>).end(body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await rawServer(() => {});
  await server.close();
  return server.port;
}
