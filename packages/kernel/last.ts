import type { Ctx } from "./context.ts";
import type { Rows } from "./lane.ts";

/**
 * A write whose answer nobody needs: it goes out together with the commit, so that it costs no exchange of its own. Where it fails, the
 * change does.
 */
export function sendLast(ctx: Ctx, send: () => Promise<Rows>): void {
  ctx.written.last.push(send);
}
