import { mostApprovers } from "@dais/contracts/approvals/values";
import { idOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { ApprovalRow } from "@dais/kernel/approvals/steps";
import type { Ctx } from "@dais/kernel/context";
import type { Able } from "./left.ts";
import { rowOf } from "./rows.ts";

/**
 * Up to `limit` approvals that wait, in the order of their ids, with who could decide what is not decided: not shut out, cleared, with the
 * permission to, and with no hand or vote in it; of those where all is open to people by name only, nobody. Not held.
 * @param of One of them alone, by its uuid; or those behind a uuid
 */
export async function waitingOn(
  ctx: Ctx,
  { id = null, after = null }: { id?: string | null; after?: string | null },
  limit: number,
): Promise<{ row: ApprovalRow; able: Able }[]> {
  const { id: tenant, levels } = ctx.tenant;
  const rows = await ctx.send(text, [tenant, arrayOf(levels), id, after, limit, mostApprovers]);
  return rows.map((row) => {
    const able = Object.entries(row.able as Record<string, string[]>);
    const named = able.map(([approver, ids]): [string, string[]] => [approver, ids.map((one) => idOf("per", one))]);
    return { row: rowOf(row), able: Object.fromEntries(named) };
  });
}

// Since the deadline, whom it was escalated to may decide each open step.
const text = `
  with asked as materialized (
    select * from approvals where tenant_id = $1 and state = 'pending' and ($3::uuid is null or id = $3) and ($4::uuid is null or id > $4)
    order by id limit $5
  ), able as materialized (
    select id, reach, held, array(select groups_of($1, id)) as teams from (
      select p.id, array_position($2::text[], p.clearance) as reach, permissions_of(roles_of(p.id)) as held
      from people p where p.tenant_id = $1 and p.disabled_at is null offset 0
    ) as p where held @> '{approval.approve}'
  ), named as materialized (
    select s.id, its.approver, uuid_of(its.approver) as uuid, uuid_of(s.since) as since, s.since as who,
      array_position($2::text[], s.classification) as level, s.barred
    from (
      select *, case when escalated_at is not null then escalate_to end as since, array(
        select uuid_of(one) from (
          select unnest(persons) as one union select x from jsonb_array_elements(steps) e, unnest(array[e->>'by', e->>'onBehalfOf']) as x
        ) as who where one is not null) as barred
      from asked
    ) as s cross join lateral (
      select distinct coalesce(e->>'standIn', e->>'approver') as approver from jsonb_array_elements(s.steps) e where e->>'decision' is null
    ) as its
    where exists (select from jsonb_array_elements(s.steps) e where e->>'decision' is null and e->>'approver' not like 'per\\_%')
  )
  select a.*, coalesce((
    select json_object_agg(n.approver, array(
      select p.id from able p where p.reach >= n.level and p.id <> all (n.barred) and (
        p.id = n.uuid or n.uuid = any (p.teams) or n.uuid is null and p.held @> array[n.approver]
        or p.id = n.since or n.since = any (p.teams) or n.who is not null and n.since is null and p.held @> array[n.who])
      order by p.id limit $6))
    from named n where n.id = a.id), '{}') as able
  from asked a order by a.id`;

/** Holds those of these approvals that are as they were, in the order of their ids. Their uuids. */
export async function holdUnchanged(ctx: Ctx, all: readonly ApprovalRow[]): Promise<Set<string>> {
  const wanted = JSON.stringify(all.map(({ id, version }) => ({ id, version })));
  const rows = await ctx.send(
    `select a.id from approvals a join json_to_recordset($2::json) as r (id uuid, version int) on r.id = a.id and r.version = a.version
     where a.tenant_id = $1 and a.state = 'pending' order by a.id for no key update of a`,
    [ctx.tenant.id, wanted],
  );
  return new Set(rows.map(({ id }) => id as string));
}
