import { randomBytes } from "node:crypto";
import { readConfig } from "@dais/api/config";
import { logger } from "@dais/api/log";
import { type Server, type ServerOptions, server } from "@dais/api/server";
import type { Sources } from "@dais/kernel/ids";
import type { Connection } from "@dais/kernel/lane";
import { inject } from "vitest";
import { afterFile } from "./ending.ts";

export type Options = {
  env?: Record<string, string>;
  connection?: Connection;
  sources?: Partial<Sources>;
  redis?: string | null;
  pages?: ServerOptions["pages"];
  issuer?: ServerOptions["issuer"];
  printing?: ServerOptions["printing"];
  carriers?: ServerOptions["carriers"];
};

/** Whoever delivers events takes all that there are in the database, also another file's: a test that wants it says so, and has its own. */
const served = { DAIS_ROLE: "api" };
/** High enough that no test meets them by accident. */
const roomy = { RATE_READ: "1000000", RATE_WRITE: "1000000", RATE_HEAVY: "1000000", RATE_AUTH: "1000000" };

/** The real server on a free port, on the run's Postgres and Redis; with `redis: null`, on the memory of the process. Stopped after the file. */
export async function startServer({
  env = {},
  connection,
  sources = {},
  redis,
  pages,
  issuer,
  printing,
  carriers,
}: Options = {}): Promise<Server> {
  const store = redis === null ? {} : { REDIS_URL: redis ?? inject("redis") };
  const started = await server({
    config: readConfig({
      PORT: "0",
      PUBLIC_URL: "http://dais.test",
      DRAIN_SECONDS: "2",
      ...served,
      ...store,
      ...roomy,
      ...env,
    }),
    connection: connection ?? inject("login"),
    cursorKey: new Uint8Array(32),
    sources: { now: () => new Date(), random: randomBytes, ...sources },
    pages,
    issuer,
    printing,
    carriers,
    log: logger(process.env.LOG_LEVEL ?? "silent"),
  });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= started.stop());
  afterFile(stop);
  return { ...started, stop };
}
