import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Lane } from "../lane.ts";

/** The first thing that is due for a webhook, with all that sending it needs. Nobody else sends to this webhook until it is settled. */
export type Due = {
  id: string;
  tenantId: string;
  webhookId: string;
  tries: number;
  createdAt: Date;
  bulk: boolean;
  event: { id: string; tenantId: string; name: string; entityId: string | null; classification: string | null };
  body: string;
  webhook: {
    url: string;
    state: string;
    classification: string;
    entityId: string | null;
    ownerId: string;
    ownerPermissions: string[] | null;
    secret: string;
    previousSecret: string | null;
    graceEndsAt: Date | null;
    failures: number;
    failingSince: Date | null;
    lastDeliveredAt: Date | null;
  };
};

/** A webhook in hand, and whether it was failing when it was taken. */
export type InHand = Pick<Due, "webhookId" | "tenantId"> & { failing: boolean };

export type Wanted = {
  now: Date;
  /** What this process has in hand. */
  busy: readonly InHand[];
  /** How many more: of those that don't fail, and of those that do. `spare`: beyond, for organisations that have few in hand. */
  room: { sound: number; failing: number; spare: number };
  /** So many of an organisation's are few. */
  few: number;
};

/** Any constant, the same for all, and another than the relay's: the first half of the keys of our advisory locks. */
const lockClass = 0x6477;

/**
 * Takes webhooks for which something is due and that no process has in hand, by an advisory lock on each: locks end with the connection,
 * so what a dead process had is free at once. From one webhook with something waiting the index leads to the next: what it costs grows
 * with them, and not with how much waits. First come organisations that have few in hand; then live events before replays; then whose
 * organisation has least in hand.
 */
export async function take(lane: Lane, { now, busy, room, few }: Wanted): Promise<Due[]> {
  const at = now.toISOString();
  const ours = (failing: boolean) =>
    arrayOf(busy.filter((one) => one.failing === failing).map(({ tenantId }) => tenantId));
  const held = await lane.send(candidates, [
    ...[at, arrayOf(busy.map(({ webhookId }) => webhookId)), ours(false), ours(true), few],
    ...[room.sound, room.failing, room.spare],
  ]);
  if (held.length === 0) return [];
  const ids = held.map((row) => row.webhook_id as string);
  // Read behind the locks: another process may have sent it between the look and the lock.
  const found = (await lane.send(heads, [at, arrayOf(ids)])).map(dueOf);
  const there = new Set(found.map(({ webhookId }) => webhookId));
  const over = ids.filter((id) => !there.has(id));
  if (over.length > 0) await release(lane, over);
  return found;
}

/** Gives webhooks back. */
export const release = (lane: Lane, webhooks: readonly string[]): Promise<unknown> =>
  lane.send(`select pg_advisory_unlock(${lockClass}, hashtext(r)) from unnest($1::text[]) r`, [arrayOf(webhooks)]);

/** Of webhook `l`, the first thing that is due at $1. */
const first = `(
    (select d.id, d.bulk, d.next_at from webhook_deliveries d
      where d.webhook_id = l.webhook_id and d.state = 'waiting' and not d.bulk and d.next_at <= $1 order by d.next_at, d.id limit 1)
    union all
    (select d.id, d.bulk, d.next_at from webhook_deliveries d
      where d.webhook_id = l.webhook_id and d.state = 'waiting' and d.bulk and d.next_at <= $1 order by d.next_at, d.id limit 1)
    limit 1)`;

const lock = `pg_try_advisory_lock(${lockClass}, hashtext(due.webhook_id::text))`;

/** The webhooks for which something waits, as `l`: from one to the next in the index, however much waits for each. */
export const withWaiting = `
  with recursive l (webhook_id) as (
    (select d.webhook_id from webhook_deliveries d where d.state = 'waiting' order by d.webhook_id limit 1)
    union all
    select (select d.webhook_id from webhook_deliveries d where d.state = 'waiting' and d.webhook_id > l.webhook_id order by d.webhook_id limit 1)
    from l where l.webhook_id is not null
  )`;

/** `nth`: which of its organisation's it would be, those in hand counted. */
const candidates = `${withWaiting}, held as (
    select o.tenant_id, o.failing, count(*) from (
      select unnest($3::uuid[]) as tenant_id, false as failing union all select unnest($4::uuid[]), true) o
    group by o.tenant_id, o.failing
  ), ranked as (
    select l.webhook_id, w.failures > 0 as failing, f.bulk, f.next_at, coalesce(h.count, 0)
      + row_number() over (partition by w.tenant_id, w.failures > 0 order by f.bulk, f.next_at, l.webhook_id) as nth
    from l join webhooks w on w.id = l.webhook_id cross join lateral ${first} f
      left join held h on h.tenant_id = w.tenant_id and h.failing = (w.failures > 0)
    where l.webhook_id <> all ($2::uuid[])
  ), due as materialized (
    select webhook_id, failing, nth <= $5::int as few from ranked order by nth > $5::int, bulk, nth, next_at
  ), first as materialized (
    select due.webhook_id from due where case when due.few and not due.failing then ${lock} else false end limit greatest($6::int + $8::int, 0)
  )
  select webhook_id from first
  union all
  (select due.webhook_id from due where case when due.few or due.failing then false else ${lock} end
    limit greatest($6::int - (select count(*) from first), 0))
  union all
  (select due.webhook_id from due where case when due.failing then ${lock} else false end limit greatest($7::int, 0))`;

const heads = `
  select d.id, d.tenant_id, d.webhook_id, d.tries, d.bulk, d.created_at, m.event_id, m.name, m.entity_id, m.classification, m.body,
    w.url, w.state, w.classification as ceiling, w.entity_id as within, w.owner_id, to_json(w.owner_permissions) as owner_permissions,
    w.secret, w.previous_secret, w.grace_ends_at, w.failures, w.failing_since, w.last_delivered_at
  from unnest($2::uuid[]) as l (webhook_id) cross join lateral ${first} f
    join webhook_deliveries d on d.id = f.id
    join webhooks w on w.id = d.webhook_id
    join webhook_messages m on m.tenant_id = d.tenant_id and m.event_id = d.event_id`;

const dateOf = (value: unknown): Date | null => (value === null ? null : new Date(value as string));

const dueOf = (row: Record<string, unknown>): Due => ({
  id: row.id as string,
  tenantId: row.tenant_id as string,
  webhookId: row.webhook_id as string,
  tries: row.tries as number,
  bulk: row.bulk as boolean,
  createdAt: new Date(row.created_at as string),
  event: {
    id: row.event_id as string,
    tenantId: row.tenant_id as string,
    name: row.name as string,
    entityId: row.entity_id as string | null,
    classification: row.classification as string | null,
  },
  body: row.body as string,
  webhook: {
    url: row.url as string,
    state: row.state as string,
    classification: row.ceiling as string,
    entityId: row.within as string | null,
    ownerId: row.owner_id as string,
    ownerPermissions: row.owner_permissions as string[] | null,
    secret: row.secret as string,
    previousSecret: row.previous_secret as string | null,
    graceEndsAt: dateOf(row.grace_ends_at),
    failures: row.failures as number,
    failingSince: dateOf(row.failing_since),
    lastDeliveredAt: dateOf(row.last_delivered_at),
  },
});
