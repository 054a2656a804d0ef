import type { Ctx } from "@dais/kernel/context";
import { heldLike } from "./quiet.ts";
import { standingOf } from "./take.ts";

const lock = "hashtextextended('quiet hours ' || $1::text, 0)";

/** Until the end of this change nobody is roused: whoever it lets wait for their morning is there when that is done. */
export const holdPosture = (ctx: Ctx) => ctx.send(`select pg_advisory_xact_lock_shared(${lock})`, [ctx.tenant.id]);

/** Where the posture overrides quiet hours, all who wait only because of theirs have their turn now. */
export async function rouse(ctx: Ctx): Promise<void> {
  const [, { overrides }] = await Promise.all([
    ctx.send(`select pg_advisory_xact_lock(${lock})`, [ctx.tenant.id]),
    standingOf(ctx),
  ]);
  if (overrides) await ctx.send(roused, [ctx.tenant.id, ctx.now.toISOString(), heldLike]);
}

// Whoever somebody else holds has just had their turn, or needs none.
const roused = `
  update dispatch_recipients r set next_at = $2 from (
    select r.id from dispatch_recipients r join dispatches d on d.tenant_id = r.tenant_id and d.id = r.dispatch_id
    where r.tenant_id = $1 and r.next_at > $2 and r.state = 'queued' and r.state_reason like $3 and d.state = 'running'
    order by r.id for no key update of r skip locked
  ) it
  where r.tenant_id = $1 and r.id = it.id`;
