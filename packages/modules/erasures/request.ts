import type { erasures as contract, Erasure } from "@dais/contracts/erasures";
import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { begun } from "@dais/kernel/waiting";
import { type Row, show, workflow } from "./workflow.ts";

type Wanted = Parameters<Handlers<typeof contract>["request"]>[1];

/** So many entries one erasure takes: they lose their content in one transaction. */
const most = 2000;

/**
 * Finds the entries, and keeps with the request which they are: what is approved later is these, whatever is written meanwhile.
 * @throws erasure_entries_unknown, erasure_nothing, erasure_too_large
 */
export async function request(ctx: Ctx, wanted: Wanted): Promise<Erasure> {
  const ids = wanted.entryIds && [...new Set(wanted.entryIds)];
  const id = ctx.newId();
  const [made] = await ctx.send(ids ? text.entries : text.person, [
    ...[ctx.tenant.id, id, arrayOf(ctx.visible), arrayOf(ctx.tenant.levels), ctx.actor.id],
    ...[wanted.reason, ctx.now.toISOString(), most],
    ...(ids
      ? [arrayOf(ids.map(uuidOf))]
      : [wanted.personId, uuidOf(wanted.personId ?? ""), wanted.from ?? null, wanted.to ?? null]),
  ]);
  const { entries, found, sha256, classification } = made as unknown as Found;
  if (ids && found.length < ids.length) throw new Problem("erasure_entries_unknown", { entryIds: unknown(ids, found) });
  if (entries === 0) throw new Problem("erasure_nothing");
  if (entries > most) throw new Problem("erasure_too_large", { limit: most });
  const row: Row = {
    ...{ id, tenantId: ctx.tenant.id, personId: wanted.personId ?? null, reason: wanted.reason },
    ...{ fromAt: moment(wanted.from), toAt: moment(wanted.to), entries, entriesSha256: sha256 as string },
    ...{ requestedBy: ctx.actor.id, decidedBy: null, decidedAt: null, classification: classification as string },
    ...{ state: "requested", stateReason: null, version: 1, createdAt: ctx.now, updatedAt: ctx.now },
  };
  const resource = { type: "erasure", id, version: row.version, classification: row.classification };
  const after = show(row);
  record(ctx, { resource, after, event: "request", from: null, to: row.state, reason: wanted.reason });
  begun(ctx, workflow, row);
  emit(ctx, { name: "erasure.requested", resource, payload: { id: after.id } });
  return after;
}

type Found = { entries: number; found: string[]; sha256: string | null; classification: string | null };
const moment = (text: string | undefined) => (text === undefined ? null : new Date(text));

const unknown = (ids: readonly string[], found: readonly string[]): string[] => {
  const there = new Set(found);
  return ids.filter((one) => !there.has(uuidOf(one)));
};

/**
 * Makes an erasure of what fits and was not erased before, within what the caller sees. Of more than $8 it is never committed, so one too
 * many is enough to know.
 */
const making = (fits: string, person: string) => `
  with found as materialized (
    select id, classification from audit
    where tenant_id = $1 and erased_at is null and (classification is null or classification = any ($3::text[])) and (${fits})
    limit $8::int + 1
  ), made as (
    insert into erasures (id, tenant_id, person_id, from_at, to_at, entries, entries_sha256, reason, requested_by, classification, state,
      version, created_at, updated_at)
    select $2, $1, ${person}, count(*), encode(sha256(convert_to(string_agg(id || ',', '' order by id), 'UTF8')), 'hex'), $6, $5,
      ($4::text[])[greatest(1, max(array_position($4::text[], classification)))], 'requested', 1, $7::timestamptz, $7::timestamptz
    from found having count(*) > 0 returning entries_sha256, classification
  ), named as (
    insert into erasure_entries (tenant_id, erasure_id, entry_id) select $1, $2, id from found
  )
  select count(*)::int as entries, coalesce(json_agg(id), '[]') as found, (select entries_sha256 from made) as sha256,
    (select classification from made) as classification from found`;

/** Those that a person made, that were made for the person or by what the person stands behind, and those about the person. */
const text = {
  entries: making("id = any ($9::uuid[])", "null, null::timestamptz, null::timestamptz"),
  person: making(
    `(persons @> array[$9::text] or actor_id = $9 or on_behalf_of = $9 or (resource_type = 'person' and resource_id = $10))
      and ($11::timestamptz is null or at >= $11) and ($12::timestamptz is null or at < $12)`,
    "$9, $11::timestamptz, $12::timestamptz",
  ),
};
