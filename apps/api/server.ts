import { hkdfSync, randomUUID } from "node:crypto";
import { type PosterOptions, poster, refusing } from "@dais/adapters/webhooks";
import { contract, operations, subscriptions } from "@dais/contracts";
import { router } from "@dais/contracts/kit/operation";
import type { Modules } from "@dais/kernel/context";
import { acknowledgeLinks } from "@dais/kernel/couriers/links";
import { type Kernel, kernel } from "@dais/kernel/dispatch";
import type { Gate } from "@dais/kernel/gate";
import type { Sources } from "@dais/kernel/ids";
import type { Connection } from "@dais/kernel/lane";
import { type Pool, pool } from "@dais/kernel/pool";
import type { Print } from "@dais/kernel/print";
import { bell } from "@dais/kernel/relay/bell";
import type { Consumer } from "@dais/kernel/relay/consumer";
import { type Feed, feed } from "@dais/kernel/relay/feed";
import type { Renew } from "@dais/kernel/renewal";
import { sealer } from "@dais/kernel/seal";
import type { Sessions } from "@dais/kernel/sessions";
import { memoryStore, redisStore } from "@dais/kernel/store";
import type { ReadToken } from "@dais/kernel/tokens";
import { modules } from "@dais/modules";
import type { PoolOptions } from "@dais/pdf/pool";
import { papers } from "@dais/worker/couriers/papers";
import { sealer as auditSealer } from "@dais/worker/sealer";
import { worker } from "@dais/worker/worker";
import { serve as listen } from "@hono/node-server";
import type { Hono } from "hono";
import type { Logger } from "pino";
import { type Api, app as application } from "./app.ts";
import { sessionPage } from "./auth/session-page.ts";
import { type SignInSettings, signInSettings } from "./auth/settings.ts";
import { callbacks } from "./callbacks.ts";
import { type Carriers, callbackUrl, channelsOf } from "./carriers.ts";
import type { Config } from "./config.ts";
import { health } from "./health.ts";
import { parseJson } from "./json.ts";
import { messages } from "./messages.ts";
import { printer } from "./print.ts";
import { protectedResource } from "./protected-resource.ts";
import { received } from "./received.ts";
import { telemetry } from "./telemetry.ts";
import { tiles } from "./tiles.ts";

export type ServerOptions = {
  /** What is served, and the work behind it; by default the whole contract, with our modules. */
  api?: Api & { modules: Modules };
  config: Config;
  connection: Connection;
  cursorKey: Uint8Array;
  sources: Sources;
  log: Logger;
  /** Who vouches for people, once it is known where this server answers; by default what the settings say. */
  issuer?: (publicUrl: string) => Promise<SignInSettings | null>;
  /** Seals what the issuer gives us, and the keys of audit logs, where the settings name no keys. */
  sealKey?: Uint8Array;
  /** Who hears of events; by default those of our modules. */
  consumers?: readonly Consumer[];
  /** How webhooks reach their receivers, where that isn't as usual. */
  receivers?: Pick<PosterOptions, "resolve" | "ca" | "timeoutMs" | "connectMs">;
  /** Who carries messages to people, once it is known where this server answers; by default nobody does, and every channel may be named. */
  carriers?: (publicUrl: string, port: number) => Promise<Carriers>;
  /** What its documents may take, where that isn't as usual. */
  printing?: PoolOptions;
  /** Routes beside the faces: documents and pages. */
  pages?: (url: string) => Hono;
};

export type Server = {
  url: string;
  port: number;
  kernel: Kernel;
  gate: Gate;
  sessions: Sessions;
  app: Pool;
  /** Committed events, for live streams; null where this process only works behind the calls. */
  feed: Feed | null;
  /** Makes PDFs, in threads of this process. */
  print: Print;
  stop(): Promise<void>;
};

/** A key for the secrets of webhooks, where the settings name none: made of the one that signs cursors, and good for nothing else. */
const derived = (key: Uint8Array) => new Uint8Array(hkdfSync("sha256", key, "", "dais sealed webhooks", 32));

/** A process that only works behind the calls is asked for its health and its metrics. */
const noApi: Api = { contract: router({}), operations: new Map() };

/** Connects, listens, and answers until it is stopped; stopping lets calls under way end. */
export async function server(options: ServerOptions): Promise<Server> {
  const { config, log, sources, api = { contract, operations, subscriptions, modules } } = options;
  const limits = {
    read: { limit: config.RATE_READ, windowSeconds: 60 },
    write: { limit: config.RATE_WRITE, windowSeconds: 60 },
    heavy: { limit: config.RATE_HEAVY, windowSeconds: 60 },
    auth: { limit: config.RATE_AUTH, windowSeconds: 60 },
  };
  const kept = { ...sources, idleMs: config.SESSION_IDLE_MINUTES * 60_000 };
  const store = config.REDIS_URL ? await redisStore(config.REDIS_URL, limits, kept) : memoryStore(limits, kept);
  const { gate } = store;
  const app = pool(options.connection, { size: config.DATABASE_CONNECTIONS, role: "dais_app" });
  const system = pool(options.connection, { size: 1, role: "dais_system" });
  const events = bell(options.connection, { id: randomUUID(), log });
  const { DAIS_ROLE: role, DATABASE_CONNECTIONS: connections } = config;
  const live = role === "worker" ? null : feed({ bell: events, app, log });
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  const meters = telemetry(() => ({
    ...app.state(),
    inFlight: core.inFlight(),
    streams: core.streams(),
    events: behind?.waiting(),
    webhooks: behind?.webhooksWaiting(),
    couriers: behind?.couriersWaiting(),
    audit: seals?.unsealed(),
    amqp: behind?.amqpWaiting(),
  }));
  // The same in every process, whichever makes a secret and whichever sends with it; the own one still opens when others are set.
  const keys = [...(config.SEAL_KEYS ?? []), { id: "_own", key: derived(options.cursorKey) }];
  const secrets = sealer(keys);
  const links = acknowledgeLinks(keys);
  const hosts = { allowed: config.ALLOWED_WEBHOOK_HOSTS, plainHere: config.NODE_ENV !== "production" };
  const prints = printer(options.printing);
  const carriers = await options.carriers?.(publicUrl, config.PORT);
  let renew: Renew | undefined;
  let tokens: ReadToken | undefined;
  const core = kernel({
    operations: api.operations,
    subscriptions: api.subscriptions,
    streams: live && {
      feed: live,
      most: { process: config.MOST_STREAMS, actor: config.MOST_STREAMS_CALLER },
      waiting: { messages: 256, bytes: 1024 * 1024 },
      beatMs: config.STREAM_BEAT_SECONDS * 1000,
      meter: meters.streams,
    },
    publicUrl,
    modules: api.modules,
    app,
    system,
    gate,
    sessions: store.sessions,
    renew: (hash) => (renew ? renew(hash) : Promise.resolve("away")),
    tokens: (text) => (tokens ? tokens(text) : Promise.resolve(null)),
    sources,
    log,
    emitted: events.ring,
    cursorKey: options.cursorKey,
    most: { process: config.MOST_IN_FLIGHT, tenant: config.MOST_IN_FLIGHT_TENANT },
    strict: config.NODE_ENV !== "production",
    sealer: secrets,
    links,
    refusesAddress: refusing(hosts, options.receivers?.resolve),
    ...(carriers && { channels: channelsOf(carriers) }),
    print: prints.print,
  });
  const settings = options.issuer ? await options.issuer(publicUrl) : signInSettings(config);
  const sealKeys = config.SEAL_KEYS ?? [{ id: "own", key: options.sealKey ?? sources.random(32) }];
  // Loaded only where people can sign in: it brings the OpenID Connect client.
  const people =
    settings &&
    (await import("./sign-in.ts")).signIn({
      ...{ settings, publicUrl, pool: app, kernel: core, gate, sessions: store.sessions, sources, log },
      sealKeys,
      sessionHours: config.SESSION_HOURS,
    });
  const { SSF_TRANSMITTER: transmitter } = config;
  const told =
    settings && transmitter
      ? (await import("./security-events.ts")).securityEventsRoute({
          ...{ publicUrl, pool: app, kernel: core, gate, sessions: store.sessions, now: sources.now, log },
          settings: { transmitter, audience: config.SSF_AUDIENCE ?? publicUrl, issuer: settings.issuer },
        })
      : null;
  renew = people?.renew;
  tokens = people?.tokens;
  // Beside calls it may take half of the connections, so that they are never all busy with what nobody waits for.
  const lanes = role === "worker" ? connections : Math.ceil(connections / 2);
  // Loaded only where there is one.
  const broker =
    config.AMQP_URL && role !== "api"
      ? (await import("@dais/adapters/amqp")).amqpBroker({ url: config.AMQP_URL, log, failed: meters.amqp.failed })
      : null;
  const behind =
    role === "api"
      ? null
      : worker({
          ...{ kernel: core, connection: options.connection, bell: events, sources, log, lanes },
          consumers: options.consumers,
          meter: meters.events,
          webhooks: {
            ...{ app, publicUrl, open: secrets.open, meter: meters.webhooks },
            post: poster({ ...hosts, ...options.receivers, now: sources.now }),
          },
          couriers: carriers && {
            ...{ couriers: carriers.couriers, meter: meters.couriers, paperOf: papers(core.perform, sources.now) },
            linkOf: (tenant, recipientId) => `${publicUrl}${links.make(tenant, recipientId)}`,
            callbackOf: (vendor, tenant) =>
              carriers.readers.some((reader) => reader.vendor === vendor)
                ? callbackUrl(publicUrl, vendor, tenant)
                : null,
          },
          amqp: broker
            ? { ...{ app, publicUrl, broker, meter: meters.amqp }, dispatch: core.dispatch, readJson: parseJson }
            : undefined,
        });
  const seals =
    role === "api"
      ? null
      : auditSealer({ kernel: core, connection: options.connection, sealKeys, publicUrl, now: sources.now, log });
  let draining = false;
  const hono = application({
    kernel: core,
    api: role === "worker" ? noApi : api,
    config,
    publicUrl,
    tokens: settings !== null,
    log,
    telemetry: meters,
    beside: [
      ...(people ? [people.routes] : []),
      ...(settings ? [protectedResource(publicUrl, settings)] : []),
      ...(told ? [told] : []),
      sessionPage(core, publicUrl),
      messages({ kernel: core, publicUrl, signIn: people !== null }),
      ...(role === "worker"
        ? []
        : [
            tiles({ app, gate, publicUrl }),
            received({ app, gate, kernel: core, links, publicUrl, signIn: people !== null }),
            callbacks({
              ...{ app, gate, kernel: core, publicUrl, sources, log, meter: meters.callbacks },
              readers: carriers?.readers ?? [],
            }),
          ]),
      ...(carriers?.pages ? [carriers.pages] : []),
      health({ app, gate, draining: () => draining }),
      ...(options.pages ? [options.pages(publicUrl)] : []),
    ],
  });

  const http = await new Promise<ReturnType<typeof listen>>((resolve, reject) => {
    const started = listen(
      {
        fetch: hono.fetch,
        hostname: config.HOST,
        port: config.PORT,
        serverOptions: {
          ...{ requestTimeout: 30_000, headersTimeout: 10_000 },
          // Longer than proxies and slow clients keep a connection: who sends on one that was just closed gets no answer at all.
          keepAliveTimeout: 75_000,
          // Repeated fields are joined, also where Node would drop one: who authorizes twice doesn't get in by the first.
          joinDuplicateHeaders: true,
        },
      },
      () => resolve(started),
    );
    started.on("error", reject);
  });
  const { port } = http.address() as { port: number };

  async function stop(): Promise<void> {
    draining = true;
    core.hush();
    const closed = new Promise((resolve) => http.close(resolve));
    if ("closeIdleConnections" in http) http.closeIdleConnections();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, config.DRAIN_SECONDS * 1000).unref())]);
    if ("closeAllConnections" in http) http.closeAllConnections();
    await Promise.all([behind?.stop(), seals?.stop()]);
    live?.close();
    await events.close();
    await core.close();
    await Promise.all([app.close(), system.close(), store.close(), prints.stop()]);
  }
  const { sessions } = store;
  const { print } = prints;
  return { url: `http://localhost:${port}`, port, kernel: core, gate, sessions, app, feed: live, print, stop };
}
