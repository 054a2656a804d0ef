import type { Log } from "../context.ts";
import type { Pool } from "../pool.ts";
import { behind } from "../wall.ts";
import type { Bell } from "./bell.ts";
import { eventsSince, type FedEvent, presentPosition } from "./since.ts";
import { type Position, passed, readPosition, writePosition } from "./snapshot.ts";

export type { FedEvent } from "./since.ts";

type Hear = (event: FedEvent) => void;

/**
 * Committed events, as they become visible. Each process reads them once, however many streams it has. Of one resource they come in
 * its order. A position is text that anybody could make up: sign it before it goes out.
 *
 * To resume without a gap and without doubles: subscribe and keep what comes, read `since` until there is no more, and go on with what
 * was kept, without what that last position has `passed`.
 */
export type Feed = {
  /** Hears of every event of the tenant that is committed from now on; `hear` must not throw. @returns how to stop */
  subscribe(tenantId: string, hear: Hear): () => void;
  /** Where the feed stands: the position of who has missed nothing. Waits for the first look into the database. */
  position(): Promise<string>;
  /**
   * What the tenant's streams were told after a position. `more`: there is more, from `position` on.
   * @returns null where the text is no position of this database, or events after it have been pruned
   */
  since(
    tenantId: string,
    position: string,
    limit: number,
  ): Promise<{ events: FedEvent[]; position: string; more: boolean } | null>;
  /** Whether who is at the position has seen the event. */
  passed(position: string, event: Pick<FedEvent, "xid" | "seq">): boolean;
  close(): void;
};

/** Where nobody listens, it is enough to know about when the next stream begins. */
const idleMs = 1000;
/** Events that are read at once; a process that could not read for a while takes several turns. */
const pageSize = 1000;

/** @param app To look back for one tenant, behind its wall. What is new is read for all at once, on the bell's line. */
export function feed({ bell, app, log }: { bell: Bell; app: Pool; log: Log }): Feed {
  const streams = new Map<string, Set<Hear>>();
  const started = Promise.withResolvers<Position>();
  let at: Position | null = null;
  let reading = false;
  let rung = false;
  let readAt = 0;

  async function read(): Promise<void> {
    if (at && streams.size === 0 && performance.now() - readAt < idleMs) return;
    rung = true;
    if (reading) return;
    reading = true;
    while (rung) {
      rung = false;
      await page().catch((error) => log.warn({ err: error }, "committed events could not be read"));
    }
    reading = false;
  }

  async function page(): Promise<void> {
    const tenants = [...streams.keys()];
    const from = at;
    readAt = performance.now();
    const found = await bell.use(async (lane) =>
      from
        ? eventsSince(lane.send, tenants, from, pageSize)
        : { events: [], position: await presentPosition(lane.send), more: false },
    );
    // Who came while this was on its way would miss what it has gone past.
    const missed = from !== null && [...streams.keys()].some((tenant) => !tenants.includes(tenant));
    rung ||= missed || found.more;
    if (missed) return;
    at = found.position;
    started.resolve(at);
    for (const event of found.events) for (const hear of streams.get(event.tenantId) ?? []) hear(event);
  }

  const deaf = bell.hear(() => void read());
  void read();

  return {
    subscribe(tenantId, hear) {
      const own = streams.get(tenantId) ?? new Set();
      streams.set(tenantId, own.add(hear));
      if (streams.size === 1 && own.size === 1) void read();
      return () => {
        own.delete(hear);
        if (own.size === 0 && streams.get(tenantId) === own) streams.delete(tenantId);
      };
    },
    position: async () => writePosition(at ?? (await started.promise)),
    async since(tenantId, text, limit) {
      const from = readPosition(text);
      if (!from) return null;
      const wall = "select set_config('dais.tenant', $1, false)";
      const page = await eventsSince((...asked) => behind(app, wall, [tenantId], ...asked), [tenantId], from, limit);
      return page.whole ? { ...page, position: writePosition(page.position) } : null;
    },
    passed(text, event) {
      const position = readPosition(text);
      return position !== null && passed(position, event);
    },
    close: deaf,
  };
}
