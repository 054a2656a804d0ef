import type { Lane } from "../lane.ts";
import { type Position, readPosition, writePosition } from "../relay/snapshot.ts";

/** Any constant, the same for all: of all processes, one publishes at a time. */
const lockKeys = "24930, 2";

/** Makes the place from which on events are published, where there is none yet: now. What happened before is nobody's business. */
export const begin = (lane: Lane, now: Date): Promise<unknown> =>
  lane.send(
    "insert into amqp_cursor (one, position, held_at) values (true, pg_current_snapshot()::text, $1) on conflict do nothing",
    [now.toISOString()],
  );

/** Whether this line is the one that publishes, from now until it ends. Asked again, it is still. */
export async function lead(lane: Lane): Promise<boolean> {
  const [row] = await lane.send(`select pg_try_advisory_lock(${lockKeys}) as held`);
  return row?.held === true;
}

/** Lets another line publish. */
export const standAside = (lane: Lane): Promise<unknown> => lane.send(`select pg_advisory_unlock(${lockKeys})`);

/** @throws Error where there is none, or it is none */
export async function read(lane: Lane): Promise<Position> {
  const [row] = await lane.send("select position from amqp_cursor");
  const position = row ? readPosition(row.position as string) : null;
  if (!position) throw new Error("the place up to which events were published can't be read");
  return position;
}

export const write = (lane: Lane, position: Position, now: Date): Promise<unknown> =>
  lane.send("update amqp_cursor set position = $1, held_at = $2", [writePosition(position), now.toISOString()]);

/** Says that somebody is there to publish, so that events are kept. */
export const hold = (lane: Lane, now: Date): Promise<unknown> =>
  lane.send("update amqp_cursor set held_at = $1", [now.toISOString()]);
