/** A worker in a process of its own, that sends dispatches to a stand-in: forked by the bench, gone with it. Answers with its port, and then with its memory. */
import { randomBytes } from "node:crypto";
import { readConfig } from "@dais/api/config";
import { logger } from "@dais/api/log";
import { server } from "@dais/api/server";
import { httpCourier } from "../support/courier-http.ts";

const { postgres: connection, redis, port } = JSON.parse(process.argv[2] ?? "{}");
const started = await server({
  config: readConfig({ PUBLIC_URL: "http://dais.test", PORT: "0", DAIS_ROLE: "worker", REDIS_URL: redis }),
  connection,
  cursorKey: new Uint8Array(32),
  sources: { now: () => new Date(), random: randomBytes },
  log: logger("error"),
  carriers: async () => ({
    couriers: [httpCourier("whatsapp", port, false), httpCourier("sms", port, false), httpCourier("email", port, true)],
    readers: [],
    close: async () => {},
  }),
});
process.send?.({ port: started.port });
setInterval(() => process.send?.({ megabytes: process.memoryUsage().rss / 1024 ** 2 }), 1000);
process.on("disconnect", () => process.exit());
