import type { Ctx } from "./context.ts";

/** Which of a person's sessions end: the one with `id`, or all but `except`. Ids are public ones. */
export type Ending = { personId: string; id: string } | { personId: string; except: string | null };

/** Ends everything that processes remember of an actor's credentials, before and after the commit. `actorId` is its public id. */
export function revoke(ctx: Ctx, actorId: string): void {
  ctx.written.revoked.add(actorId);
}

/** Ends sessions of a person of the caller's tenant, before the commit and, should one have been opened meanwhile, after it. */
export function endSessions(ctx: Ctx, ending: Ending): void {
  ctx.written.ended.push(ending);
}
