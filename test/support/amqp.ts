import { randomUUID } from "node:crypto";
import { amqpBroker } from "@dais/adapters/amqp";
import { parseJson } from "@dais/api/json";
import type { AmqpMeter } from "@dais/kernel/amqp/meter";
import type { Worker } from "@dais/worker/worker";
import { type AsyncMessage, Connection } from "rabbitmq-client";
import { expect } from "vitest";
import { afterFile } from "./ending.ts";
import type { Place } from "./place.ts";
import { relayHome } from "./relay.ts";
import { restClient } from "./rest.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A meter that remembers: `failed ECONNREFUSED`, `command done `. */
export function amqpCounting() {
  const seen: string[] = [];
  const meter: AmqpMeter = {
    published() {},
    failed: (code) => void seen.push(`failed ${code}`),
    gap: () => void seen.push("gap"),
    command: (outcome, code) => void seen.push(`command ${outcome} ${code}`),
    removed: (count) => void seen.push(`removed ${count}`),
  };
  return { seen, meter };
}

/** A database of the file's own with a server, and workers with a broker that a test starts. */
export async function amqpHome(url: string) {
  const home = await relayHome();
  return {
    ...home,
    url,
    /** A worker as a process has it, on lines of its own. */
    async over({
      meter = amqpCounting().meter,
      retryMs = 100,
      at = url,
      dispatch = home.server.kernel.dispatch,
      confirmMs = 30_000,
    } = {}): Promise<Worker> {
      const patience = { firstMs: 50, mostMs: 200 };
      const broker = amqpBroker({ url: at, log: silent, failed: meter.failed, patience, confirmMs });
      const own = { app: home.server.app, publicUrl: "http://dais.test", broker, meter };
      return home.work([], { amqp: { ...own, dispatch, readJson: parseJson, retryMs } });
    },
    /** An organisation, and a signed-in administrator there who has just proven who they are. */
    async at() {
      const here = await home.place();
      const admin = restClient(home.server.url, await (await here.person()).session({ proven: true }));
      const api = restClient(home.server.url, await here.key());
      return { here, admin, api };
    },
  };
}
export type AmqpHome = Awaited<ReturnType<typeof amqpHome>>;

/** Somebody else's connection to the broker. Closed after the file. */
export function outsider(url: string) {
  const connection = new Connection({ url, retryLow: 100, retryHigh: 200, acquireTimeout: 60_000 });
  connection.on("error", () => {});
  afterFile(() => connection.unsafeDestroy());
  return connection;
}

/** Who keeps an inbox: takes each event of an organisation in once, and remembers what came. The queue survives the broker's restart. */
export async function inboxOf(connection: Connection, slug: string) {
  const queue = `test.${randomUUID()}`;
  const applied = new Map<string, { subject: string; version: number }>();
  const messages: AsyncMessage[] = [];
  let came = 0;
  const consumer = connection.createConsumer(
    {
      queue,
      queueOptions: { durable: true, arguments: { "x-expires": 600_000 } },
      exchanges: [{ exchange: "dais.events", type: "topic", durable: true }],
      queueBindings: [{ exchange: "dais.events", routingKey: `${slug}.#`, queue }],
      qos: { prefetchCount: 200 },
      concurrency: 1,
    },
    async (message) => {
      came += 1;
      if (messages.length < 10) messages.push(message);
      const event = JSON.parse(String(message.body));
      if (applied.has(event.id)) return;
      applied.set(event.id, { subject: event.subject, version: event.resourceversion });
    },
  );
  consumer.on("error", () => {});
  afterFile(() => consumer.close());
  await new Promise<void>((ready) => consumer.once("ready", ready));
  return { applied, messages, came: () => came, queue };
}

/** `count` events: each of `resources` things has its versions from 1 on, mixed with those of the others. */
export const fill = (home: Pick<AmqpHome, "owner">, here: Place, count: number, resources: number) =>
  home.owner`
    insert into outbox (id, tenant_id, name, event_version, occurred_at, resource_type, resource_id, resource_version, payload, actor_kind,
      actor_id, request_id)
    select gen_random_uuid(), ${here.tenantId}, 'entity.updated', 1, ${new Date()}, 'entity', lpad(to_hex(n % ${resources}), 32, '0')::uuid,
      n / ${resources} + 1, jsonb_build_object('id', 'ent_' || n % ${resources}), 'client', 'key_test', 'filled'
    from generate_series(0, ${count - 1}) n`;

/** Whether each thing's versions were taken in as they are, one after the other. */
export function inOrder(applied: Map<string, { subject: string; version: number }>, each: number): void {
  const bySubject = Map.groupBy(applied.values(), ({ subject }) => subject);
  const wanted = Array.from({ length: each }, (_, n) => n + 1);
  for (const one of bySubject.values()) expect(one.map(({ version }) => version)).toEqual(wanted);
}
