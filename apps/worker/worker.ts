import { randomUUID } from "node:crypto";
import { events } from "@dais/contracts";
import type { AmqpWaiting } from "@dais/kernel/amqp/meter";
import type { Log } from "@dais/kernel/context";
import type { CouriersWaiting } from "@dais/kernel/couriers/meter";
import type { Sources } from "@dais/kernel/ids";
import type { Connection } from "@dais/kernel/lane";
import type { Pool } from "@dais/kernel/pool";
import type { Bell } from "@dais/kernel/relay/bell";
import { type Consumer, targetOf } from "@dais/kernel/relay/consumer";
import type { RelayMeter, Waiting } from "@dais/kernel/relay/meter";
import { type RelayOptions, relay } from "@dais/kernel/relay/relay";
import type { Patience } from "@dais/kernel/relay/retry";
import type { Sealer } from "@dais/kernel/seal";
import type { Perform } from "@dais/kernel/task";
import { tenantsOf } from "@dais/kernel/tenants";
import { judging } from "@dais/kernel/webhooks/judge";
import type { WebhookMeter, WebhooksWaiting } from "@dais/kernel/webhooks/meter";
import type { Post } from "@dais/kernel/webhooks/port";
import type { WebhookPatience } from "@dais/kernel/webhooks/retry";
import { type Most, sender } from "@dais/kernel/webhooks/sender";
import { target } from "@dais/kernel/webhooks/target";
import { consumers as ours } from "@dais/modules";
import { giveUp } from "@dais/modules/webhooks";
import { type AmqpOptions, overBroker } from "./amqp.ts";
import { type CourierOptions, couriers as carrying } from "./couriers.ts";

export type WorkerOptions = {
  kernel: { perform: Perform };
  connection: Connection;
  bell: Bell;
  sources: Sources;
  log: Log;
  /** Events that are worked on at once. */
  lanes: number;
  meter?: RelayMeter;
  /** By default those of our modules. */
  consumers?: readonly Consumer[];
  /** By default what the contract has. */
  known?: RelayOptions["known"];
  patience?: Partial<Patience>;
  /** What webhooks need; without it, none is sent anything. */
  webhooks?: WebhookOptions;
  /** What dispatches need; without it, none is sent. */
  couriers?: CourierOptions | undefined;
  /** The broker, where there is one. */
  amqp?: AmqpOptions | undefined;
};

export type WebhookOptions = {
  app: Pool;
  publicUrl: string;
  post: Post;
  /** Opens what their secrets were sealed with. */
  open: Sealer["open"];
  meter?: WebhookMeter;
  patience?: Partial<WebhookPatience>;
  most?: Partial<Most>;
};

export type Worker = {
  waiting(): Waiting;
  /** What waits for webhooks; undefined where none is sent anything. */
  webhooksWaiting(): WebhooksWaiting | undefined;
  /** What waits of dispatches; undefined where none is sent. */
  couriersWaiting(): CouriersWaiting | undefined;
  /** How it stands with the broker; undefined where there is none. */
  amqpWaiting(): AmqpWaiting | undefined;
  /** Takes no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
};

/** What goes on behind the calls: delivers events to the consumers of our modules, to webhooks and to the broker, and sends dispatches. Any number of processes may do it. */
export function worker({
  kernel,
  consumers = ours,
  known = inContract,
  webhooks,
  amqp,
  couriers,
  ...options
}: WorkerOptions): Worker {
  const ownTargets = consumers.map((consumer) => targetOf(consumer, kernel.perform));
  const outside = webhooks ? sending(webhooks, { kernel, ...options }) : null;
  const broker = amqp ? overBroker(amqp, options) : null;
  const dispatches = couriers ? carrying(couriers, { kernel, ...options }) : null;
  const delivering = relay({ ...options, targets: [...ownTargets, ...(outside ? [outside.target] : [])], known });
  return {
    waiting: delivering.waiting,
    webhooksWaiting: () => outside?.sender.waiting(),
    couriersWaiting: () => dispatches?.waiting(),
    amqpWaiting: () => broker?.waiting(),
    async stop() {
      await Promise.all([delivering.stop(), outside?.sender.stop(), broker?.stop(), dispatches?.stop()]);
    },
  };
}

/** Puts events on their way to webhooks, and sends them. */
function sending(
  { app, publicUrl, post, open, ...own }: WebhookOptions,
  { kernel, connection, bell, sources, log }: Pick<WorkerOptions, "kernel" | "connection" | "bell" | "sources" | "log">,
) {
  const tenants = tenantsOf(app, sources.now);
  const started = sender({
    ...{ ...own, connection, bell, sources, log, post, open },
    mayHear: judging({ app, tenants, now: sources.now }),
    giveUp: ({ tenantId, webhookId }, reason) =>
      kernel.perform(giveUp, { tenantId, requestId: randomUUID() }, { webhookId, reason }),
  });
  return { sender: started, target: target({ app, tenants, publicUrl, sources, routed: started.wake }) };
}

const inContract = new Map([...events].map(([name, { version }]) => [name, version]));
