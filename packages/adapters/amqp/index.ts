import { type Broker, eventsExchange, type Outgoing } from "@dais/kernel/amqp/port";
import type { Channel, Envelope } from "rabbitmq-client";
import { type LineOptions, line } from "./line.ts";
import { listening } from "./listen.ts";

/** A broker that speaks AMQP 0-9-1, as RabbitMQ does. Messages outlive a restart of it. */
export function amqpBroker(options: LineOptions): Broker {
  const own = line(options);
  let sending: Promise<Channel> | null = null;

  async function opened(): Promise<Channel> {
    const channel = await own.channel();
    // Whoever waits for a confirmation hears of it there.
    channel.on("error", () => {});
    await channel.exchangeDeclare({ exchange: eventsExchange, type: "topic", durable: true });
    await channel.confirmSelect();
    return channel;
  }

  return {
    connected: own.connected,
    async publish(messages) {
      sending ??= opened();
      const mine = sending;
      try {
        const channel = await mine;
        // On one channel they arrive in this order.
        await Promise.all(
          messages.map((message) => channel.basicPublish(envelopeOf(message), Buffer.from(message.body))),
        );
      } catch (error) {
        // Nothing of this may arrive after what comes next.
        if (sending === mine) sending = null;
        await mine.then((channel) => channel.close()).catch(() => {});
        throw error;
      }
    },
    listen: (to) => listening(own, options.log, to),
    async close() {
      await sending?.then((channel) => channel.close()).catch(() => {});
      await own.close();
    },
  };
}

const envelopeOf = ({ at, expireMs, body: _, ...message }: Outgoing): Envelope => ({
  ...message,
  appId: "dais",
  durable: true,
  ...(at && { timestamp: Math.floor(at.getTime() / 1000) }),
  ...(expireMs !== undefined && { expiration: String(expireMs) }),
});
