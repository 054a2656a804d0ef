import type { Lane } from "../lane.ts";
import type { WebhooksWaiting } from "./meter.ts";

/** Counts what waits to be sent, in the whole database. */
export async function waiting(lane: Lane, now: Date): Promise<WebhooksWaiting> {
  const [row] = await lane.send(text, [now.toISOString()]);
  const oldest = row?.oldest ? now.getTime() - new Date(row.oldest as string).getTime() : 0;
  return { due: Number(row?.due), lagSeconds: Math.max(0, oldest / 1000), failing: Number(row?.failing) };
}

const text = `
  select due.count::text as due, due.oldest, w.count::text as failing
  from (select count(*), min(d.next_at) filter (where d.sound) as oldest from (
      select d.next_at, w.failures = 0 as sound from webhook_deliveries d join webhooks w on w.id = d.webhook_id
      where d.state = 'waiting' and not d.bulk and d.next_at <= $1 limit 10000) d) due,
    (select count(*) from webhooks where state = 'failed' or (state = 'active' and failures > 0)) w`;
