import type { EventMessage, Message } from "@dais/kernel/streams/message";

/** How a face writes a stream's messages. */
export type Dialect = {
  /** Sent at once, so that the reader knows that it is heard. */
  opening: string;
  event(message: EventMessage): string;
  /** Of every other message. */
  other(message: Exclude<Message, EventMessage>): string;
};

const utf8 = new TextEncoder();

/**
 * Writes messages in a dialect, each as the connection takes it: what it doesn't take waits in the kernel, and not for ever.
 * @param frames Where an event's bytes are kept, which are the same for everybody who hears of it
 */
export function bodyOf(
  messages: AsyncIterableIterator<Message>,
  { opening, event, other }: Dialect,
  frames: WeakMap<EventMessage, Uint8Array>,
): ReadableStream<Uint8Array> {
  function frameOf(message: Message): Uint8Array {
    if (message.kind !== "event") return utf8.encode(other(message));
    const frame = frames.get(message) ?? utf8.encode(event(message));
    frames.set(message, frame);
    return frame;
  }

  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(utf8.encode(opening)),
      async pull(controller) {
        const { value, done } = await messages.next();
        if (done) controller.close();
        else controller.enqueue(frameOf(value));
      },
      cancel: async () => void (await messages.return?.()),
    },
    { highWaterMark: 0 },
  );
}
