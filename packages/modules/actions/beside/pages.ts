import { uuidOf } from "@dais/contracts/kit/ids";
import { actionNotes } from "@dais/drizzle/schema/actionWork";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { sees } from "../rows.ts";

type Listing = { id: string; limit: number; cursor?: string };

/** A page of what belongs to an action, newest first. `fits`: SQL over its row. @throws action_not_found, invalid_cursor */
export async function pageBeside<Item>(
  ctx: Ctx,
  table: "action_notes" | "action_evidence",
  input: Listing,
  show: (row: Rows[number]) => Item,
  fits = "true",
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const after = positionOf(ctx, input);
  const text = `
    select * from ${table} where tenant_id = $1 and action_id = $2 and ${fits}
      ${after ? "and (at, id) < ($4::timestamptz, $5::uuid)" : ""} order by at desc, id desc limit $3`;
  const [rows, there] = await Promise.all([
    ctx.send(text, [ctx.tenant.id, uuidOf(input.id), input.limit + 1, ...(after ?? [])]),
    sees(ctx, input.id),
  ]);
  if (!there) throw new Problem("action_not_found");
  return pageOf(ctx, input, rows, show, (row) => [instant(row.at), row.id as string]);
}

/**
 * Both sides of something that belongs to an action, as the action's history tells them: under a name that none of its own fields has. Null:
 * it isn't there. Who did it and when, the entry itself says.
 */
export const sides = (
  of: "checklist" | "notes" | "evidence" | "watchers",
  id: string,
  [before, after]: [unknown, unknown],
) => ({
  before: { [`${of}.${id}`]: before },
  after: { [`${of}.${id}`]: after },
});

/** A moment as the database answers it, as the contract shows it. */
export const instant = (text: unknown): string => (actionNotes.at.mapFromDriverValue(text) as Date).toISOString();
