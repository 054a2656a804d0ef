/** A worker in a process of its own, that sends to webhooks: forked by the bench, gone with it. Answers with its port. */
import { randomBytes } from "node:crypto";
import { readConfig } from "@dais/api/config";
import { logger } from "@dais/api/log";
import { server } from "@dais/api/server";

const { postgres: connection, redis, sealKeys } = JSON.parse(process.argv[2] ?? "{}");
const env = { ALLOWED_WEBHOOK_HOSTS: "localhost", SEAL_KEYS: sealKeys, PUBLIC_URL: "http://dais.test" };
const started = await server({
  config: readConfig({ ...env, PORT: "0", DAIS_ROLE: "worker", REDIS_URL: redis }),
  connection,
  cursorKey: new Uint8Array(32),
  sources: { now: () => new Date(), random: randomBytes },
  log: logger("error"),
});
process.send?.(started.port);
process.on("disconnect", () => process.exit());
