import { union } from "../union.ts";
import { foreign } from "./names.ts";

/** A message that says what happens, as far as it takes to tell what it acts on. */
export type Message = { name: string; refers: readonly string[]; type: string; sentAt: number };

/** Messages that speak of one thing. */
export type Thread<M extends Message> = {
  /** Their names, and those that they act on, whether these came or not. */
  names: ReadonlySet<string>;
  messages: M[];
  /** Cancellations that act on it, the last one last; they may act on other things as well. */
  cancels: M[];
};

/**
 * Puts messages together: an update, and what it updates, over any number of steps, whether that came or not. A cancellation takes back
 * each thing that it refers to, and doesn't make one of them.
 */
export function threadsAmong<M extends Message>(messages: readonly M[]): Thread<M>[] {
  const names = union<string>();
  for (const message of messages) {
    names.find(message.name);
    if (isCancel(message)) continue;
    for (const name of ownOf(message)) names.join(name, message.name);
  }
  const byThread = Map.groupBy(names.sets().flat(), (name) => names.find(name));
  const itsMessages = Map.groupBy(messages, ({ name }) => names.find(name));
  const cancels = messages.filter(isCancel).sort((a, b) => a.sentAt - b.sentAt);
  const acting = Map.groupBy(
    cancels.flatMap((cancel) => targetsOf(cancel, names.find).map((target) => ({ cancel, target }))),
    ({ target }) => target,
  );
  return [...itsMessages].map(([thread, its]) => ({
    names: new Set(byThread.get(thread)),
    messages: its,
    cancels: (acting.get(thread) ?? []).map(({ cancel }) => cancel),
  }));
}

const targetsOf = (cancel: Message, find: (name: string) => string): string[] => [...new Set(ownOf(cancel).map(find))];

/** What a message acts on: alerts of its own sender. A first alert acts on none, whatever it refers to. */
export const ownOf = ({ refers, type }: Pick<Message, "refers" | "type">): readonly string[] =>
  type === "Update" || type === "Cancel" ? refers.filter((name) => !name.startsWith(foreign)) : [];

export const isCancel = ({ type }: Pick<Message, "type">): boolean => type === "Cancel";

/** The last report of a thread says what happens, unless a cancellation was sent then or later. */
export function isTakenBack({ messages, cancels }: Thread<Message>): boolean {
  const reported = Math.max(...messages.flatMap((one) => (isCancel(one) ? [] : one.sentAt)));
  return (cancels.at(-1)?.sentAt ?? Number.NEGATIVE_INFINITY) >= reported;
}
