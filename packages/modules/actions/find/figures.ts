import type { actions as contract } from "@dais/contracts/actions";
import { type ActionFigures, ages } from "@dais/contracts/actions/find";
import { actionStates } from "@dais/contracts/actions/values";
import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx, Handlers } from "@dais/kernel/context";

type Asked = Parameters<Handlers<typeof contract>["figures"]>[1];
type Count = { what: string; of: string; n: number; level: number };

/** How many actions there are, how old they are, and how many get done. One exchange. */
export async function figures(ctx: Ctx, { entityId, weeks }: Asked): Promise<ActionFigures> {
  const rows = await ctx.send(text, [
    ...[ctx.tenant.id, arrayOf(ctx.visible), entityId ? uuidOf(entityId) : null],
    ...[ctx.now.toISOString(), ctx.tenant.timeZone, weeks, arrayOf(ages.map(({ fromDays }) => String(fromDays)))],
  ]);
  return shown(ctx, rows as unknown as Count[]);
}

const level = "max(array_position($2::text[], classification))";
const inWeeks = (what: string, column: string) => `
  select '${what}', w.monday::text, count(a.id)::int, coalesce(max(array_position($2::text[], a.classification)), 1)
  from week w left join fitting a on a.${column} >= w.starts and a.${column} < w.ends group by w.monday`;

const text = `
  with fitting as materialized (
    select id, state, classification, due_at, created_at, completed_at, verified_at from actions
    where tenant_id = $1::uuid and classification = any ($2::text[]) and ($3::uuid is null or entity_id = $3)
  ), working as (
    select classification, due_at, width_bucket(
      ($4::timestamptz at time zone $5)::date - (created_at at time zone $5)::date, $7::int[]) as age
    from fitting where state in ('open', 'in_progress', 'blocked')
  ), week as (
    select monday, monday::timestamp at time zone $5 as starts, (monday + 7)::timestamp at time zone $5 as ends
    from generate_series(0, $6::int - 1) as n
      cross join lateral (select date_trunc('week', $4::timestamptz at time zone $5)::date - 7 * n as monday) as its
  )
  select 'state' as what, state as of, count(*)::int as n, ${level} as level from fitting group by state
  union all select 'overdue', '', count(*)::int, coalesce(${level}, 1) from working where due_at <= $4::timestamptz
  union all select 'age', greatest(age, 1)::text, count(*)::int, ${level} from working group by 2
  union all ${inWeeks("created", "created_at")}
  union all ${inWeeks("completed", "completed_at")}
  union all ${inWeeks("verified", "verified_at")}`;

function shown(ctx: Ctx, counts: readonly Count[]): ActionFigures {
  const asOf = ctx.now.toISOString();
  const count = (what: string, of = "") => {
    const { n, level } = counts.find((one) => one.what === what && one.of === of) ?? { n: 0, level: 1 };
    const classification = ctx.visible[level - 1] as string;
    return { value: n, unit: "actions", asOf, fetchedAt: asOf, source: "dais", method, classification, freshness };
  };
  const mondays = counts.filter(({ what }) => what === "created").map(({ of }) => of);
  return {
    byState: actionStates.map((state) => ({ state, count: count("state", state) })),
    overdue: count("overdue"),
    ageing: ages.map((age, n) => ({ ...age, count: count("age", String(n + 1)) })),
    weeks: mondays
      .toSorted()
      .reverse()
      .map((from) => ({
        ...{ from, created: count("created", from), completed: count("completed", from) },
        verified: count("verified", from),
      })),
  };
}
const [method, freshness] = ["derived", "fresh"] as const;
