import type { Ctx } from "@dais/kernel/context";
import { mapped } from "./columns.ts";
import { type Conditions, conditionsOf, type Filters, type Put } from "./search/filters.ts";
import type { Row } from "./workflow.ts";

export type { Filters } from "./search/filters.ts";

/** How many signals fit, of those that the caller sees; `most` at most. */
export async function countOf(ctx: Ctx, filters: Filters, most: number): Promise<number> {
  const [params, put] = putting();
  const where = whereOf(conditionsOf(ctx, filters, put));
  const text = `select count(*)::int as count from (select 1 from signals where ${where} limit ${put(most, "int")}) as found`;
  const [row] = await ctx.send(text, params);
  return row?.count as number;
}

const first = "00000000-0000-0000-0000-000000000000";

/** Holds the next signals, in the order of their ids, that fit and were there at a time. */
export async function holdNext(
  ctx: Ctx,
  filters: Filters,
  { made, after, limit }: { made: string; after: string | null; limit: number },
): Promise<Row[]> {
  const [params, put] = putting();
  const where = `${whereOf(conditionsOf(ctx, filters, put))} and created_at <= ${put(made, "timestamptz")}`;
  const text = `select * from signals where ${where} and id > ${put(after ?? first, "uuid")}
    order by id limit ${put(limit, "int")} for no key update`;
  return (await ctx.send(text, params)).map(mapped);
}

function putting(): [unknown[], Put] {
  const params: unknown[] = [];
  return [params, (value, type) => `$${params.push(value)}::${type}`];
}

/** All of them: a value that no condition speaks of would have no type. */
const whereOf = ({ mine, times, rest, picks, words, place }: Conditions): string =>
  [mine, ...picks, ...Object.values(times), rest]
    .concat(words ? [words.plain] : [], place ? [place.plain, place.exact] : [])
    .join(" and ");
