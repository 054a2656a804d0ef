import { events } from "@dais/contracts";
import { type EventRow, envelopeOf } from "@dais/contracts/kit/envelope";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Tenant } from "../context.ts";
import type { Rows } from "../lane.ts";

type Send = (text: string, params: readonly unknown[]) => Promise<Rows>;

/** What somebody sends to try a webhook: for that one alone. */
export const testEvent = "webhook.tested";

/** The bytes of an event, as every webhook gets it, each time. */
export const bodyOf = (event: EventRow, from: { url: string; tenant: string }): string =>
  JSON.stringify(envelopeOf(event, from));

/**
 * Puts an event on its way to the webhooks of a tenant that ask for it and are switched on: one statement, and a second time nothing.
 * Where there is any webhook, also one that is switched off, the event is kept, so that a replay has it.
 * @returns how many deliveries there are now that were not there before
 */
export async function route(
  send: Send,
  tenant: Tenant,
  event: EventRow,
  of: { url: string; now: Date; newId(): string },
): Promise<number> {
  const rows = await send(routed, [
    tenant.id,
    event.id,
    event.name,
    event.entityId,
    event.classification,
    event.occurredAt.toISOString(),
    of.now.toISOString(),
    bodyOf(event, { url: of.url, tenant: tenant.slug }),
    arrayOf(tenant.levels),
    of.newId(),
    hearersOf(event.name),
    events.get(event.name)?.own ? String(event.payload.personId ?? "") : null,
  ]);
  return Number(rows[0]?.count ?? 0);
}

/** Who may hear of an event, in SQL: who holds this permission; empty: any signed-in caller; null: nobody. */
export function hearersOf(name: string): string | null {
  const { permission } = events.get(name) ?? { permission: "nobody" };
  return permission === "nobody" ? null : (permission ?? "");
}

/** As `owners`, the keys that own webhooks which hear all that they may, with what such a key may at most. */
export const keysThatOwn = (tenant: string) => `owners as (
    select o.owner_id, k.permissions
    from (select distinct owner_id from webhooks where tenant_id = ${tenant} and types is null and left(owner_id, 4) = 'key_') o
      join api_keys k on k.tenant_id = ${tenant} and k.id = uuid_of(o.owner_id)
  )`;

/**
 * Whether a webhook `w` asks for an event: its types, its entity or one below it, its level. `$levels`: the tenant's, lowest first. What
 * its owner may hear is judged when it is sent; but what is another person's own it never may, and a webhook that hears all that it may
 * doesn't ask for what its key or program has no permission for. Needs `owners`.
 * @param of `hearers`, as `hearersOf` says; `person`: whose own it is, null where it is nobody's
 */
export const asksFor = (of: {
  name: string;
  hearers: string;
  person: string;
  entity: string;
  classification: string;
  levels: string;
  tenant: string;
}) => `
  ${of.hearers} is not null and (${of.person} is null or ${of.person} = w.owner_id)
  and (w.types is null or ${of.name} = any (w.types))
  and (w.types is not null or ${of.hearers} = '' or case left(w.owner_id, 4)
    when 'prg_' then ${of.hearers} = any (w.owner_permissions)
    when 'key_' then exists (select from owners o where o.owner_id = w.owner_id and ${of.hearers} = any (o.permissions))
    else true end)
  and (w.entity_id is null or w.entity_id in (select entities_above(${of.tenant}, ${of.entity})))
  and (${of.classification} is null
    or array_position(${of.levels}, ${of.classification}) <= array_position(${of.levels}, w.classification))`;

/** Ids for many rows that sort as one does: its time and count, and chance of their own. */
export const idLike = (id: string) => `(left(${id}::uuid::text, 18) || substr(gen_random_uuid()::text, 19))::uuid`;

const asked = asksFor({
  ...{ tenant: "$1", name: "$3", entity: "$4::uuid", classification: "$5::text", levels: "$9::text[]" },
  ...{ hearers: "$11::text", person: "$12::text" },
});

const routed = `
  with ${keysThatOwn("$1")}, any_of_them as (
    select exists (select from webhooks w where w.tenant_id = $1 and w.state <> 'deleted') as one
  ), message as (
    insert into webhook_messages (tenant_id, event_id, name, entity_id, classification, occurred_at, created_at, body)
    select $1::uuid, $2::uuid, $3, $4::uuid, $5, $6::timestamptz, $7::timestamptz, $8 from any_of_them where one
    on conflict do nothing
  ), made as (
    insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, state, bulk, next_at, attempts, created_at)
    select ${idLike("$10")}, $1::uuid, w.id, $2::uuid, 'waiting', false, $7::timestamptz, '[]', $7::timestamptz
    from webhooks w
    where w.tenant_id = $1 and w.state = 'active' and ${asked}
    on conflict (webhook_id, event_id) do nothing returning 1
  )
  select count(*)::int as count from made`;
