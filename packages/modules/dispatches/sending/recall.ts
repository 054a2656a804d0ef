import type { Ctx } from "@dais/kernel/context";
import { moveAll } from "@dais/kernel/machine";
import { task } from "@dais/kernel/task";
import { recipientWorkflow } from "@dais/modules/dispatchRecipients";

const batch = 500;

/**
 * Takes back what a stopped dispatch has not begun with, so many at once, and lets the clock do nothing more about the rest of its recipients.
 * @returns whether there may be more
 */
export const recall = task({
  name: "dispatches.recall",
  action: "dispatch.stop",
  quiet: true,
  async run(ctx: Ctx, dispatchId: string): Promise<boolean> {
    const where = "dispatch_id = (select (along->>'dispatchId')::uuid from given) and state = 'queued'";
    const moved = await moveAll(ctx, recipientWorkflow, "recall", {
      ...{ where, limit: batch, given: { dispatchId } },
      reason: "The dispatch was stopped.",
    });
    if (moved.length === batch) return true;
    const rested = await ctx.send(rest, [ctx.tenant.id, dispatchId, batch]);
    return rested.length === batch;
  },
});

const rest = `
  update dispatch_recipients r set next_at = null, escalate_at = null
  from (
    select id from dispatch_recipients where tenant_id = $1 and dispatch_id = $2 and state not in ('queued', 'sending')
      and (next_at is not null or escalate_at is not null) order by id limit $3 for no key update
  ) it
  where r.tenant_id = $1 and r.id = it.id returning 1`;
