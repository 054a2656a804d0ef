import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { feeds } from "@dais/adapters/feeds";
import { selfSigned } from "./self-signed.ts";

export type Answer = (response: ServerResponse, request: IncomingMessage) => unknown;

/**
 * Stands in for those who publish alerts: HTTPS at addresses of this machine, by a certificate for the name `dais`, which no DNS knows.
 */
export async function feedServer() {
  const { pem, key } = selfSigned("rsa");
  const pages = new Map<string, Page>();
  const sockets = new Set<Socket>();
  const server = createServer({ cert: pem, key }, (request, response) => {
    const page = pages.get((request.url as string).split("?")[0] as string);
    page?.asked.push({ ...request.headers, ":path": request.url as string, ":at": request.socket.localAddress });
    if (page) page.answer(response, request);
    else response.writeHead(404).end();
  });
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  // Of a client that doesn't trust us.
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    port,
    pem,
    /** Of all clients so far. */
    connections: () => connections,
    open: () => sockets.size,
    /** Gives an answer an address of its own. What it answers can be changed. */
    at(answer: Answer): Page {
      const path = `/${crypto.randomUUID()}`;
      const page = { url: `https://dais:${port}${path}`, path, asked: [], answer };
      pages.set(path, page);
      return page;
    },
    /** Asks as the product does, with this server within reach: `dais` is an address of this machine, where the operators allow it. */
    asking: (options: Partial<Parameters<typeof feeds>[0]> = {}) =>
      feeds({
        allowed: ["dais"],
        plainHere: false,
        ca: pem,
        resolve: async () => ["127.0.0.1"],
        now: () => new Date(),
        ...options,
      }),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
export type FeedServer = Awaited<ReturnType<typeof feedServer>>;

export type Page = {
  url: string;
  path: string;
  /** The headers of each request, with its path and the address that it came to. */
  asked: (IncomingHttpHeaders & { ":path": string; ":at": string | undefined })[];
  answer: Answer;
};

/** Answers with a document. */
export const document =
  (body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** Answers with bytes as they are, past all that Node would make of them. */
export const raw =
  (text: string): Answer =>
  ({ socket }) =>
    socket?.end(text.replaceAll("\n", "\r\n"));
