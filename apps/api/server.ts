import { contract, operations } from "@dais/contracts";
import type { Modules } from "@dais/kernel/context";
import { type Kernel, kernel } from "@dais/kernel/dispatch";
import type { Gate } from "@dais/kernel/gate";
import { memoryGate } from "@dais/kernel/gate-memory";
import { redisGate } from "@dais/kernel/gate-redis";
import type { Sources } from "@dais/kernel/ids";
import type { Connection } from "@dais/kernel/lane";
import { type Pool, pool } from "@dais/kernel/pool";
import { modules } from "@dais/modules";
import { serve as listen } from "@hono/node-server";
import type { Hono } from "hono";
import type { Logger } from "pino";
import { type Api, app as application } from "./app.ts";
import type { Config } from "./config.ts";
import { health } from "./health.ts";
import { telemetry } from "./telemetry.ts";

export type ServerOptions = {
  /** What is served, and the work behind it; by default the whole contract, with our modules. */
  api?: Api & { modules: Modules };
  config: Config;
  connection: Connection;
  cursorKey: Uint8Array;
  sources: Sources;
  log: Logger;
  /** Routes beside the faces: documents and pages. */
  pages?: (url: string) => Hono;
};

export type Server = { url: string; port: number; kernel: Kernel; gate: Gate; app: Pool; stop(): Promise<void> };

/** Connects, listens, and answers until it is stopped; stopping lets calls under way end. */
export async function server(options: ServerOptions): Promise<Server> {
  const { config, log, sources, api = { contract, operations, modules } } = options;
  const limits = {
    read: { limit: config.RATE_READ, windowSeconds: 60 },
    write: { limit: config.RATE_WRITE, windowSeconds: 60 },
    heavy: { limit: config.RATE_HEAVY, windowSeconds: 60 },
    auth: { limit: config.RATE_AUTH, windowSeconds: 60 },
  };
  const gate = config.REDIS_URL ? await redisGate(config.REDIS_URL, limits) : memoryGate(limits, sources.now);
  const app = pool(options.connection, { size: config.DATABASE_CONNECTIONS, role: "dais_app" });
  const system = pool(options.connection, { size: 1, role: "dais_system" });
  const core = kernel({
    operations: api.operations,
    modules: api.modules,
    app,
    system,
    gate,
    sources,
    log,
    cursorKey: options.cursorKey,
    most: { process: config.MOST_IN_FLIGHT, tenant: config.MOST_IN_FLIGHT_TENANT },
    strict: config.NODE_ENV !== "production",
  });
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  let draining = false;
  const hono = application({
    kernel: core,
    api,
    config,
    publicUrl,
    log,
    telemetry: telemetry(() => ({ ...app.state(), inFlight: core.inFlight() })),
    beside: [health({ app, gate, draining: () => draining }), ...(options.pages ? [options.pages(publicUrl)] : [])],
  });

  const http = await new Promise<ReturnType<typeof listen>>((resolve, reject) => {
    const started = listen(
      {
        fetch: hono.fetch,
        hostname: config.HOST,
        port: config.PORT,
        // Repeated fields are joined, also where Node would drop one: who authorizes twice doesn't get in by the first.
        serverOptions: { requestTimeout: 30_000, headersTimeout: 10_000, joinDuplicateHeaders: true },
      },
      () => resolve(started),
    );
    started.on("error", reject);
  });
  const { port } = http.address() as { port: number };

  async function stop(): Promise<void> {
    draining = true;
    const closed = new Promise((resolve) => http.close(resolve));
    if ("closeIdleConnections" in http) http.closeIdleConnections();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, config.DRAIN_SECONDS * 1000).unref())]);
    if ("closeAllConnections" in http) http.closeAllConnections();
    await core.close();
    await Promise.all([app.close(), system.close(), gate.close()]);
  }
  return { url: `http://localhost:${port}`, port, kernel: core, gate, app, stop };
}
