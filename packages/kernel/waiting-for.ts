import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { WaitingItem } from "@dais/contracts/me";
import { workflows } from "@dais/contracts/workflows/all";
import { waitingStates } from "@dais/contracts/workflows/derived";
import { type Ctx, visibleTo } from "./context.ts";
import { inForce } from "./lent.ts";
import { lowest } from "./standing.ts";
import { instant } from "./waiting.ts";

const asked = new Set(waitingStates.flatMap(({ waits }) => ("for" in waits ? [waits.for] : [])));

/**
 * Up to `limit` things that wait for the caller, what has waited longest first: for themselves, for a permission of theirs, by delegation,
 * or, once a second term has passed, for somebody whose deputy they are today. Within the caller's clearance, and by a delegation within
 * its giver's, too. Each once. One exchange.
 * @param after the `since` and the uuid of the last one before
 */
export async function waitingFor(
  ctx: Ctx,
  { overdue }: { overdue?: boolean },
  after: readonly [string, string] | null,
  limit: number,
): Promise<WaitingItem[]> {
  const { actor, tenant } = ctx;
  const person = actor.kind === "user" ? uuidOf(actor.id) : null;
  const lent = inForce(actor, ctx.now).map(({ fromId, moves, entityId, clearance }) => ({
    from: uuidOf(fromId),
    moves,
    entity: entityId,
    levels: visibleTo(tenant.levels, lowest(tenant.levels, [actor.clearance, clearance])),
  }));
  const rows = await ctx.send(text, [
    tenant.id,
    person,
    `{${[...asked].filter((one) => actor.permissions.has(one)).join(",")}}`,
    `{${ctx.visible.join(",")}}`,
    JSON.stringify(lent),
    ctx.now.toISOString(),
    tenant.timeZone,
    overdue ?? null,
    after?.[0] ?? null,
    after?.[1] ?? null,
    limit,
    `{${[...workflows.keys()].join(",")}}`,
  ]);
  return rows.map((row) => itemOf(row, ctx.now));
}

const text = `
  with lent as (
    select * from json_to_recordset($5::json) as r ("from" uuid, moves text[], entity uuid, levels text[])
  )
  select w.machine, w.resource_id, w.state, w.since, w.due_at, v.via, v.from_id
  from waiting w cross join lateral (
    select 1 as rank, 'you' as via, null::uuid as from_id where w.person_id = $2
    union all
    select 2, 'permission', null where w.permission = any ($3::text[])
    union all
    select 3, 'delegation', l."from" from lent l
    where w.permission = any (l.moves) and (l.entity is null or l.entity = w.entity_id) and w.classification = any (l.levels)
    union all
    select 4, 'deputy', d.person_id from deputies d
    where d.tenant_id = $1 and d.person_id = w.person_id and d.deputy_id = $2 and d.ended_at is null
      and ($6::timestamptz at time zone $7)::date between d.from_day and d.to_day and w.escalates_at <= $6
    order by rank limit 1
  ) as v
  where w.tenant_id = $1 and w.machine = any ($12::text[]) and w.classification = any ($4::text[])
    and ($8::boolean is null or coalesce(w.due_at <= $6, false) = $8)
    and ($9::timestamptz is null or (w.since, w.resource_id) > ($9, $10::uuid))
  order by w.since, w.resource_id limit $11`;

function itemOf(row: Record<string, unknown>, now: Date): WaitingItem {
  const its = row as Record<"machine" | "resource_id" | "state", string>;
  const spec = workflows.get(its.machine);
  if (!spec) throw new Error(`something waits in ${its.machine}, which is no workflow`);
  const dueAt = row.due_at === null ? null : instant(row.due_at);
  return {
    machine: its.machine,
    resourceId: idOf(spec.kind, its.resource_id),
    state: its.state,
    since: instant(row.since),
    dueAt,
    overdue: dueAt !== null && dueAt <= now.toISOString(),
    via: row.via as WaitingItem["via"],
    fromId: row.from_id === null ? null : idOf("per", row.from_id as string),
  };
}
