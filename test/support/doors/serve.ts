/** A server in a process of its own, that takes an issuer's tokens and runs jobs: `serve.ts PLACE`. Tells its port; ends with its parent. */
import { randomBytes } from "node:crypto";
import { readConfig } from "@dais/api/config";
import { logger } from "@dais/api/log";
import { server } from "@dais/api/server";
import { startJobs } from "@dais/jobs/start";
import { behind } from "../background.ts";
import type { Place } from "./world.ts";

const { connection, redis, issuer, clientId, clientSecret, graphUrl } = JSON.parse(process.argv[2] ?? "{}") as Place;
const sources = { now: () => new Date(), random: (bytes: number) => new Uint8Array(randomBytes(bytes)) };
const log = logger("error");
const rates = Object.fromEntries(["READ", "WRITE", "HEAVY", "AUTH"].map((rate) => [`RATE_${rate}`, "1000000"]));
const { port, kernel, app } = await server({
  config: readConfig({
    ...{ PORT: "0", PUBLIC_URL: "http://dais.test", DAIS_ROLE: "api", REDIS_URL: redis },
    ...{ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, ...rates },
  }),
  connection,
  cursorKey: new Uint8Array(32),
  sources,
  log,
  issuer: async () => ({ issuer, clientId, credential: { secret: clientSecret }, graphUrl }),
});
const pace = { poll: 0.5, supervise: 30, cron: 30 };
await startJobs({ connection, kernel, app, jobs: behind.jobs, schedules: [], sources, log, pace });

process.on("disconnect", () => process.exit());
process.send?.(port);
