import type { Ctx } from "@dais/kernel/context";
import { type Conditions, conditionsOf, type Filters, type Put, type Sort } from "./filters.ts";
import { sampled } from "./sampled.ts";
import { all, type Order, stretchOf } from "./stretch.ts";

export type Wanted = { filters: Filters; sort: Sort; limit: number; after: readonly [string, string] | null };
export type Statement = { text: string; params: unknown[] };

/** The statement that finds signals. There are a few dozens of texts, whatever is asked for: each is prepared once. */
export function statementOf(ctx: Ctx, { filters, sort, limit, after }: Wanted): Statement {
  const params: unknown[] = [];
  const put: Put = (value, type) => `$${params.push(value)}::${type}`;
  const conditions = conditionsOf(ctx, filters, put);
  const order = orderOf(sort, after, put);
  const most = put(limit, "int");
  const way = conditions.picks.length > 0 ? picked : conditions.words || conditions.place ? sampled : walked;
  return { text: way(conditions, order, most), params };
}

function orderOf(sort: Sort, after: Wanted["after"], put: Put): Order {
  const at = sort === "-updatedAt" ? "updated_at" : "occurred_at";
  const [by, beyond] = sort === "occurredAt" ? (["asc, id asc", ">"] as const) : (["desc, id desc", "<"] as const);
  return {
    at,
    by,
    after: after ? `and (${at}, id) ${beyond} (${put(after[0], "timestamptz")}, ${put(after[1], "uuid")})` : "",
  };
}

/** Where nothing but the list's own index helps: along it, until there are enough. */
function walked(conditions: Conditions, order: Order, most: string): string {
  const { stretch, rest } = stretchOf(conditions, order);
  return `select ${all} from (select * from signals where ${stretch} order by ${order.at} ${order.by} offset 0) as s
    where ${rest} order by ${order.at} ${order.by} limit ${most}`;
}

/**
 * Where an index names the few that fit. Here as elsewhere, `offset 0` is a wall: on its one side is what an index is chosen by, on the other
 * what is looked at in the rows that it leads to.
 */
function picked(conditions: Conditions, order: Order, most: string): string {
  const { tenant, picks, words, place } = conditions;
  const { within, rest } = stretchOf(conditions, order);
  const others = [within, rest, ...(words ? [words.plain] : []), ...(place ? [place.plain, place.exact] : [])];
  return `select ${all} from (select * from signals where ${tenant} and ${picks.join(" and ")} offset 0) as s
    where ${others.join(" and ")} order by ${order.at} ${order.by} limit ${most}`;
}
