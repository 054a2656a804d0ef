import { type Conditions, marks } from "./filters.ts";
import { all, type Order, stretchOf } from "./stretch.ts";

/** How many of the first are looked at in any case. */
const few = 300;
/** How many times as long as theirs the stretch is in which the index is asked first. */
const longer = 12;
/** By how much more than should be enough it goes on from there. */
const ample = 3;

/**
 * The statement that finds signals by words or a place. Where nearly all have them, the first of the list tell at once; where nearly none
 * has, the index does. In between the index leads to many more than make a page, in no order. So it is asked for one stretch of days
 * after the other: `near` are the first of the list, looked at one by one; `next` is a stretch some times as long; how many have been
 * found by then says how long the third should be (`far`); and `rest` is all that is left. Each only where those before were not enough.
 */
export function sampled(conditions: Conditions, order: Order, most: string): string {
  const { at, by } = order;
  const { stretch, rest } = stretchOf(conditions, order);
  const { words, place } = conditions;
  const led = [words?.byIndex(), place?.byIndex()].filter(Boolean).join(" and ");
  const stages = at === "occurred_at" ? byDays(order, conditions, most) : atOnce(conditions);
  return `
  with near as materialized (
    select id, ${at} as at, ${[words?.plain, place?.plain, place?.exact, rest].filter(Boolean).join(" and ")} as fits
    from (select * from signals_seen where ${stretch} order by ${at} ${by} limit ${few}) as s
  ), seen as materialized (
    select count(*) filter (where fits) as found, count(*) filter (where fits) >= ${most} or count(*) < ${few} as enough,
      max(at) - min(at) as span, ${by.startsWith("asc") ? "max" : "min"}(at) as edge
    from near
  ), ${stages.map((stage) => asked(stage, led, conditions, order, most)).join(", ")}, found as (
    select id, at from near where fits
    ${stages.map(({ name }) => `union all select id, at from ${name}`).join(" ")}
    order by 2 ${by.replace("id", "1")} limit ${most}
  )
  select ${all} from found join signals s on s.id = found.id
  where s.${conditions.tenant} order by found.at ${by.replace("id", "found.id")}`;
}

/** One time of asking the index: when, between which moments, and what else is to be so in a row. `before` is what it needs to know. */
type Stage = { name: string; before?: string; when: string; days: readonly [string, string]; within: string };

const notSeen = "id <> all (select id from near)";

/** Of days only the order of occurrence tells. */
const atOnce = ({ since, until }: Conditions): Stage[] => [
  { name: "rest", when: "not (select enough from seen)", days: [since, until], within: notSeen },
];

function byDays({ by }: Order, { since, until }: Conditions, most: string): Stage[] {
  const upwards = by.startsWith("asc");
  const past = (edge: string) => `occurred_at ${upwards ? ">" : "<"} ${edge}`;
  const upTo = (edge: string) => `occurred_at ${upwards ? "<=" : ">="} ${edge}`;
  const days = (from: string, to: string) => (upwards ? ([from, to] as const) : ([to, from] as const));
  // Times have ends, also in Postgres.
  const further = (edge: string, times: string) =>
    `${edge} ${upwards ? "+" : "-"} least(span * (${times}), interval '4000 years')`;
  const [edge, nextEdge, farEdge] = [
    "(select edge from seen)",
    "(select edge from so_far)",
    "(select far_edge from so_far)",
  ];
  const next = `(select ${further("edge", `${longer}`)} from seen)`;
  return [
    {
      name: "next",
      when: "not (select enough from seen)",
      days: days(edge, next),
      // At the edge itself lie some that have been seen, and perhaps some that have not.
      within: `(${past(edge)} or ${notSeen}) and ${upTo(next)}`,
    },
    {
      name: "far",
      before: `so_far as materialized (
        select *, case when got = 0 then edge else ${further("edge", `${longer * ample} * (${most} - got)::float8 / got`)} end as far_edge
        from (select span, ${next} as edge, found + (select count(*) from next) as got, enough from seen) as counted)`,
      when: `(select not enough and got > 0 and got < ${most} from so_far)`,
      days: days(nextEdge, farEdge),
      within: `${past(nextEdge)} and ${upTo(farEdge)}`,
    },
    {
      name: "rest",
      when: `(select not enough and got + (select count(*) from far) < ${most} from so_far)`,
      days: days(farEdge, upwards ? until : since),
      within: past(farEdge),
    },
  ];
}

/**
 * `offset 0` is a wall: on its one side is what the index answers, on the other what is looked at in the rows that it leads to.
 */
function asked(stage: Stage, led: string, conditions: Conditions, order: Order, most: string): string {
  const { tenant, place } = conditions;
  const { within, rest } = stretchOf(conditions, order);
  const days = `${marks} && (select signal_days(${conditions.tenantId}, ${stage.days.join(", ")}))`;
  const others = [tenant, within, rest, place?.plain, place?.exact, stage.within].filter(Boolean).join(" and ");
  return `${stage.before ? `${stage.before}, ` : ""}${stage.name} as materialized (
    select id, ${order.at} as at from (
      select * from signals_seen where ${stage.when} and ${led} and ${days} offset 0
    ) as found where ${others} order by 2 ${order.by.replace("id", "1")} limit ${most}
  )`;
}
