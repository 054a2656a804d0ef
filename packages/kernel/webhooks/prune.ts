import type { Ask } from "../relay/since.ts";

const batch = 1000;

/**
 * Deletes what was sent to webhooks, and the bytes of events, that came before a moment, but for what still waits.
 * @param ask As `dais_system`
 * @returns how many deliveries and events
 */
export async function pruneWebhooks(ask: Ask, before: Date): Promise<number> {
  let sum = 0;
  for (const text of [deliveries, messages])
    for (let count = batch; count >= batch; sum += count) {
      const [row] = await ask(text, [before.toISOString(), batch]);
      count = Number(row?.count);
    }
  return sum;
}

const old = "select m.tenant_id, m.event_id from webhook_messages m where m.created_at < $1";

const deliveries = `
  with gone as (
    delete from webhook_deliveries d using (
      select d.id from (${old}) m join webhook_deliveries d on d.tenant_id = m.tenant_id and d.event_id = m.event_id
      where d.state <> 'waiting' limit $2) as it
    where d.id = it.id returning 1
  )
  select count(*)::text from gone`;

const messages = `
  with gone as (
    delete from webhook_messages m using (
      ${old} and not exists (select from webhook_deliveries d where d.tenant_id = m.tenant_id and d.event_id = m.event_id) limit $2) as it
    where m.tenant_id = it.tenant_id and m.event_id = it.event_id returning 1
  )
  select count(*)::text from gone`;
