import type { Log } from "../context.ts";
import type { FedEvent, Feed } from "../relay/feed.ts";
import type { Ending, EventMessage } from "./message.ts";
import type { Reader } from "./reader.ts";
import type { Watch } from "./watch.ts";

/** The streams of one organisation: hears of its events once, and tells each reader. */
export type Hub = {
  join(reader: Reader): void;
  leave(reader: Reader): void;
  show(event: FedEvent): EventMessage;
  /** The id of a position in the organisation's events. */
  idOf(position: string): string;
  /** Shows all readers that their streams are alive. */
  beat(): void;
  end(reason: Ending): void;
};

type Parts = {
  tenantId: string;
  feed: Pick<Feed, "subscribe">;
  watch: Pick<Watch, "look">;
  show: Hub["show"];
  idOf: Hub["idOf"];
  log: Log;
  /** Called when the last reader has left. */
  empty(): void;
};

/** After so many events other work has its turn. */
const atOnce = 50;
const againMs = 100;

export function hub({ tenantId, feed, watch, show, idOf, log, empty }: Parts): Hub {
  const readers = new Set<Reader>();
  let pending: FedEvent[] = [];
  let telling = false;
  /** Up to it all readers were told everything. */
  let position: string | null = null;
  const deaf = feed.subscribe(tenantId, (event) => {
    pending.push(event);
    if (!telling) void tell();
  });

  async function tell(): Promise<void> {
    telling = true;
    while (pending.length > 0 && readers.size > 0) {
      const some = pending.slice(0, atOnce);
      const concerned = [...readers].filter((reader) => some.some(reader.wants));
      // Whoever is told has been looked at since the event happened.
      if (concerned.length > 0 && !(await watch.look(concerned.map((reader) => reader.watched())))) {
        await new Promise((resolve) => setTimeout(resolve, againMs).unref());
        continue;
      }
      pending = pending.slice(some.length);
      for (const event of some) offer(event);
      if (pending.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    telling = false;
  }

  function offer(event: FedEvent): void {
    const wanted = [...readers].filter((reader) => reader.wants(event));
    try {
      const message = wanted.length > 0 ? show(event) : null;
      for (const reader of wanted) reader.offer(event, message as EventMessage);
    } catch (error) {
      log.error({ err: error, event: event.id }, "a bug: an event doesn't fit the contract, and is told to nobody");
    }
    ({ position } = event);
  }

  return {
    join: (reader) => void readers.add(reader),
    leave(reader) {
      readers.delete(reader);
      if (readers.size > 0) return;
      deaf();
      empty();
    },
    show,
    idOf,
    beat() {
      const id = position && pending.length === 0 ? idOf(position) : null;
      for (const reader of readers) reader.beat(id);
    },
    end(reason) {
      for (const reader of [...readers]) reader.end(reason);
    },
  };
}
