import type { Ctx } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { mapped } from "../columns.ts";
import { some } from "../rows.ts";
import { type Row, show } from "../workflow.ts";
import { type Filters, isSearch, type Sort } from "./filters.ts";
import { statementOf } from "./statement.ts";

type Paging = { cursor?: string; limit: number };
/** What tells one list from another, for its cursors. */
type Query = Paging & Record<string, unknown>;

/**
 * A page of the signals that fit, of those that the caller sees. One exchange with Postgres.
 * @throws invalid_cursor
 */
export async function searched(ctx: Ctx, query: Query, filters: Filters, sort: Sort) {
  const after = positionOf(ctx, query) as [string, string] | null;
  const rows = await found(ctx, filters, sort, query.limit + 1, after);
  const moment = (row: Row) => (sort === "-updatedAt" ? row.updatedAt : row.occurredAt);
  return pageOf(ctx, query, rows, show, (row) => [moment(row).toISOString(), row.id]);
}

async function found(
  ctx: Ctx,
  filters: Filters,
  sort: Sort,
  limit: number,
  after: [string, string] | null,
): Promise<Row[]> {
  if (!isSearch(filters) && sort !== "-updatedAt") return some(ctx, { ...filters, sort, limit: limit - 1 }, after);
  const { text, params } = statementOf(ctx, { filters, sort, limit, after });
  return (await ctx.send(text, params)).map(mapped);
}
