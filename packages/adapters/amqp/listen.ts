import type { Incoming, Listening } from "@dais/kernel/amqp/port";
import type { Log } from "@dais/kernel/context";
import { errorCode } from "@dais/kernel/relay/retry";
import type { AsyncMessage, Channel } from "rabbitmq-client";
import type { Line } from "./line.ts";

const againMs = 2000;

/** Takes messages from a queue, over lost connections and queues that were deleted. @returns how to stop */
export function listening(line: Line, log: Log, to: Listening): () => Promise<void> {
  const inHand = new Set<Promise<void>>();
  let stopped = false;
  let channel: Channel | null = null;
  let tag: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let opening: Promise<void> | null = null;

  function open(): void {
    // That there is no connection, the line tells; and when there is one again.
    if (stopped || opening || channel?.active || !line.connected()) return;
    clearTimeout(timer);
    opening = listen()
      .then(
        () => to.state(null),
        (error) => {
          to.state(errorCode(error));
          later();
        },
      )
      .finally(() => {
        opening = null;
      });
  }

  const later = (): void => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(open, againMs);
    timer.unref();
  };

  async function listen(): Promise<void> {
    const mine = asItCame(await line.channel());
    channel = mine;
    mine.on("error", (error) => log.warn({ code: errorCode(error), queue: to.queue }, "a queue is not read any more"));
    mine.once("close", later);
    mine.once("basic.cancel", () => {
      to.state("CANCEL_FORCED");
      void mine.close();
    });
    try {
      for (const { name, arguments: own } of to.declare)
        await mine.queueDeclare({ queue: name, durable: true, ...(own && { arguments: own }) });
      await mine.basicQos({ prefetchCount: to.most });
      ({ consumerTag: tag } = await mine.basicConsume({ queue: to.queue }, (message) => {
        const work = take(mine, message).finally(() => inHand.delete(work));
        inHand.add(work);
      }));
    } catch (error) {
      await mine.close();
      throw error;
    }
  }

  async function take(mine: Channel, message: AsyncMessage): Promise<void> {
    const verdict = stopped ? "again" : await to.take(incoming(message));
    try {
      const { deliveryTag } = message;
      if (verdict === "taken") mine.basicAck({ deliveryTag });
      else mine.basicNack({ deliveryTag, requeue: true });
    } catch {
      // The channel is gone: the broker gives it to somebody again.
    }
  }

  const deaf = line.hear(open);
  open();
  return async () => {
    stopped = true;
    deaf();
    clearTimeout(timer);
    await opening;
    if (channel?.active && tag) await channel.basicCancel({ consumerTag: tag }).catch(() => {});
    await Promise.all(inHand);
    await channel?.close().catch(() => {});
  };
}

/**
 * Keeps the library from reading bodies by their content type: what its parser makes of a body has lost what ours refuses, such as a key that
 * is there twice.
 */
function asItCame(channel: Channel): Channel {
  const inside = channel as unknown as { _onHeader(frame: { fields: { contentType?: string } }): void };
  const read = inside._onHeader.bind(channel);
  inside._onHeader = (frame) => {
    const { contentType } = frame.fields;
    read({
      ...frame,
      fields: { ...frame.fields, ...(contentType !== undefined && { contentType: `${contentType};` }) },
    });
  };
  return channel;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

const incoming = (message: AsyncMessage): Incoming => ({
  body: message.body as Buffer,
  contentType: text(message.contentType)?.replace(/;$/, "") ?? null,
  messageId: text(message.messageId),
  correlationId: text(message.correlationId),
  replyTo: text(message.replyTo),
  headers: message.headers ?? {},
});
