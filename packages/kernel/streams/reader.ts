import type { FedEvent } from "../relay/feed.ts";
import { passed, readPosition } from "../relay/snapshot.ts";
import { mayHear } from "./hearing.ts";
import { history, type Reload } from "./history.ts";
import { type Ending, type EventMessage, endOf, type Message } from "./message.ts";
import type { Watched } from "./watch.ts";

/** One open stream: what waits to be told to its reader, and when it is over. */
export type Reader = {
  readonly messages: AsyncIterableIterator<Message>;
  watched(): Watched;
  wants(event: FedEvent): boolean;
  /** Tells it of an event, if it may hear of it by then. */
  offer(event: FedEvent, message: EventMessage): void;
  /** Shows it that the stream is alive, where nothing else does. @param id Of the place up to which everything was told */
  beat(id: string | null): void;
  end(reason: Ending): void;
};

export type ReaderParts = {
  /** After which position to begin; null: now. */
  from: string | null;
  /** The position where the organisation's events are as it begins. */
  now: string;
  since: Parameters<typeof history>[0]["since"];
  wants(event: FedEvent): boolean;
  show(event: FedEvent): EventMessage;
  /** Puts on record that an event is about to be told, where it has to be. @throws where it can't be */
  kept(message: EventMessage): Promise<void> | undefined;
  /** Of the place where the organisation's events are now. */
  here(): Promise<string>;
  /** How much may wait. */
  most: { messages: number; bytes: number };
  watch(listener: Listener): Watched;
  /** Looks at its credential now. */
  look(watched: Watched): Promise<boolean>;
  told(): void;
  /** Called once, when it is over. */
  left(why: Ending | "left" | "cut", watched: Watched, listener: Listener): void;
  /** Closes the connection of a reader that doesn't read. */
  drop(): void;
};

type Listener = { end(reason: Ending): void };
type Waiting = { event: FedEvent | null; message: Message };

/** Who doesn't take even the end gets none. */
const endMs = 1000;
const againMs = 100;

export function reader(parts: ReaderParts): Reader {
  const { most } = parts;
  let waiting: Waiting[] = [];
  let bytes = 0;
  let behind = parts.from !== null;
  let forgot = false;
  let begun = parts.from === null ? readPosition(parts.now) : null;
  let lastId = "";
  let last: Message | null = null;
  let over = false;
  let wake = () => {};
  let patience: NodeJS.Timeout | undefined;
  const past = parts.from === null ? null : history({ from: parts.from, since, hold, held: () => !forgot, live });
  const listener: Listener = { end };
  const watched = parts.watch(listener);

  async function since(position: string, limit: number) {
    const page = await parts.since(position, limit);
    while (!over && !(await parts.look(watched))) await new Promise((resolve) => setTimeout(resolve, againMs).unref());
    return page;
  }

  function hold(): void {
    waiting = [];
    bytes = 0;
    forgot = false;
  }

  function live(position: string | null): void {
    begun = position === null ? null : readPosition(position);
    waiting = waiting.filter(({ event }) => !event || !isPast(event));
    bytes = waiting.reduce((sum, { message }) => sum + sizeOf(message), 0);
    if (forgot) hold();
    behind = false;
  }

  const isPast = (event: FedEvent): boolean => begun !== null && passed(begun, event);

  function offer(event: FedEvent, message: EventMessage): void {
    if (over || last || forgot || isPast(event)) return;
    if (!watched.fresh && !mayHear(watched.identity, event)) return;
    if (waiting.length >= most.messages || bytes + sizeOf(message) > most.bytes) full();
    else put({ event, message });
  }

  /** Who is still reading what was before will read this as history, too. Who isn't, doesn't read. */
  function full(): void {
    if (!behind) finish("cut");
    hold();
    forgot = behind;
  }

  function put(one: Waiting): void {
    waiting.push(one);
    bytes += sizeOf(one.message);
    wake();
  }

  function beat(id: string | null): void {
    if (over || last || behind || waiting.length > 0) return;
    const moved = id !== null && id !== lastId;
    put({ event: null, message: moved ? { kind: "place", id } : { kind: "beat" } });
  }

  function end(reason: Ending): void {
    if (over || last) return;
    last = endOf(reason);
    hold();
    wake();
    patience = setTimeout(() => finish(reason, true), endMs).unref();
  }

  function finish(why: Ending | "left" | "cut", dropped = why === "cut"): void {
    if (over) return;
    over = true;
    clearTimeout(patience);
    hold();
    parts.left(why, watched, listener);
    if (dropped) parts.drop();
    wake();
  }

  async function next(): Promise<IteratorResult<Message, undefined>> {
    while (!over) {
      if (last?.kind === "end") {
        const value = last;
        finish(value.reason);
        return { value, done: false };
      }
      const message = behind && past ? await missed(past) : await heard();
      if (!message || over || last) continue;
      if (message.kind === "event" && !(await onRecord(message))) continue;
      if ("id" in message) lastId = message.id;
      if (message.kind === "event") parts.told();
      return { value: message, done: false };
    }
    return { value: undefined, done: true };
  }

  /** What can't be put on record isn't told: the stream ends, and comes back where it was. */
  async function onRecord(message: EventMessage): Promise<boolean> {
    try {
      await parts.kept(message);
    } catch {
      end("unavailable");
    }
    return !over && !last;
  }

  /** The next that was kept for it, if it may still hear of it. */
  async function heard(): Promise<Message | null> {
    const first = waiting[0];
    if (!first) await new Promise<void>((resolve) => (wake = resolve));
    if (!first) return null;
    await watched.fresh;
    if (waiting[0] !== first) return null; // it was ended meanwhile
    waiting.shift();
    bytes -= sizeOf(first.message);
    return !first.event || mayHear(watched.identity, first.event) ? first.message : null;
  }

  /** The next of what it has missed. */
  async function missed(events: AsyncGenerator<FedEvent | Reload, void>): Promise<Message | null> {
    const { value, done } = await events.next().catch(() => {
      end("unavailable");
      return { value: undefined, done: true } as const;
    });
    if (done || over || last) return null;
    if (typeof value === "string") return { kind: "reload", id: await parts.here(), data: reload(value) };
    if (!parts.wants(value)) return null;
    await watched.fresh;
    return mayHear(watched.identity, value) ? parts.show(value) : null;
  }

  const messages: Reader["messages"] = {
    next,
    async return() {
      finish("left");
      await past?.return();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => messages,
  };
  return { messages, watched: () => watched, wants: parts.wants, offer, beat, end };
}

const reload = (reason: Reload) => ({ type: "stream.reload", reason }) as const;
const sizeOf = (message: Message): number => (message.kind === "event" ? message.text.length : 0);
