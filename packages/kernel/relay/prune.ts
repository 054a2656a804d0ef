import type { Ask } from "./since.ts";

const batch = 1000;

/**
 * Deletes events that were delivered before a moment, oldest first, but for those that a consumer is still behind on, that lie among
 * the dead letters, or that the publisher to the broker has not come to, unless there has been none for a week. Streams that have not seen them are told so when they come back.
 * @param ask As `dais_system`
 * @returns how many
 */
export async function pruneOutbox(ask: Ask, before: Date): Promise<number> {
  return untilFew((most) => ask(outboxText, [before.toISOString(), most]));
}

/**
 * Deletes what consumers have noted before a moment, as far as it can't be delivered again: nothing of the time of an event that waits,
 * an hour given for clocks that differ.
 * @param ask As `dais_system`
 * @returns how many
 */
export async function pruneInbox(ask: Ask, before: Date): Promise<number> {
  return untilFew((most) => ask(inboxText, [before.toISOString(), most]));
}

/** Deletes dead letters that were decided about before a moment. @param ask As `dais_system` @returns how many */
export async function pruneDeadLetters(ask: Ask, before: Date): Promise<number> {
  return untilFew((most) => ask(lettersText, [before.toISOString(), most]));
}

/** In small bites, so that nobody waits for long. */
async function untilFew(bite: (most: number) => Promise<readonly Record<string, unknown>[]>): Promise<number> {
  for (let sum = 0; ; ) {
    const [row] = await bite(batch);
    sum += Number(row?.count);
    if (Number(row?.count) < batch) return sum;
  }
}

const outboxText = `
  with old as (
    select o.seq from outbox o
    where o.published_at < $1
      and not exists (select from stalls s where s.resource_id = o.resource_id and s.from_seq <= o.seq)
      and not exists (select from dead_letters d where d.seq = o.seq and d.dropped_at is null and d.delivered_at is null)
      and not exists (
        select from amqp_cursor c where c.held_at > $1::timestamptz - interval '7 days'
          and not pg_visible_in_snapshot(o.xid, split_part(c.position, '~', 1)::pg_snapshot))
    order by o.seq limit $2
  ), gone as (delete from outbox o using old where o.seq = old.seq returning o.xid),
  noted as (
    update outbox_pruned p set xid = last.xid from (select xid from gone order by xid desc limit 1) last where p.xid < last.xid
  )
  select count(*)::text from gone`;

const inboxText = `
  with old as (
    select i.tenant_id, i.consumer, i.event_id from inbox i
    where i.taken_at < $1
      and i.taken_at < coalesce((select min(o.occurred_at) from outbox o where o.published_at is null), 'infinity') - interval '1 hour'
      and i.taken_at < coalesce((select min(s.since) from stalls s), 'infinity') - interval '1 hour'
      and not exists (
        select from dead_letters d
        where d.consumer = i.consumer and d.event_id = i.event_id and d.dropped_at is null and d.delivered_at is null)
    order by i.taken_at limit $2
  ), gone as (
    delete from inbox i using old where i.tenant_id = old.tenant_id and i.consumer = old.consumer and i.event_id = old.event_id returning 1
  )
  select count(*)::text from gone`;

const lettersText = `
  with old as (select id from dead_letters where coalesce(dropped_at, delivered_at) < $1 limit $2),
  gone as (delete from dead_letters d using old where d.id = old.id returning 1)
  select count(*)::text from gone`;
