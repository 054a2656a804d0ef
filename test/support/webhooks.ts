import type { IncomingHttpHeaders, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { poster } from "@dais/adapters/webhooks";
import { Webhook } from "standardwebhooks";
import { expect } from "vitest";
import { afterFile } from "./ending.ts";

/** What came to a receiver. */
export type Received = { headers: IncomingHttpHeaders; body: string; path: string };
export type Answering = (response: ServerResponse, received: Received) => unknown;

/** Stands in for those who hear: HTTP on this machine, where `localhost` is allowed. What each address answers is the test's. */
export async function receivers() {
  const answers = new Map<string, Answering>();
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const path = request.url as string;
      const one = { headers: request.headers, body: Buffer.concat(parts).toString(), path };
      received.push(one);
      (answers.get(path) ?? taken)(response, one);
    });
    request.on("error", () => {});
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  afterFile(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  return {
    port,
    received,
    open: () => sockets.size,
    /** Cuts whoever is connected. */
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    /** An address of its own, and what it answers; which can be changed by asking for it again. */
    at(answer: Answering = taken, path = `/${crypto.randomUUID()}`) {
      answers.set(path, answer);
      return {
        url: `http://localhost:${port}${path}`,
        path,
        got: () => received.filter((one) => one.path === path),
        types: () => received.filter((one) => one.path === path).map((one) => JSON.parse(one.body).type),
        answer: (other: Answering) => void answers.set(path, other),
      };
    },
  };
}
export type Receivers = Awaited<ReturnType<typeof receivers>>;

export const taken: Answering = (response) => response.writeHead(204).end();
export const hangs: Answering = () => {};
export const says =
  (status: number, headers: Record<string, string> = {}): Answering =>
  (response) =>
    response.writeHead(status, headers).end();

/** Sends as the product does, with this machine within reach. */
export const posting = (options: Partial<Parameters<typeof poster>[0]> = {}) =>
  poster({ allowed: ["localhost"], plainHere: true, now: () => new Date(), ...options });

/** Whether a receiver with this secret takes it, by the public library. @throws WebhookVerificationError */
export const verified = (secret: string, { body, headers }: Pick<Received, "body" | "headers">): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

/** Waits until so many came. */
export const reaches = (got: () => readonly unknown[], count: number, timeout = 20_000) =>
  expect.poll(() => got().length, { timeout, interval: 20 }).toBeGreaterThanOrEqual(count);
