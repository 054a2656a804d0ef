import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Channel } from "@dais/contracts/dispatches/values";
import type { Courier, Found, Handed, Message } from "@dais/kernel/couriers/port";

/** Somebody who takes messages. */
type Side = { courier: Pick<Courier, "channel" | "send" | "find"> };

/** Lets couriers of other processes reach these. Where an answer is lost, so is the connection. */
export async function door(sides: readonly Side[]) {
  const server = createServer((req, res) => {
    const [, what, channel] = (req.url ?? "").split("/");
    const parts: Buffer[] = [];
    req.on("data", (part) => parts.push(part));
    req.on("end", async () => {
      const side = sides.find(({ courier }) => courier.channel === channel);
      if (!side) return void res.writeHead(404).end();
      const message = JSON.parse(Buffer.concat(parts).toString()) as Message;
      const { signal } = new AbortController();
      const answer =
        what === "send"
          ? await side.courier.send(message, signal)
          : await side.courier.find(message, new Date(), signal);
      if (answer.kind === "unknown") return void req.socket.destroy();
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A courier that brings its messages to such a door. */
export function httpCourier(channel: Channel, port: number, honoursKeys: boolean): Courier {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const post = <T>(what: string, message: Message): Promise<T> =>
    new Promise((resolve, reject) => {
      const req = request({ agent, port, host: "127.0.0.1", method: "POST", path: `/${what}/${channel}` }, (res) => {
        const parts: Buffer[] = [];
        res.on("data", (part) => parts.push(part));
        res.on("error", reject);
        res.on("end", () => resolve(JSON.parse(Buffer.concat(parts).toString()) as T));
      });
      req.on("error", reject);
      req.end(JSON.stringify({ ...message, attachments: [] }));
    });
  return {
    ...{ channel, vendor: `${channel}-standin`, honoursKeys, atOnce: 32 },
    send: (message) => post<Handed>("send", message).catch(() => ({ kind: "unknown", code: "lost" })),
    find: (message) => post<Found>("find", message).catch(() => ({ kind: "away" })),
    async close() {
      agent.destroy();
    },
  };
}
