import type { Subscription } from "@dais/contracts/kit/derive";
import type { Envelope } from "@dais/contracts/kit/envelope";
import type { Heard, Listening } from "@dais/kernel/dispatch";
import { accepted } from "@dais/kernel/input";
import type { Message } from "@dais/kernel/streams/message";

const beatMs = 15_000;

/** Opens a stream that tells its contract's examples, and then shows that it is alive. @throws what is wrong with the input */
export async function examplesOf(
  subscription: Subscription,
  call: Listening,
): Promise<Extract<Heard, { problem: null }>["messages"]> {
  await accepted(subscription, call);
  const told = subscription.meta.examples.map(({ output }, n): Message => {
    const data = output as Envelope;
    return { kind: "event", id: `example-${n + 1}`, data, text: JSON.stringify(data) };
  });
  let over = false;
  let wake = () => {};
  const messages: AsyncIterableIterator<Message> = {
    async next() {
      const value = told.shift();
      if (value && !over) return { value, done: false };
      if (!over) await beat();
      return over ? { value: undefined, done: true } : { value: { kind: "beat" }, done: false };
    },
    async return() {
      over = true;
      wake();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => messages,
  };
  const beat = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, beatMs).unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return messages;
}
