import type { AmqpMeter, AmqpWaiting } from "@dais/kernel/amqp/meter";
import { noAmqpMeter } from "@dais/kernel/amqp/meter";
import type { Broker } from "@dais/kernel/amqp/port";
import { publisher } from "@dais/kernel/amqp/publisher";
import { type QueuesOptions, queues } from "@dais/kernel/amqp/queues";
import type { Pool } from "@dais/kernel/pool";
import { steady } from "@dais/kernel/relay/steady";
import { tenantsOf } from "@dais/kernel/tenants";
import type { WorkerOptions } from "./worker.ts";

export type AmqpOptions = Pick<QueuesOptions, "dispatch" | "readJson" | "retryMs"> & {
  app: Pool;
  publicUrl: string;
  /** Ours alone: closed with the worker. */
  broker: Broker;
  meter?: AmqpMeter;
};

type Parts = Pick<WorkerOptions, "connection" | "bell" | "sources" | "log">;

/** How long who stops waits for the broker to confirm what it has; the rest is sent again. */
const lastMs = 5000;

/** Publishes what happens, and does what comes in by the queues of integrations. */
export function overBroker(
  { app, publicUrl, broker, meter = noAmqpMeter, ...commands }: AmqpOptions,
  { connection, bell, sources, log }: Parts,
) {
  const line = steady(connection, { log });
  const shared = { broker, line, bell, sources, log, meter };
  const publishing = publisher({ ...shared, publicUrl, tenants: tenantsOf(app, sources.now) });
  const taking = queues({ ...shared, ...commands });
  return {
    waiting: (): AmqpWaiting => ({
      ...{ connected: broker.connected(), blocked: broker.blocked() },
      ...publishing.waiting(),
      dead: taking.dead(),
    }),
    async stop() {
      const late = new Promise((resolve) => setTimeout(resolve, lastMs).unref());
      const ended = Promise.all([publishing.stop(), taking.stop()]);
      await Promise.race([ended, late]);
      await broker.close();
      await ended;
      await line.close();
    },
  };
}
