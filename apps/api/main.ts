/**
 * Dais in one process: `npm start`. Brings whatever isn't configured (Postgres, a secret, a demo), says aloud what stands
 * behind it, and serves until it is told to stop.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { openapiFile } from "./assets.ts";
import { type Config, readConfig } from "./config.ts";
import { docs } from "./docs.ts";
import { logger } from "./log.ts";
import { type Database, openDatabase } from "./start/database.ts";
import { type Greeting, greeting } from "./start/greeting.ts";
import { serve } from "./start/serve.ts";
import { lifecycle, Refusal } from "./start/stop.ts";

const config = settings();
const log = logger(config.LOG_LEVEL);
const life = lifecycle(config.DRAIN_SECONDS, log);
const say = (text: string) => process.stdout.write(`${text}\n`);

await start().catch(life.fail);

async function start(): Promise<void> {
  if (config.DATABASE_OWNER_URL && !config.DATABASE_URL) {
    throw new Refusal("DATABASE_OWNER_URL is set without DATABASE_URL: set both, or none.");
  }
  const claim = config.DATABASE_URL ? null : await (await import("./start/claim.ts")).claimed(say);
  if (claim && "by" in claim) return void say(claim.by);
  if (claim) await life.began(claim, () => claim.release());

  const database = await openDatabase(config, life);
  const demo = (config.DEMO ?? database.embedded !== null) ? await import("./start/demo.ts") : null;
  const openapi = readFileSync(openapiFile, "utf8");
  const options = {
    connection: database.connection,
    cursorKey: await cursorKey(),
    sources: { now: () => new Date(), random: randomBytes },
    log,
    pages: (url: string) => docs({ openapi, url, demo: demo?.shown ?? null }),
  };
  const server = await life.began(serve(config, options, say), (it) => it.stop());
  const shown = demo && (await life.began(demo.loaded(database.connection, server.kernel, log)));
  claim?.tell(server.url);
  ready({ url: server.url, seconds: performance.now() / 1000, demo: shown, behind: behind(database) });
}

/** The key that signs cursors: the configured one, or one that is made once for this checkout. */
async function cursorKey(): Promise<Uint8Array> {
  return Buffer.from(config.CURSOR_SECRET ?? (await import("./start/secret.ts")).keptSecret());
}

/** For people in sentences; in production for whoever collects logs. */
function ready(to: Greeting): void {
  if (config.NODE_ENV === "production") log.info({ url: to.url, behind: to.behind }, "ready");
  else say(greeting(to));
}

function behind(database: Database): string[] {
  const redis = config.REDIS_URL
    ? "Redis: the one of REDIS_URL."
    : "Redis: none (REDIS_URL is not set). Limits and sessions live in this process's memory, so run no second one beside it.";
  const amqp = "AMQP: AMQP_URL is set, but events are not published to it yet; they wait in the table outbox.";
  return [database.about, redis, ...(config.AMQP_URL ? [amqp] : [])];
}

function settings(): Config {
  try {
    // biome-ignore lint/style/noProcessEnv: the one place where a running server reads its environment.
    return readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
