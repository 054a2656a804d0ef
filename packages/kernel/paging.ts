import { createHmac, timingSafeEqual } from "node:crypto";
import { digest } from "./canonical.ts";
import type { Ctx, Tenant } from "./context.ts";
import { Problem } from "./problem.ts";

type Position = readonly (string | number)[];
/** Whose list it is. */
type Lister = Pick<Ctx, "cursors" | "operation"> & { readonly tenant: Pick<Tenant, "id"> };

/**
 * The position that a list's cursor names, or null without one. A cursor is good for one tenant, operation, filter and sort only:
 * `query` is the input without `cursor` and `limit`.
 * @throws invalid_cursor
 */
export function positionOf(ctx: Lister, input: { cursor?: string; limit: number }): Position | null {
  if (!input.cursor) return null;
  const [body = "", mark = ""] = input.cursor.split(".");
  const given = Buffer.from(mark, "base64url");
  const right = signature(ctx, input, body);
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new Problem("invalid_cursor");
  return JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as Position;
}

/** One page out of up to `limit + 1` rows, with the cursor of the next where there is one. */
export function pageOf<Row, Item>(
  ctx: Lister,
  input: { cursor?: string; limit: number },
  rows: readonly Row[],
  show: (row: Row) => Item,
  position: (row: Row) => Position,
): { items: Item[]; nextCursor: string | null } {
  const items = rows.slice(0, input.limit).map(show);
  const last = rows[input.limit - 1];
  if (rows.length <= input.limit || !last) return { items, nextCursor: null };
  const body = Buffer.from(JSON.stringify(position(last))).toString("base64url");
  return { items, nextCursor: `${body}.${signature(ctx, input, body).toString("base64url")}` };
}

function signature(ctx: Lister, input: object, body: string): Buffer {
  const query = digest({ ...input, cursor: undefined, limit: undefined });
  return createHmac("sha256", ctx.cursors.key)
    .update([ctx.tenant.id, ctx.operation.path, query, body].join("\n"))
    .digest()
    .subarray(0, 18);
}
