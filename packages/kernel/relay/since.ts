import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Rows } from "../lane.ts";
import { type DeliveredEvent, eventColumns, eventOf } from "./event.ts";
import { type Position, readSnapshot, type Snapshot, writePosition } from "./snapshot.ts";

/** An event with what its transaction was, and the position of a stream that has just seen it. */
export type FedEvent = DeliveredEvent & { xid: bigint; position: string };

/**
 * What was committed since a position. `more`: there is more of it than was asked for, from `position` on. `whole`: nothing of it can
 * have been pruned, and the position is of this database.
 */
export type Page = { events: FedEvent[]; position: Position; more: boolean; whole: boolean };

export type Ask = (text: string, params: readonly unknown[]) => Promise<Rows>;

/**
 * Events that became visible after a position, at most `limit`: first what `next` could see, then the rest, each in the order of their
 * numbers, which is the order of each resource.
 * @param tenants Uuids, or all that have events
 */
export async function eventsSince(
  ask: Ask,
  tenants: readonly string[] | "all",
  { seen, next }: Position,
  limit: number,
): Promise<Page> {
  const upTo = next ?? { seen, seq: 0 };
  const rows = await ask(tenants === "all" ? everywhere : within, [
    ...[tenants === "all" ? null : arrayOf(tenants), ...unseenBy(seen), ...unseenBy(upTo.seen), upTo.seq, limit + 1],
  ]);
  const now = readSnapshot(rows[0]?.now as string);
  // Long transactions keep `xmin` back: then it is called incomplete too early, and never too late.
  const whole = BigInt(rows[0]?.pruned as string) < seen.xmin && seen.xmax <= now.xmax;
  const found = rows.filter((row) => row.id !== null);
  const more = found.length > limit;
  const after = (row: Record<string, unknown>): Position => {
    const seq = Number(row.seq);
    return row.earlier ? { seen, next: { seen: upTo.seen, seq } } : { seen: upTo.seen, next: { seen: now, seq } };
  };
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const position = more && last ? after(last) : { seen: now, next: null };
  const events = page.map((row) => ({
    ...eventOf(row),
    xid: BigInt(row.xid as string),
    position: writePosition(row === last ? position : after(row)),
  }));
  return { events, position, more, whole };
}

/** Where a database stands now. */
export async function presentPosition(ask: Ask): Promise<Position> {
  const [row] = await ask("select pg_current_snapshot()::text as now", []);
  return { seen: readSnapshot(row?.now as string), next: null };
}

const unseenBy = ({ xmax, running }: Snapshot): [string, string] => [String(xmax), arrayOf(running.map(String))];

/** How many events of all tenants became visible after a position, counted up to `most`, and when the first of them happened. */
export async function countSince(
  ask: Ask,
  { seen, next }: Position,
  most: number,
): Promise<{ count: number; oldest: Date | null }> {
  const upTo = next ?? { seen, seq: 0 };
  const [row] = await ask(counted, [null, ...unseenBy(seen), ...unseenBy(upTo.seen), upTo.seq, most]);
  return { count: Number(row?.count), oldest: row?.oldest ? new Date(row.oldest as string) : null };
}

// What a snapshot can't see is what began after it or was running: two ranges of the index, however long a transaction keeps `xmin` back.
const unseen = (tenants: string) => `
  o.tenant_id = any (${tenants}) and (o.xid >= $2::xid8 or o.xid = any ($3::xid8[]))
  and (o.xid >= $4::xid8 or o.xid = any ($5::xid8[]) or o.seq > $6::bigint)`;

const text = (tenants: string) => `
  select s.now::text, p.xid::text as pruned, e.*
  from (select pg_current_snapshot() as now) s cross join outbox_pruned p left join lateral (
    select ${eventColumns}, o.xid::text, not (o.xid >= $4::xid8 or o.xid = any ($5::xid8[])) as earlier
    from outbox o where ${unseen(tenants)}
    order by earlier desc, o.seq limit $7
  ) e on true`;

/** From one tenant to the next in the index, in the snapshot in which their events are read: a tenant's first event is not missed. */
const hopping = `array(
  with recursive t (id) as (
    (select tenant_id from outbox where $1::uuid[] is null order by tenant_id limit 1)
    union all select (select n.tenant_id from outbox n where n.tenant_id > t.id order by n.tenant_id limit 1) from t where t.id is not null
  ) select id from t where id is not null)`;

const within = text("$1::uuid[]");
const everywhere = text(hopping);
const counted = `
  select count(*)::text, min(occurred_at) as oldest from (select o.occurred_at from outbox o where ${unseen(hopping)} limit $7) w`;
