import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Place } from "../subject.ts";
import { guard } from "./guard.ts";
import { confirm } from "./limit/confirm.ts";
import { create } from "./limit/create.ts";
import { inbox } from "./limit/inbox.ts";
import { lanes } from "./limit/lanes.ts";
import { list } from "./limit/list.ts";
import { mine } from "./limit/mine.ts";
import { acknowledge } from "./limit/move.ts";

/**
 * The limit: these operations by hand on `node:http`, postgres.js and the same SQL, each statement prepared and sent together
 * with its neighbours. It checks no schema, writes no log, counts nothing, and knows nothing but these.
 */
export async function start(place: Place): Promise<number> {
  const known = await guard(place);
  const hold = lanes(place.postgres, 10);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url as string;
    const read = request.method === "GET";
    const isInbox = url.startsWith("/v1/inbox");
    const isMine = url.startsWith("/v1/actions/");
    const permission = isInbox
      ? "approval.read"
      : read
        ? isMine
          ? "action.read"
          : "signal.read"
        : url === "/v1/entities"
          ? "entity.create"
          : url.startsWith("/v1/posture/")
            ? "posture.confirm"
            : "signal.acknowledge";
    const caller = await known(
      request.headers.authorization,
      read ? "read" : "write",
      permission,
      request.headers.cookie,
    );
    if (!caller) return void response.writeHead(401).end();
    if (isInbox) return done(response, 200, await inbox(hold, caller, url));
    if (isMine) return done(response, 200, await mine(hold, caller, url));
    if (read) return done(response, 200, await list(hold, caller, url));
    const body = JSON.parse(await text(request));
    const of = {
      key: request.headers["idempotency-key"] as string,
      requestId: (request.headers["x-request-id"] as string) ?? crypto.randomUUID(),
      address: request.socket.remoteAddress as string,
    };
    if (permission === "entity.create") return done(response, 201, await create(hold, caller, of, body));
    const parts = url.split("/");
    if (permission === "posture.confirm")
      return done(response, 200, await confirm(hold, caller, of, parts[4] as string, body));
    return done(response, 200, await acknowledge(hold, caller, of, parts[3] as string, body));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function done(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    .end(body);
}

function text(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
    request.on("error", reject);
  });
}
