import type { dispatches as contract } from "@dais/contracts/dispatches";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { askApproval } from "@dais/kernel/approvals/ask";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { today } from "@dais/kernel/today";
import { raiseDailyMessages, settingsOf } from "@dais/modules/organisations";
import { dearest } from "./cost.ts";
import { dayOf } from "./day.ts";

/**
 * Asks people to let a day's dispatches come to more, or every day's.
 * @throws dispatch_day_past, dispatch_cap_not_raised, dispatch_cap_undecidable
 */
export const raiseCap: Handlers<typeof contract>["raiseCap"] = async (ctx, { day = today(ctx), cap, reason }) => {
  if (day !== null && day < today(ctx)) throw new Problem("dispatch_day_past", { today: today(ctx) });
  const { dailyMessages, prices } = (await settingsOf(ctx)).communications;
  const before = day === null ? dailyMessages : (await dayOf(ctx, day, dailyMessages)).cap;
  if (cap <= before) throw new Problem("dispatch_cap_not_raised", { cap: before });
  const { id: approvalId } = await undecidable(
    askApproval(ctx, {
      title: `Up to ${cap} messages ${day === null ? "every day" : `on ${day}`}, instead of ${before}`,
      details: reason,
      subject: { type: "dispatch_cap", id: day ?? idOf("org", ctx.tenant.id) },
      classification: ctx.visible[0] as string,
      amount: dearest(prices, cap - before),
      approvers: ["approval.approve"],
    }),
  );
  await ctx.send(
    "insert into dispatch_cap_requests (tenant_id, approval_id, day, cap, created_at) values ($1, $2, $3, $4, $5)",
    [ctx.tenant.id, uuidOf(approvalId), day, cap, ctx.now.toISOString()],
  );
  return { approvalId, day, cap };
};

/** @throws dispatch_cap_undecidable */
async function undecidable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Problem && error.code === "approval_approver_unfit")
      throw new Problem("dispatch_cap_undecidable");
    throw error;
  }
}

/** Raises what was approved, where it was asked for here: what an approval says of its subject proves nothing. */
export async function raise(ctx: Ctx, approvalId: string): Promise<void> {
  const [row] = await ctx.send(approved, [ctx.tenant.id, uuidOf(approvalId)]);
  if (!row) return;
  const { day, cap } = row as { day: string | null; cap: number };
  const own = { type: "organisation", id: ctx.tenant.id };
  const resource = day === null ? { ...own, version: (await raiseDailyMessages(ctx, cap)).version } : own;
  if (day !== null) {
    await ctx.send(raised, [ctx.tenant.id, day, cap]);
    record(ctx, { resource, after: { day, cap }, reason: "approved" });
  }
  emit(ctx, { name: "dispatch.cap_raised", resource, payload: { id: idOf("org", ctx.tenant.id), day, cap } });
}

const approved = `
  select to_char(r.day, 'YYYY-MM-DD') as day, r.cap from dispatch_cap_requests r
    join approvals a on a.tenant_id = $1 and a.id = r.approval_id and a.state = 'granted'
  where r.tenant_id = $1 and r.approval_id = $2`;

const raised = `
  insert into dispatch_days as d (tenant_id, day, cap, reserved) values ($1, $2, $3, 0)
  on conflict (tenant_id, day) do update set cap = greatest(coalesce(d.cap, 0), excluded.cap)`;
