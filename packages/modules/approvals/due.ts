import { idOf } from "@dais/contracts/kit/ids";
import { showApproval, subjectOf } from "@dais/kernel/approvals/show";
import type { ApprovalRow } from "@dais/kernel/approvals/steps";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { moveAll } from "@dais/kernel/machine";
import { emit } from "@dais/kernel/outbox";
import { schedule } from "@dais/kernel/schedules";
import { stillWaiting } from "@dais/kernel/waiting";
import { z } from "zod";
import { count } from "./count.ts";
import { past, writeSteps } from "./rows.ts";
import { moveOn } from "./stuck.ts";
import { workflow } from "./workflow.ts";

const late = { where: "expires_at <= $2", reason: "Nobody decided in time." };

/**
 * Ends what nobody decided in time, lets those decide whom the deadline calls, and moves on what waits for people who can't decide.
 * @param batch What a step ends, escalates or looks at on the way at most, of each
 */
export const dueBy = (batch: number) =>
  job({
    name: "approvals.due",
    action: "approval.expire",
    quiet: true,
    schema: z.strictObject({}),
    retry: { limit: 3, delaySeconds: 10, backoff: true },
    expireSeconds: 120,
    async run(ctx: Ctx, _data, { position }): Promise<Step | undefined> {
      const after = (position as { after: string } | null)?.after ?? null;
      const ended = await moveAll(ctx, workflow, "expire", { ...late, limit: batch });
      const over = await past(ctx, batch);
      await Promise.all(over.map((row) => escalate(ctx, row)));
      // What can't be moved on is found each time: it goes on behind it, or it would never end.
      const last = await moveOn(ctx, after, batch);
      if (last !== null) return { next: { after: last } };
      return ended.length === batch || over.length === batch ? { next: null } : undefined;
    },
  });
const due = dueBy(200);

/** Since the deadline, whom the request names for that may decide open steps, too. */
async function escalate(ctx: Ctx, before: ApprovalRow): Promise<void> {
  const after: ApprovalRow = { ...before, escalatedAt: ctx.now, version: before.version + 1, updatedAt: ctx.now };
  const { id, version, classification, entityId } = after;
  const resource = { type: "approval", id, version, classification };
  const reason = "Its deadline has passed.";
  record(ctx, { resource, before: showApproval(before), after: showApproval(after), ...stays, reason });
  stillWaiting(ctx, workflow, after);
  const payload = { id: idOf("apr", id), subject: subjectOf(after) };
  emit(ctx, { name: "approval.escalated", resource: { ...resource, entityId }, payload });
  await writeSteps(ctx, after);
}
const stays = { event: "escalate", from: "pending", to: "pending" };

/** Nobody decides too late before that: this says so, and asks others in time. */
export const approvalJobs = {
  jobs: [due, count],
  schedules: [schedule({ name: "approvals.due", everySeconds: 60, job: due, data: {} })],
};
