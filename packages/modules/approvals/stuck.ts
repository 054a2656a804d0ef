import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { StepRow } from "@dais/drizzle/schema/approvals";
import { showApproval } from "@dais/kernel/approvals/show";
import { type ApprovalRow, openSteps, votersOf } from "@dais/kernel/approvals/steps";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { stillWaiting } from "@dais/kernel/waiting";
import { deputiesOf, waitingForUnfit, writeSteps } from "./rows.ts";
import { workflow } from "./workflow.ts";

/**
 * Steps that wait for somebody who was shut out, or lost the clearance or the permission, pass to their deputy of today who could decide; where
 * there is none, it is told once that they are stuck.
 * @returns uuid of the last approval that it looked at behind `after`, where there may be more
 */
export async function moveOn(ctx: Ctx, after: string | null, limit: number): Promise<string | null> {
  const found = await waitingForUnfit(ctx, after, limit);
  for (const { row, unfit } of found) await passOrTell(ctx, row, new Set(unfit.map((one) => idOf("per", one))));
  return found.length === limit ? (found.at(-1)?.row.id ?? null) : null;
}

async function passOrTell(ctx: Ctx, before: ApprovalRow, unfit: ReadonlySet<string>): Promise<void> {
  const steps = [...before.steps];
  const taken = new Set([...before.persons, ...votersOf(before), ...steps.map(({ approver }) => approver)]);
  const told: Told[] = [];
  const { classification } = before;
  for (const n of openSteps(before)) {
    const step = steps[n] as StepRow;
    if (!unfit.has(step.standIn ?? step.approver)) continue;
    const [toId] = (await deputiesOf(ctx, uuidOf(step.approver), classification))
      .map((one) => idOf("per", one))
      .filter((one) => !taken.has(one) && one !== step.standIn);
    if (toId === undefined && step.stuck) continue;
    steps[n] = toId === undefined ? { ...step, stuck: true } : { ...step, standIn: toId, stuck: false };
    if (toId !== undefined) taken.add(toId);
    told.push({ step: n + 1, toId: toId ?? null });
  }
  if (told.length > 0) await restate(ctx, before, steps, { reason: "Somebody can't decide it any more.", told });
}

/** A step that somebody else decides now, or nobody can. */
type Told = { step: number; toId: string | null };

/** Writes down that for steps of an approval, which is held, others wait than did, or nobody can; and tells it. It goes on waiting. */
export async function restate(
  ctx: Ctx,
  before: ApprovalRow,
  steps: StepRow[],
  { reason, told }: { reason: string; told: Told[] },
): Promise<void> {
  const after: ApprovalRow = { ...before, steps, version: before.version + 1, updatedAt: ctx.now };
  const { id, version, classification, entityId } = after;
  const resource = { type: "approval", id, version, classification };
  const stays = { event: "pass", from: before.state, to: after.state };
  record(ctx, { resource, before: showApproval(before), after: showApproval(after), ...stays, reason });
  stillWaiting(ctx, workflow, after);
  for (const { step, toId } of told) {
    const [of, payload] = [{ resource: { ...resource, entityId } }, { id: idOf("apr", id), step }];
    if (toId === null) emit(ctx, { name: "approval.stalled", ...of, payload });
    else emit(ctx, { name: "approval.passed", ...of, payload: { ...payload, toId } });
  }
  await writeSteps(ctx, after);
}
