import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { erasureEntries, erasures } from "@dais/drizzle/schema/erasures";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { and, asc, desc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Row } from "./workflow.ts";

/** At or below the caller's clearance. */
const seen = (ctx: Ctx) =>
  and(eq(erasures.tenantId, ctx.tenant.id), inArray(erasures.classification, [...ctx.visible]));

/** The row, unless it is not there for this caller. @throws erasure_not_found */
export async function find(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.db
    .select()
    .from(erasures)
    .where(and(seen(ctx), eq(erasures.id, uuidOf(id))));
  if (!row) throw new Problem("erasure_not_found");
  return row;
}

export function newest(
  ctx: Ctx,
  { state }: { state?: Row["state"] },
  before: [string, string] | null,
  limit: number,
): Promise<Row[]> {
  const { createdAt, id } = erasures;
  return ctx.db
    .select()
    .from(erasures)
    .where(
      and(
        seen(ctx),
        state ? eq(erasures.state, state) : undefined,
        before ? sql`(${createdAt}, ${id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}

/** Up to `limit` of its entries by their ids, after a position. One exchange, together with `find`. */
export async function entriesOf(ctx: Ctx, id: string, after: string | null, limit: number): Promise<string[]> {
  const { tenantId, erasureId, entryId } = erasureEntries;
  const rows = await ctx.db
    .select({ entryId })
    .from(erasureEntries)
    .where(
      and(eq(tenantId, ctx.tenant.id), eq(erasureId, uuidOf(id)), after ? gt(entryId, sql`${after}::uuid`) : undefined),
    )
    .orderBy(asc(entryId))
    .limit(limit);
  return rows.map((row) => idOf("aud", row.entryId));
}
