import { operations } from "@dais/contracts";
import { type InboxItem, inboxKinds, mostCounted, quietUntilDue } from "@dais/contracts/inbox";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { workflows } from "@dais/contracts/workflows/all";
import { movesFrom, waitedPermissions } from "@dais/contracts/workflows/derived";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { type Ctx, visibleTo } from "./context.ts";
import { inForce } from "./lent.ts";
import { lowest } from "./standing.ts";
import { instant } from "./waiting.ts";

/** `quiet`: also what somebody works on and isn't overdue. */
export type Wanted = { kind?: readonly string[]; overdue?: boolean; quiet?: boolean };

/**
 * Up to `limit` things that wait for the caller, what has waited longest first: for themselves, for a permission of theirs, for a group
 * that they are in, by delegation, or, once a second term has passed, for somebody whose deputy they are today. Within the caller's
 * clearance, and by a delegation within its giver's, too; and nothing of which they may make no move. Each once. One exchange, along an
 * index for each of these ways.
 * @param after the `since` and the uuid of the last one before
 */
export async function waitingFor(
  ctx: Ctx,
  wanted: Wanted,
  after: readonly [string, string] | null,
  limit: number,
): Promise<InboxItem[]> {
  const rows = await ctx.send(listed, paramsOf(ctx, wanted, after, limit));
  return rows.map((row) => itemOf(ctx, row));
}

/** How many of each kind wait, and how many of them are overdue, of those that have waited longest. One exchange. */
export async function countWaiting(ctx: Ctx) {
  const rows = await ctx.send(counted, paramsOf(ctx, {}, null, mostCounted + 1));
  const items = rows.map(({ machine, waiting, overdue }) => ({
    ...{ kind: machine as string, waiting: Number(waiting), overdue: Number(overdue) },
  }));
  return { items, more: items.reduce((sum, { waiting }) => sum + waiting, 0) > mostCounted };
}

const quietKeys = arrayOf(
  Object.entries(quietUntilDue).flatMap(([machine, states]) => states.map((state) => `${machine} ${state}`)),
);

function paramsOf(
  ctx: Ctx,
  { kind, overdue, quiet = false }: Wanted,
  after: readonly [string, string] | null,
  limit: number,
) {
  const { actor, tenant } = ctx;
  const lent = inForce(actor, ctx.now).map(({ fromId, moves, entityId, clearance }) => ({
    from: uuidOf(fromId),
    moves,
    entity: entityId,
    levels: visibleTo(tenant.levels, lowest(tenant.levels, [actor.clearance, clearance])),
  }));
  return [
    tenant.id,
    actor.kind === "user" ? uuidOf(actor.id) : null,
    arrayOf(waitedPermissions.filter((one) => actor.permissions.has(one))),
    arrayOf(ctx.visible),
    JSON.stringify(lent),
    ctx.now.toISOString(),
    tenant.timeZone,
    overdue ?? null,
    after?.[0] ?? "-infinity",
    after?.[1] ?? "00000000-0000-0000-0000-000000000000",
    limit,
    arrayOf(kind ?? inboxKinds),
    quiet ? arrayOf([]) : quietKeys,
    arrayOf(actor.persons.map(uuidOf)),
  ];
}

/** What fits, for some of them, oldest first: as many as are wanted of each way are enough for all ways together. */
const page = (who: string) => `(
      select w.machine, w.resource_id, w.state, w.since, w.due_at, w.title_en, w.title_ar, w.classification
      from waiting w
      where w.tenant_id = $1 and ${who} and w.machine = any ($12::text[]) and w.classification = any ($4::text[])
        and ($8::boolean is null or coalesce(w.due_at <= $6, false) = $8) and not w.barred && $14::uuid[]
        and (coalesce(w.due_at <= $6, false) or w.machine || ' ' || w.state <> all ($13::text[]))
        and (w.since, w.resource_id) > ($9::timestamptz, $10::uuid)
      order by w.since, w.resource_id limit $11
    ) as w`;
/** Whether the caller may make one of the moves that it waits for: neither a permission alone is enough for that, nor to be named. */
const able = "(w.moves = '{}' or w.moves && $3::text[])";
/** Whether a delegation is for it. */
const covered =
  '(l.entity is null or l.entity = w.entity_id) and w.classification = any (l.levels) and not l."from" = any (w.barred)';

const found = `
  with lent as (
    select * from json_to_recordset($5::json) as r ("from" uuid, moves text[], entity uuid, levels text[])
  ), found as (
    select 1 as rank, 'you' as via, null::uuid as from_id, w.* from ${page(`w.person_id = $2::uuid and ${able}`)}
    union all
    select 2, 'permission', null, w.* from unnest($3::text[]) as p (permission) cross join lateral ${page(`w.permission = p.permission and ${able}`)}
    union all
    select 3, 'group', null, w.* from groups_of($1, $2::uuid) as g (id) cross join lateral ${page(`w.group_id = g.id and ${able}`)}
    union all
    select 4, 'delegation', l."from", w.* from lent l cross join lateral unnest(l.moves) as p (permission)
      cross join lateral ${page(`w.permission = p.permission and (w.moves = '{}' or w.moves && l.moves) and ${covered}`)}
    union all
    select 4, 'delegation', l."from", w.* from lent l cross join lateral ${page(`w.person_id = l."from" and w.moves && l.moves and ${covered}`)}
    union all
    select 5, 'deputy', d.person_id, w.* from deputies d cross join lateral ${page(`w.person_id = d.person_id and w.escalates_at <= $6 and ${able}`)}
    where d.tenant_id = $1 and d.deputy_id = $2::uuid and d.ended_at is null
      and ($6::timestamptz at time zone $7)::date between d.from_day and d.to_day
  ), each as (
    select distinct on (since, resource_id) * from found order by since, resource_id, rank limit $11
  )`;
/** The statement of a page. Its parameters are those of `paramsOf`. */
export const listed = `${found} select * from each order by since, resource_id`;
const counted = `${found}
  select machine, count(*) as waiting, count(*) filter (where due_at <= $6) as overdue from each group by machine order by machine`;

function itemOf({ actor, now }: Ctx, row: Record<string, unknown>): InboxItem {
  const its = row as Record<"machine" | "resource_id" | "state" | "classification", string>;
  const spec = workflows.get(its.machine);
  if (!spec) throw new Error(`something waits in ${its.machine}, which is no workflow`);
  const id = idOf(spec.kind, its.resource_id);
  const dueAt = row.due_at === null ? null : instant(row.due_at);
  const from = row.from_id === null ? null : idOf("per", row.from_id as string);
  const lent = row.via === "delegation" ? inForce(actor, now).filter(({ fromId }) => fromId === from) : [];
  const may = (permission: string) =>
    actor.permissions.has(permission) || lent.some(({ moves }) => moves.includes(permission));
  return {
    kind: its.machine,
    id,
    title: { en: (row.title_en as string | null) ?? spec.title, ar: row.title_ar as string | null },
    state: its.state,
    since: instant(row.since),
    dueAt,
    overdue: dueAt !== null && dueAt <= now.toISOString(),
    path: pathOf(spec.capability).replace("{id}", id),
    moves: movesFrom(spec, its.state).flatMap(({ event, permission }) => (may(permission) ? [event] : [])),
    via: row.via as InboxItem["via"],
    onBehalfOf: from,
    classification: its.classification,
  };
}

/** Where a workflow's things are read: their moves are, beneath, or else `get` says it. */
const pathOf = (capability: string): string =>
  (operations.get(`${capability}.moves`) ?? operations.get(`${capability}.get`))?.meta.openapi.path.replace(
    /\/moves$/,
    "",
  ) ?? "";
