/** A server with a consumer that takes every event and changes nothing: `hearer.ts PLACE`. Tells its port, and then what it has heard. */
import { randomBytes } from "node:crypto";
import { readConfig } from "@dais/api/config";
import { logger } from "@dais/api/log";
import { server } from "@dais/api/server";
import type { DeliveredEvent } from "@dais/kernel/relay/event";
import { task } from "@dais/kernel/task";
import { cursorKey, most } from "./subjects/fixed.ts";

const { postgres, redis, role } = JSON.parse(process.argv[2] ?? "{}");
let heard: [id: string, at: number][] = [];
const handle = task({
  name: "bench.hear",
  action: "bench.hear",
  quiet: true,
  run: async (_, event: DeliveredEvent) => void heard.push([event.id, performance.timeOrigin + performance.now()]),
});
const rates = Object.fromEntries(["READ", "WRITE", "HEAVY", "AUTH"].map((rate) => [`RATE_${rate}`, String(most)]));
const { port } = await server({
  config: readConfig({ PORT: "0", PUBLIC_URL: "http://dais.test", REDIS_URL: redis, DAIS_ROLE: role, ...rates }),
  connection: postgres,
  cursorKey,
  sources: { now: () => new Date(), random: randomBytes },
  log: logger("warn"),
  consumers: [{ name: "bench", events: "all", handle }],
});

process.on("message", () => {
  process.send?.(heard);
  heard = [];
});
process.on("disconnect", () => process.exit());
process.send?.(port);
