/**
 * Dais in one process: `npm start`. Brings whatever isn't configured (Postgres, a secret, a demo), says aloud what stands
 * behind it, and serves until it is told to stop.
 */
import { hkdfSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Jobs } from "@dais/jobs/start";
import { openapiFile } from "./assets.ts";
import { type Config, readConfig } from "./config.ts";
import { couriersBy } from "./courier-settings.ts";
import { docs } from "./docs.ts";
import { logger } from "./log.ts";
import type { Server } from "./server.ts";
import { alone } from "./start/alone.ts";
import { carriers, couriersAbout } from "./start/couriers.ts";
import { type Database, openDatabase } from "./start/database.ts";
import { type Greeting, greeting } from "./start/greeting.ts";
import { withoutDemo } from "./start/no-demo.ts";
import { serve } from "./start/serve.ts";
import { lifecycle, Refusal } from "./start/stop.ts";

const config = settings();
const log = logger(config.LOG_LEVEL);
const life = lifecycle(config.DRAIN_SECONDS, log);
const sources = { now: () => new Date(), random: randomBytes };
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
  await life.began(alone(database.connection, config.REDIS_URL !== undefined, log), (leave) => leave());
  const vendors = couriersBy(config) === "vendors";
  if (vendors) await withoutDemo(database.connection);
  const demo = (config.DEMO ?? (database.embedded !== null && !vendors)) ? await import("./start/demo.ts") : null;
  const openapi = readFileSync(openapiFile, "utf8");
  const issuers: { stop(): Promise<void> }[] = [];
  const own = demo !== null && !config.ENTRA_TENANT_ID && !config.OIDC_ISSUER;
  const carrying: { close(): Promise<void> }[] = [];
  const options = {
    carriers: carriers(config, sources.now, (started) => carrying.push(started)),
    ...(own && { issuer: (await import("./start/issuer.ts")).demoIssuer(config, (issuer) => issuers.push(issuer)) }),
    connection: database.connection,
    cursorKey: await cursorKey(),
    sealKey: await sealKey(),
    sources,
    log,
    pages: (url: string) => docs({ openapi, url, demo: demo?.shown ?? null }),
  };
  const server = await life.began(serve(config, options, say), async (it) => {
    await it.stop();
    await Promise.all([...issuers.map((issuer) => issuer.stop()), ...carrying.map((one) => one.close())]);
  });
  const shown =
    demo && (await life.began(demo.loaded(database.connection, server, log, { seals: config.DAIS_ROLE !== "api" })));
  if (config.DAIS_ROLE !== "api") await life.began(jobs(database, server), (it) => it.stop(config.DRAIN_SECONDS));
  claim?.tell(server.url);
  ready({ url: server.url, seconds: performance.now() / 1000, demo: shown, behind: behind(database, server.url) });
}

/** Runs jobs and schedules in this process. */
async function jobs({ connection }: Database, { kernel, app, print }: Server): Promise<Jobs> {
  const [{ startJobs }, { background }, { feeds }] = await Promise.all([
    import("@dais/jobs/start"),
    import("@dais/modules"),
    import("@dais/adapters/feeds"),
  ]);
  const hosts = { allowed: config.ALLOWED_FEED_HOSTS, plainHere: config.NODE_ENV !== "production" };
  const goingOn = background({ fetchFeed: feeds({ ...hosts, now: sources.now }), print });
  const retain = { outboxHours: config.EVENTS_RETAIN_HOURS };
  return startJobs({ connection, kernel, app, ...goingOn, sources, log, retain });
}

/** The key that signs cursors: the configured one, or one that is made once for this checkout. */
async function cursorKey(): Promise<Uint8Array> {
  return Buffer.from(config.CURSOR_SECRET ?? (await import("./start/secret.ts")).keptSecret());
}

/** The key that seals what issuers give us, where the settings name none: made of the kept secret, and good for nothing else. */
async function sealKey(): Promise<Uint8Array | undefined> {
  if (config.SEAL_KEYS || config.NODE_ENV === "production") return undefined;
  const { keptSecret } = await import("./start/secret.ts");
  return new Uint8Array(hkdfSync("sha256", Buffer.from(keptSecret()), "", "dais sealed tokens", 32));
}

/** For people in sentences; in production for whoever collects logs. */
function ready(to: Greeting): void {
  if (config.NODE_ENV === "production") log.info({ url: to.url, behind: to.behind }, "ready");
  else say(greeting(to));
}

function behind(database: Database, url: string): string[] {
  const redis = config.REDIS_URL
    ? "Redis: the one of REDIS_URL."
    : "Redis: none (REDIS_URL is not set). Limits and sessions live in this process's memory, so run no second one beside it.";
  const amqp = "AMQP: the broker of AMQP_URL. While it is away, events wait in the table outbox.";
  return [database.about, redis, ...(config.AMQP_URL ? [amqp] : []), couriersAbout(config, url)];
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
