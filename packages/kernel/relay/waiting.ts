import type { Lane } from "../lane.ts";
import type { Waiting } from "./meter.ts";

/** Counts what waits to be delivered, in the whole database. */
export async function waiting(lane: Lane, now: Date): Promise<Waiting> {
  const [row] = await lane.send(text);
  const oldest = [row?.oldest, row?.stalled].flatMap((at) => (at ? [new Date(at as string).getTime()] : []));
  return {
    events: Number(row?.events),
    lagSeconds: oldest.length === 0 ? 0 : Math.max(0, (now.getTime() - Math.min(...oldest)) / 1000),
    stalls: Number(row?.stalls),
    dead: Number(row?.dead),
  };
}

const text = `
  select w.events::text, w.oldest, s.stalls::text, s.stalled, d.dead::text
  from (select count(*) as events, min(occurred_at) as oldest
      from (select occurred_at from outbox where published_at is null limit 10000) one) w,
    (select count(*) as stalls, min(since) as stalled from stalls) s,
    (select count(*) as dead from dead_letters where dropped_at is null and delivered_at is null) d`;
