import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { moveEach } from "@dais/kernel/machine-many";
import { task } from "@dais/kernel/task";
import { workflow } from "../workflow.ts";
import { goesOn } from "./due.ts";

/**
 * Ends a dispatch of which nothing more will come: what it had reserved of the day's cap and did not use is free again.
 * @returns whether it did
 */
export const finish = task({
  name: "dispatches.finish",
  action: "dispatch.finish",
  quiet: true,
  async run(ctx: Ctx, dispatchId: string): Promise<boolean> {
    const [row] = await ctx.send(held, [ctx.tenant.id, dispatchId]);
    if (!row || row.on) return false;
    const used = row.used as number;
    if (row.state === "running") await moveEach(ctx, workflow, "finish", [{ id: dispatchId, given: { used } }]);
    else {
      await ctx.send(over, [ctx.tenant.id, ctx.now.toISOString(), dispatchId, used]);
      const resource = { type: "dispatch", id: dispatchId, classification: row.classification as string };
      record(ctx, { resource, after: { id: idOf("dsp", dispatchId), finishedAt: ctx.now.toISOString() } });
    }
    await ctx.send(freed, [ctx.tenant.id, row.day, Math.max(0, (row.reserved as number) - used)]);
    return true;
  },
});

/** What a vendor took, or may have taken, was used. */
const held = `
  select d.state, d.day::text as day, d.reserved, d.classification, (${goesOn} or d.addressed_at is null and d.state = 'running') as on,
    (select count(*)::int from dispatch_attempts a where a.dispatch_id = d.id and a.tenant_id = $1 and a.channel <> 'in_app'
      and a.state in ('taken', 'unknown', 'undetermined')) as used
  from dispatches d where d.tenant_id = $1 and d.id = $2
    and (d.state = 'running' or (d.state = 'stopped' and d.finished_at is null)) for no key update of d`;
const over = `
  update dispatches set finished_at = $2, reserved = $4, version = version + 1, updated_at = $2 where tenant_id = $1 and id = $3`;
const freed = `
  update dispatch_days set reserved = greatest(0, reserved - $3::int) where tenant_id = $1 and day = $2::date and $3::int > 0`;
