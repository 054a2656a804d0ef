import type { Channel } from "@dais/contracts/dispatches/values";
import type { Told } from "@dais/kernel/couriers/port";
import type { Lane } from "@dais/kernel/lane";
import { sameForm } from "@dais/modules/contacts";

/** Something that a vendor told, in its receiver's hand until its lease ends. */
export type Heard = { id: string; vendor: string; told: Told; receivedAt: Date; tries: number };
/** An attempt that something was told of, whatever organisation's it is. */
export type About = {
  tenantId: string;
  attemptId: string;
  recipientId: string;
  personId: string | null;
  channel: Channel;
  address: string;
  step: number;
};

const leaseMs = 60_000;
const list = (some: readonly string[]): string => JSON.stringify(some);

/** Takes what was told and nobody has looked at, longest due first. What isn't brought to an end comes again. */
export async function takeCallbacks(lane: Lane, now: Date, limit: number): Promise<Heard[]> {
  const rows = await lane.send(taken, [now.toISOString(), new Date(now.getTime() + leaseMs).toISOString(), limit]);
  return rows.map(({ id, vendor, told, received_at: at, tries }) => ({
    ...{ id: id as string, vendor: vendor as string, told: told as Told, tries: tries as number },
    receivedAt: new Date(at as string),
  }));
}

const taken = `
  update courier_callbacks c set next_at = $2, tries = c.tries + 1
  from (select id from courier_callbacks where next_at is not null and next_at <= $1 order by next_at, id limit $3 for update skip locked) it
  where c.id = it.id returning c.id, c.vendor, c.told, c.received_at, c.tries`;

const about = `json_build_object('tenantId', a.tenant_id, 'attemptId', a.id, 'recipientId', a.recipient_id, 'personId', r.person_id,
    'channel', a.channel, 'address', a.address, 'step', a.step) as it`;
const recipient = "join dispatch_recipients r on r.tenant_id = a.tenant_id and r.id = a.recipient_id";

/** The attempts that a vendor knows by these ids, as `vendor id`. */
export async function attemptsByVendor(
  lane: Lane,
  some: readonly { vendor: string; vendorId: string }[],
): Promise<Map<string, About>> {
  if (some.length === 0) return new Map();
  const rows = await lane.send(byVendor, [JSON.stringify(some)]);
  return new Map(rows.map((row) => [row.named as string, row.it as About]));
}

const byVendor = `
  select a.vendor || ' ' || a.vendor_id as named, ${about}
  from json_to_recordset($1::json) as n (vendor text, "vendorId" text)
    join dispatch_attempts a on a.vendor = n.vendor and a.vendor_id = n."vendorId" ${recipient}`;

/** What each organisation that sent something to an address over a channel since then sent there last. */
export async function lastSentTo(lane: Lane, channel: Channel, address: string, since: Date): Promise<About[]> {
  const rows = await lane.send(lastSent, [channel, sameForm(address), since.toISOString()]);
  return rows.map((row) => row.it as About);
}

// An answer may come before the vendor's own to the sending.
const lastSent = `
  select distinct on (a.tenant_id) ${about} from dispatch_attempts a ${recipient}
  where a.channel = $1 and lower(a.address) = $2 and a.started_at > $3 and a.state in ('handing', 'taken', 'unknown', 'undetermined')
  order by a.tenant_id, a.started_at desc`;

/** Organisations that ever sent something to an address over a channel. */
export async function tenantsOfAddress(lane: Lane, channel: Channel, address: string): Promise<string[]> {
  const rows = await lane.send(wroteTo, [channel, sameForm(address)]);
  return rows.map((row) => row.tenant_id as string);
}

const wroteTo = "select distinct tenant_id from dispatch_attempts where channel = $1 and lower(address) = $2";

/** Which of these addresses wrote to us on a channel since then. */
export async function wroteSince(
  lane: Lane,
  channel: Channel,
  addresses: readonly string[],
  since: Date,
): Promise<Set<string>> {
  if (addresses.length === 0) return new Set();
  const rows = await lane.send(wrote, [channel, list(addresses), since.toISOString()]);
  return new Set(rows.map((row) => row.address as string));
}

const wrote = `
  select distinct told ->> 'from' as address from courier_callbacks
  where told ->> 'kind' in ('reply', 'opt_in') and told ->> 'from' in (select json_array_elements_text($2::json))
    and told ->> 'channel' = $1 and received_at > $3`;

export type Ended = { id: string; outcome: "applied" | "stale" | "ambiguous" | "unknown" | null; nextAt: Date | null };

/** Writes down what became of what was told. */
export async function endCallbacks(lane: Lane, some: readonly Ended[]): Promise<void> {
  if (some.length > 0) await lane.send(ended, [JSON.stringify(some)]);
}

const ended = `
  update courier_callbacks c set outcome = n.outcome, next_at = n."nextAt"
  from json_to_recordset($1::json) as n (id uuid, outcome text, "nextAt" timestamptz) where c.id = n.id`;

/**
 * Deletes what was told before a moment and is done with. Of what people said only the digest stays, until it is older than `known`: who says the
 * same again, with the vendor's signature of then, is not heard a second time.
 * @returns how many
 */
export async function pruneCallbacks(lane: Lane, before: Date, known: Date): Promise<number> {
  const [row] = await lane.send(prune, [before.toISOString(), known.toISOString()]);
  return Number(row?.count);
}

const prune = `
  with old as materialized (
    select id, received_at >= $2 and told ->> 'kind' in ('reply', 'opt_out', 'opt_in') as stays from courier_callbacks
    where received_at < $1 and next_at is null and (told <> '{}' or received_at < $2) limit 5000
  ), emptied as (
    update courier_callbacks c set told = '{}' from old where c.id = old.id and old.stays
  ), gone as (
    delete from courier_callbacks c using old where c.id = old.id and old.stays is not true
  )
  select count(*)::int as count from old`;
