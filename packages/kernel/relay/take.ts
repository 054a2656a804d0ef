import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Lane } from "../lane.ts";
import { type DeliveredEvent, eventColumns, eventOf } from "./event.ts";

/** A target that is behind on a resource: see drizzle/schema/deliveries.ts. */
export type Stall = { consumer: string; fromSeq: number; attempts: number; retryAt: Date; since: Date };
/** An event that somebody wants tried once more. */
export type Letter = { id: string; consumer: string; attempts: number; event: DeliveredEvent };

/** What is to do about one resource, in its order. Nobody else works on it until it is settled. */
export type Batch = {
  resourceId: string;
  /** Not published yet. */
  fresh: DeliveredEvent[];
  stalls: Stall[];
  /** For each stall that is due: its events from there on, published or not. `whole`: there are no more. */
  late: Map<string, { events: DeliveredEvent[]; whole: boolean }>;
  letters: Letter[];
};

/** `more`: a share was full, so there may be more at once. */
export type Taken = { batches: Batch[]; more: boolean };

export type Wanted = {
  now: Date;
  /** Resources that this process has in hand. */
  busy: readonly string[];
  /** Events for each tenant and turn, and in all. */
  share: number;
  most: number;
  targets: readonly string[];
  /** Of events, the newest version that is known here. */
  known: ReadonlyMap<string, number>;
  /** Whether to look for what is to be tried again, too. */
  overdue: boolean;
};

/** Whose stalls hold all targets back: this event is unknown to who met it. */
export const everyone = "*";
/** Any constant, the same for all: the first half of the keys of our advisory locks. */
const lockClass = 0x6461;
const lateMost = 100;

/**
 * Takes resources that have something to do and that no process has in hand, by an advisory lock on each: a transaction that held
 * their rows would be as long as the slowest handler. Locks end with the connection, so what a dead process had is free at once.
 *
 * The order. Events of a resource come in the order of `seq`: a transaction takes its number when it writes the event, after it has
 * the lock on the resource's row, and whoever waits for that row takes a later number after this one's commit. So, of one resource,
 * who sees a number sees every lower one that there will ever be. Between resources nothing of the kind holds: a lower number may
 * become visible later, which is why there is no cursor here but a mark on each row, `published_at`.
 */
export async function take(lane: Lane, wanted: Wanted): Promise<Taken> {
  const now = wanted.now.toISOString();
  const targets = arrayOf([...wanted.targets, everyone]);
  const found = await lane.send(candidates, [
    ...[arrayOf(wanted.busy), wanted.share, wanted.most, now, targets],
    ...[wanted.overdue, JSON.stringify(Object.fromEntries(wanted.known))],
  ]);
  const held = found.filter((row) => row.held);
  if (held.length === 0) return { batches: [], more: false };
  const resources = arrayOf(held.map((row) => row.resource_id as string));
  // Read behind the locks: another process may have done it between the look and the lock.
  const [events, stalls, letters] = await Promise.all([
    lane.send(eventsWith, [arrayOf(held.flatMap((row) => (row.seqs as number[]).map(String)))]),
    lane.send(stallsOf, [resources]),
    lane.send(lettersOf, [resources, targets]),
  ]);
  const fresh = Map.groupBy(events.map(eventOf), (event) => event.resourceId);
  const behind = Map.groupBy(stalls, (row) => row.resource_id as string);
  const asked = Map.groupBy(letters, (row) => row.resource_id as string);
  const batches = await Promise.all(
    held.map(async (row): Promise<Batch> => {
      const resourceId = row.resource_id as string;
      const own = (behind.get(resourceId) ?? []).map(stallOf);
      return {
        resourceId,
        fresh: fresh.get(resourceId) ?? [],
        stalls: own,
        late: await lateOf(
          lane,
          resourceId,
          own.filter(({ retryAt }) => retryAt <= wanted.now),
        ),
        letters: (asked.get(resourceId) ?? []).map(letterOf),
      };
    }),
  );
  return { batches, more: events.length >= wanted.share };
}

async function lateOf(lane: Lane, resourceId: string, due: readonly Stall[]): Promise<Batch["late"]> {
  const late: Batch["late"] = new Map();
  await Promise.all(
    due.map(async ({ consumer, fromSeq }) => {
      const events = (await lane.send(eventsFrom, [resourceId, fromSeq, lateMost])).map(eventOf);
      late.set(consumer, { events, whole: events.length < lateMost });
    }),
  );
  return late;
}

/** Gives resources back. */
export const release = (lane: Lane, resources: readonly string[]): Promise<unknown> =>
  lane.send(`select pg_advisory_unlock(${lockClass}, hashtext(r)) from unnest($1::text[]) r`, [arrayOf(resources)]);

const stallOf = (row: Record<string, unknown>): Stall => ({
  consumer: row.consumer as string,
  fromSeq: Number(row.from_seq),
  attempts: row.attempts as number,
  retryAt: new Date(row.retry_at as string),
  since: new Date(row.since as string),
});

const letterOf = (row: Record<string, unknown>): Letter => ({
  id: row.letter as string,
  consumer: row.consumer as string,
  attempts: row.attempts as number,
  event: eventOf(row),
});

/**
 * What waits, a share for each tenant in turn, whose list is found by hopping from one to the next in the index; what is due to be
 * tried again, unless it begins with an event that this process doesn't know; what somebody wants tried again. Each resource once, with the first of its events.
 */
const candidates = `
  with recursive tenants (tenant_id) as (
    (select o.tenant_id from outbox o where o.published_at is null order by o.tenant_id limit 1)
    union all
    select (select o.tenant_id from outbox o where o.published_at is null and o.tenant_id > t.tenant_id order by o.tenant_id limit 1)
    from tenants t where t.tenant_id is not null
  ), fresh as (
    select w.resource_id, w.seq, row_number() over (partition by t.tenant_id order by w.seq) as turn
    from tenants t cross join lateral (
      select o.resource_id, o.seq from outbox o
      where o.published_at is null and o.tenant_id = t.tenant_id and o.resource_id <> all ($1::uuid[])
      order by o.seq limit $2) w
    order by turn, w.seq limit $3
  ), due as (
    select s.resource_id from stalls s
    where $6::boolean and s.retry_at <= $4 and s.consumer = any ($5::text[]) and s.resource_id <> all ($1::uuid[])
      and not exists (
        select from outbox o where o.seq = s.from_seq and o.event_version > coalesce(($7::jsonb ->> o.name)::int, 0))
    order by s.retry_at limit $3
  ), asked as (
    select d.resource_id from dead_letters d
    where $6::boolean and d.retried_at is not null and d.dropped_at is null and d.delivered_at is null
      and d.consumer = any ($5::text[]) and d.resource_id <> all ($1::uuid[])
    limit $3
  ), chosen as (
    select resource_id, to_json(coalesce(array_agg(seq order by seq) filter (where seq is not null), '{}')) as seqs
    from (select resource_id, seq from fresh union all select resource_id, null from due union all select resource_id, null from asked) each
    group by resource_id
  )
  select resource_id, seqs, pg_try_advisory_lock(${lockClass}, hashtext(resource_id::text)) as held from chosen`;

const eventsWith = `
  select ${eventColumns} from outbox o where o.seq = any ($1::bigint[]) and o.published_at is null order by o.seq`;

const eventsFrom = `
  select ${eventColumns} from outbox o where o.resource_id = $1 and o.seq >= $2 order by o.seq limit $3`;

const stallsOf = `
  select s.resource_id, s.consumer, s.from_seq::text, s.attempts, s.retry_at, s.since from stalls s where s.resource_id = any ($1::uuid[])`;

const lettersOf = `
  select d.id as letter, d.consumer, d.attempts, ${eventColumns} from dead_letters d join outbox o on o.seq = d.seq
  where d.resource_id = any ($1::uuid[]) and d.consumer = any ($2::text[])
    and d.retried_at is not null and d.dropped_at is null and d.delivered_at is null
  order by d.seq`;
