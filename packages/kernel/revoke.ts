import type { Ctx } from "./context.ts";

/** Ends everything that processes remember of an actor's credentials, before and after the commit. `actorId` is its public id. */
export function revoke(ctx: Ctx, actorId: string): void {
  ctx.written.revoked.add(actorId);
}
