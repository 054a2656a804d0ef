import { uuidOf } from "@dais/contracts/kit/ids";
import { signalNotes } from "@dais/drizzle/schema/signalWork";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { sees } from "./hold.ts";

type Table = "signal_notes" | "signal_links" | "signal_assessments";
type Listing = { id: string; limit: number; cursor?: string };
type Kept = Rows[number];

/**
 * A page of what belongs to a signal, or to one that turned out to be it, newest first. `fits`: SQL over the row `x`, with the levels
 * that the caller sees as $4.
 * @throws signal_not_found, invalid_cursor
 */
export async function pageBeside<Item>(
  ctx: Ctx,
  table: Table,
  input: Listing,
  show: (row: Kept) => Item,
  fits = "$4::text[] is not null",
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const after = positionOf(ctx, input);
  const text = `
    select x.* from ${table} x
    where x.tenant_id = $1 and (${fits}) ${after ? "and (x.at, x.id) < ($5::timestamptz, $6::uuid)" : ""}
      and x.signal_id in (select s.id from signals s where s.tenant_id = $1 and (s.id = $2 or s.merged_into = $2))
    order by x.at desc, x.id desc limit $3`;
  const [rows, there] = await Promise.all([
    ctx.send(text, [ctx.tenant.id, uuidOf(input.id), input.limit + 1, arrayOf(ctx.visible), ...(after ?? [])]),
    sees(ctx, input.id),
  ]);
  if (!there) throw new Problem("signal_not_found");
  return pageOf(ctx, input, rows, show, (row) => [instant(row.at), row.id as string]);
}

/** A moment as the database answers it, as the contract shows it. */
export const instant = (text: unknown): string => (signalNotes.at.mapFromDriverValue(text) as Date).toISOString();
