import type { Figure } from "@dais/contracts/kit/figure";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import {
  categories,
  type signals as contract,
  pictureDays,
  type SignalPicture,
  severities,
  signalStates,
} from "@dais/contracts/signals";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import type { z } from "zod";

const dayMs = 86_400_000;
type Filters = Parameters<Handlers<typeof contract>["picture"]>[1];

/** @throws signal_picture_too_long */
export const picture: Handlers<typeof contract>["picture"] = async (ctx, input) => {
  const oldest = new Date(ctx.now.getTime() - pictureDays * dayMs);
  const since = new Date(input.since ?? ctx.now.getTime() - dayMs);
  if (since < oldest) throw new Problem("signal_picture_too_long");
  return shown(ctx, since, await countsOf(ctx, input, since, oldest));
};

/** One count: of what, and how high in the caller's levels the highest of it lies. */
type Count = { what: string; of: string | null; n: number; level: number };

async function countsOf(ctx: Ctx, filters: Filters, since: Date, oldest: Date): Promise<Count[]> {
  const { severity = severities, category = categories, classification, entityId } = filters;
  const levels = ctx.visible.filter((level) => classification?.includes(level) ?? true);
  const rows = await ctx.send(text, [
    ctx.tenant.id,
    arrayOf(ctx.visible),
    arrayOf(levels),
    arrayOf(severity),
    arrayOf(category),
    entityId ? uuidOf(entityId) : null,
    since.toISOString(),
    oldest.toISOString(),
  ]);
  return rows as Count[];
}

const moves = { escalated: ["escalate"], dismissed: ["dismiss"], returned: ["wake", "raise", "reopen"] } as const;
const mostEntities = 100;

/** The condition on events is that of the index `audit_signal_moves`, word for word. */
const text = `
  with fitting as not materialized (
    select id, state, severity, category, entity_id, classification, created_at, updated_at from signals
    where tenant_id = $1::uuid and classification = any ($3::text[]) and severity = any ($4::text[])
      and category = any ($5::text[]) and ($6::uuid is null or entity_id = $6::uuid)
  ), grouped as materialized (
    select state, severity, category, entity_id, array_position($2::text[], classification) as level, count(*) as n from (
      select state, severity, category, entity_id, classification from fitting
      where state = any ('{new,acknowledged,snoozed,escalated}')
      union all
      select state, severity, category, entity_id, classification from fitting
      where state = any ('{dismissed,withdrawn}') and updated_at >= $8::timestamptz
    ) as counted group by 1, 2, 3, 4, 5
  ), moved as materialized (
    select a.event, a.resource_id as id, array_position($2::text[], f.classification) as level
    from audit a join fitting f on f.id = a.resource_id
    where a.tenant_id = $1::uuid and a.at >= $7::timestamptz and a.resource_type = 'signal'
      and a.event in ('escalate', 'dismiss', 'reopen', 'wake', 'raise') and a.outcome = 'done' and f.state <> 'merged'
  ), entities as (
    select 'entity' as what, entity_id::text as of, sum(n)::int as n, max(level) as level from grouped
    group by entity_id order by 3 desc, 2 limit ${mostEntities}
  )
  select 'total' as what, null as of, coalesce(sum(n), 0)::int as n, coalesce(max(level), 1) as level from grouped
  union all select 'severity', severity, sum(n)::int, max(level) from grouped group by severity
  union all select 'category', category, sum(n)::int, max(level) from grouped group by category
  union all select 'state', state, sum(n)::int, max(level) from grouped group by state
  union all select * from entities
  union all select 'new', null, count(*)::int, coalesce(max(array_position($2::text[], classification)), 1) from fitting
    where updated_at >= $7::timestamptz and created_at >= $7::timestamptz and state <> 'merged'
  ${Object.entries(moves)
    .map(
      ([what, events]) => `union all select '${what}', null, count(distinct id)::int, coalesce(max(level), 1) from moved
    where event in (${events.map((event) => `'${event}'`).join(", ")})`,
    )
    .join("\n  ")}`;

function shown(ctx: Ctx, since: Date, counts: readonly Count[]): SignalPicture {
  const asOf = ctx.now.toISOString();
  const figure = ({ n, level }: Pick<Count, "n" | "level">): z.infer<typeof Figure> => ({
    value: n,
    unit: "signals",
    asOf,
    fetchedAt: asOf,
    source: "dais",
    method: "derived",
    classification: ctx.visible[level - 1] as string,
    freshness: "fresh",
  });
  const none = { n: 0, level: 1 };
  const count = (what: string, of: string | null = null) =>
    figure(counts.find((one) => one.what === what && one.of === of) ?? none);
  return {
    since: since.toISOString(),
    total: count("total"),
    bySeverity: severities.map((severity) => ({ severity, count: count("severity", severity) })),
    byCategory: categories.map((category) => ({ category, count: count("category", category) })),
    byState: signalStates
      .filter((state) => state !== "merged")
      .map((state) => ({ state, count: count("state", state) })),
    byEntity: counts
      .filter(({ what }) => what === "entity")
      .map((one) => ({ entityId: one.of && idOf("ent", one.of), count: figure(one) })),
    changed: {
      new: count("new"),
      escalated: count("escalated"),
      dismissed: count("dismissed"),
      returned: count("returned"),
    },
  };
}
