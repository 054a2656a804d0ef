/**
 * The contract without anything behind it: `npm run mock`. Answers made-up data that fits it, on every face, so that a frontend
 * starts before a backend. Needs no Postgres and no Redis, and keeps nothing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { contract, operations, subscriptions } from "@dais/contracts";
import { freePort } from "@dais/local/port";
import { mockKernel } from "@dais/mock/kernel";
import { preferring } from "@dais/mock/preferences";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Logger } from "pino";
import { type Api, app } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
import { docs } from "./docs.ts";
import { logger } from "./log.ts";
import { lifecycle, Refusal } from "./start/stop.ts";

export type MockServer = { url: string; stop(): Promise<void> };
type Options = { api?: Api; config: Config; seed: string; now: Date; log: Logger };

/** Fixed, so that an answer is the same tomorrow: the morning of the contract's examples. */
const start = "2026-01-06T05:30:00.000Z";

/** Any credential is taken. This one is shown. */
const key = "demo";
const unmeasured = { request() {}, page: async () => "" };

if (import.meta.main) await main();

async function main(): Promise<void> {
  const life = lifecycle(0, logger("warn"));
  try {
    const { config, seed, now } = wanted(process.argv.slice(2));
    const log = logger(config.LOG_LEVEL);
    const { url } = await life.began(mockServer({ config, seed, now, log }), (it) => it.stop());
    process.stdout.write(greeting(url, performance.now() / 1000, seed));
  } catch (error) {
    await life.fail(error);
  }
}

/** @throws Refusal with a sentence for each setting that is wrong */
function wanted(args: string[]): { config: Config; seed: string; now: Date } {
  try {
    // biome-ignore lint/style/noProcessEnv: as in main.ts, the one place where this server reads its environment.
    const config = readConfig({ LOG_LEVEL: "warn", ...process.env, NODE_ENV: "development" });
    const { values } = parseArgs({ args, options: { seed: { type: "string" }, now: { type: "string" } } });
    const now = new Date(values.now ?? start);
    if (Number.isNaN(now.getTime())) throw new Error("--now must be a moment, for example 2026-01-06T05:30:00Z.");
    return { config, seed: values.seed ?? "dais", now };
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
}

/** Serves the faces on the mock, on the configured port or the next free one, until it is stopped. */
export async function mockServer({
  api = { contract, operations, subscriptions },
  config,
  seed,
  now,
  log,
}: Options): Promise<MockServer> {
  const port = config.PORT === 0 ? 0 : await freePort(config.PORT);
  const kernel = mockKernel({ ...api, seed, now, log });
  const outer = new Hono();
  // Nothing here is anybody's: any page may call, whatever port a frontend is developed on.
  if (config.CORS_ORIGINS.length === 0) outer.use(cors({ origin: "*", exposeHeaders: ["*"], maxAge: 600 }));

  const fetch = preferring((request, env) => outer.fetch(request, env));
  const http = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const started = serve({ fetch, hostname: config.HOST, port }, () => resolve(started));
    started.on("error", reject);
  });
  const url = `http://localhost:${(http.address() as { port: number }).port}`;
  const publicUrl = config.PUBLIC_URL ?? url;
  const beside = [health(), docs({ openapi: openapi(), url: publicUrl, demo: { key, organisation: "Mock" } })];
  const faces = app({ kernel, api, config, publicUrl, log, telemetry: unmeasured, beside });
  outer.all("*", (c) => faces.fetch(c.req.raw, c.env));

  async function stop(): Promise<void> {
    const closed = new Promise((done) => http.close(done));
    if ("closeAllConnections" in http) http.closeAllConnections();
    await closed;
  }
  return { url, stop };
}

/** Nothing stands behind it that could be away. */
function health(): Hono {
  const routes = new Hono();
  routes.get("/livez", (c) => c.json({ status: "ok" }));
  routes.get("/readyz", (c) => c.json({ status: "ok", away: [], store: "none" }));
  return routes;
}

/** The committed document, under a title that tells it from a real server's. */
function openapi(): string {
  const document = JSON.parse(readFileSync(join(import.meta.dirname, "../../contracts/openapi.json"), "utf8"));
  const { info } = document;
  const about = "This server is a mock: its data is made up, and any key is taken.";
  return JSON.stringify({
    ...document,
    info: { ...info, title: `${info.title} (mock)`, description: `${about}\n\n${info.description ?? ""}` },
  });
}

function greeting(url: string, seconds: number, seed: string): string {
  const curl = `curl -s -H 'Authorization: Bearer ${key}'`;
  return [
    "",
    `Mock of Dais, ready after ${seconds.toFixed(1)} s: ${url}`,
    "",
    `The data is made up from the contract, with seed ${seed}; nothing is kept. Any key is taken.`,
    `Pages: ${url}/reference, ${url}/openapi.json. What it can do: docs/mock.md`,
    "",
    ...["# A list", `${curl} '${url}/v1/signals?limit=3'`, ""],
    ...["# A refusal", `${curl} -H 'Prefer: code=403' '${url}/v1/organisations/current'`, ""],
    ...["# A slow answer", `${curl} -H 'Prefer: wait=2' '${url}/v1/organisations/current'`, ""],
    "Ctrl-C stops it.",
    "",
  ].join("\n");
}
