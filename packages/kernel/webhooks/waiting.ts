import type { Lane } from "../lane.ts";
import type { WebhooksWaiting } from "./meter.ts";
import { withWaiting } from "./take.ts";

/** Counts what waits to be sent, in the whole database. */
export async function waiting(lane: Lane, now: Date): Promise<WebhooksWaiting> {
  const [row] = await lane.send(text, [now.toISOString()]);
  const oldest = row?.oldest ? now.getTime() - new Date(row.oldest as string).getTime() : 0;
  return { due: Number(row?.due), lagSeconds: Math.max(0, oldest / 1000), failing: Number(row?.failing) };
}

/** From one webhook to the next, so that ten thousand of one that fails hide nobody: of each that is well, what has waited longest. */
const text = `${withWaiting}
  select due.count::text as due, first.oldest, w.count::text as failing
  from (select count(*) from (
      select from webhook_deliveries d where d.state = 'waiting' and not d.bulk and d.next_at <= $1 limit 10000) d) due,
    (select min(f.next_at) as oldest from l join webhooks w on w.id = l.webhook_id and w.failures = 0 cross join lateral (
      select d.next_at from webhook_deliveries d
      where d.webhook_id = l.webhook_id and d.state = 'waiting' and not d.bulk and d.next_at <= $1 order by d.next_at, d.id limit 1) f) first,
    (select count(*) from webhooks where state = 'failed' or (state = 'active' and failures > 0)) w`;
