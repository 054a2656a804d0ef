import { type Broker, eventsExchange, type Outgoing } from "@dais/kernel/amqp/port";
import { codeOf } from "@dais/kernel/faults";
import type { Channel, Envelope } from "rabbitmq-client";
import { type LineOptions, line } from "./line.ts";
import { listening } from "./listen.ts";

export type BrokerOptions = LineOptions & {
  /** How long the broker may take to confirm what it was given, where it is not blocked. Twice as long each time that it took longer. */
  confirmMs?: number;
};

const mostConfirmMs = 3_600_000;

/** A broker that speaks AMQP 0-9-1, as RabbitMQ does. Messages outlive a restart of it. */
export function amqpBroker({ confirmMs = 30_000, ...options }: BrokerOptions): Broker {
  const own = line(options);
  let sending: Promise<Channel> | null = null;
  /** How often in a row it took too long. A broker that only confirms nothing has all that it was given, each time once more. */
  let late = 0;

  async function opened(): Promise<Channel> {
    const channel = await own.channel();
    // Whoever waits for a confirmation hears of it there.
    channel.on("error", () => {});
    await channel.exchangeDeclare({ exchange: eventsExchange, type: "topic", durable: true });
    await channel.confirmSelect();
    return channel;
  }

  /** The same promise, refused where it takes too long. Time in which the broker asks for patience doesn't count. */
  async function intime(confirmed: Promise<unknown>): Promise<void> {
    const limit = Math.min(confirmMs * 2 ** late, mostConfirmMs);
    const begun = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      const wait = (ms: number) => {
        timer = setTimeout(() => {
          const left = own.blocked() ? limit : Math.max(begun, own.unblockedAt()) + limit - performance.now();
          if (left > 0) wait(left);
          else reject(Object.assign(new Error(`not confirmed after ${limit} ms`), { code: tooLate }));
        }, ms);
      };
      wait(limit);
    });
    try {
      await Promise.race([confirmed, over]);
      late = 0;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    connected: own.connected,
    blocked: own.blocked,
    async publish(messages) {
      sending ??= opened();
      const mine = sending;
      try {
        // On one channel they arrive in this order.
        const all = (channel: Channel) =>
          Promise.all(messages.map((message) => channel.basicPublish(envelopeOf(message), Buffer.from(message.body))));
        await intime(mine.then(all));
      } catch (error) {
        const first = sending === mine;
        if (first) sending = null;
        // Nothing of this may arrive after what comes next.
        if (codeOf(error) !== tooLate) await mine.then((channel) => channel.close()).catch(() => {});
        else if (first) {
          late += 1;
          own.drop(tooLate);
        }
        throw error;
      }
    },
    listen: (to) => listening(own, options.log, to),
    async close() {
      // It ends with the connection, where it can't be ended.
      void sending?.then((channel) => channel.close()).catch(() => {});
      await own.close();
    },
  };
}

const tooLate = "TOO_LATE";

const envelopeOf = ({ at, expireMs, body: _, ...message }: Outgoing): Envelope => ({
  ...message,
  appId: "dais",
  durable: true,
  ...(at && { timestamp: Math.floor(at.getTime() / 1000) }),
  ...(expireMs !== undefined && { expiration: String(expireMs) }),
});
