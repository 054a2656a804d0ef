import type { Ctx } from "@dais/kernel/context";
import { type DeliveredEvent, eventColumns, eventOf } from "@dais/kernel/relay/event";
import { eventsSince } from "@dais/kernel/relay/since";
import { readPosition, writePosition } from "@dais/kernel/relay/snapshot";

/** Events in their order. `position` of each: where somebody is who has seen it; of all: where they end. `more`: there are more. */
export type Found = { events: (DeliveredEvent & { position: string })[]; position: string; more: boolean };

/** What happened after a position; null where some of it may have been pruned. */
export async function eventsAfter(ctx: Ctx, text: string, limit: number): Promise<Found | null> {
  const from = readPosition(text);
  if (!from) return null;
  const { events, position, more, whole } = await eventsSince(ctx.send, [ctx.tenant.id], from, limit);
  return whole ? { events, position: writePosition(position), more } : null;
}

/** The latest events. */
export async function latestEvents(ctx: Ctx, limit: number): Promise<Found> {
  const rows = await ctx.send(latest, [ctx.tenant.id, limit]);
  const position = rows[0]?.now as string;
  const events = rows.filter((row) => row.id !== null).map((row) => ({ ...eventOf(row), position }));
  return { events, position, more: false };
}

/** One statement, so that what it sees and where that ends are of one moment. */
const latest = `
  select s.now, e.* from (select pg_current_snapshot()::text as now) s left join lateral (
    select ${eventColumns} from outbox o where o.tenant_id = $1 order by o.xid desc, o.seq desc limit $2
  ) e on true order by e.seq::bigint`;
