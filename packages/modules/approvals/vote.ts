import type { Approval } from "@dais/contracts/approvals";
import { idOf } from "@dais/contracts/kit/ids";
import type { StepRow } from "@dais/drizzle/schema/approvals";
import { showApproval } from "@dais/kernel/approvals/show";
import { type ApprovalRow, tally } from "@dais/kernel/approvals/steps";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { holdFor, moveHeld } from "@dais/kernel/machine-many";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { begun, stillWaiting } from "@dais/kernel/waiting";
import { insertVote, writeSteps } from "./rows.ts";
import { stepFor } from "./turn.ts";
import { workflow } from "./workflow.ts";

type Vote = {
  id: string;
  version: number;
  decision: "approve" | "refuse";
  option: string | null;
  comment: string | null;
};

/**
 * Decides the caller's step of an approval, which is held meanwhile: two who would decide it at once come one after the other, and the second
 * has seen another version. Where the vote decides all of it, it moves; otherwise it goes on waiting for the others.
 * @throws what `holdFor` does; approval_option_required, approval_option_unknown
 */
export async function vote(ctx: Ctx, { id, version, ...said }: Vote): Promise<Approval> {
  const held = await holdFor(ctx, workflow, id, said.decision, version);
  const { row } = held;
  possible(row, said);
  const at = await stepFor(ctx, row);
  if (at === null) throw new Problem("approval_not_yours");
  const by = { by: ctx.actor.id, onBehalfOf: ctx.actor.delegation?.fromId ?? null, at: ctx.now.toISOString() };
  const steps = row.steps.map((step, n): StepRow => (n === at ? { ...step, ...said, ...by } : step));
  const voted = insertVote(ctx, row, at, steps[at] as StepRow);
  const outcome = tally({ ...row, steps });
  if (outcome === null) return goesOn(ctx, row, steps, at, voted);
  const event = outcome.granted ? "approve" : "refuse";
  const option = outcome.granted ? outcome.option : null;
  const reason = (outcome.granted ? null : outcome.reason) ?? said.comment;
  const [after] = await Promise.all([
    moveHeld(ctx, workflow, held, event, { reason, given: { steps, option } }),
    voted,
  ]);
  return after;
}

/** @throws approval_option_required, approval_option_unknown */
function possible({ options }: ApprovalRow, { decision, option }: Omit<Vote, "id" | "version">): void {
  if (decision === "refuse") return;
  const keys = options.map(({ key }) => key);
  if (option === null && keys.length > 0) throw new Problem("approval_option_required", { options: keys });
  if (option !== null && !keys.includes(option)) throw new Problem("approval_option_unknown", { options: keys });
}

/** It is on record, and waits for the others: since when it did, or, in order, since now for the next. */
async function goesOn(ctx: Ctx, before: ApprovalRow, steps: StepRow[], at: number, voted: Promise<unknown>) {
  const after: ApprovalRow = { ...before, steps, version: before.version + 1, updatedAt: ctx.now };
  await Promise.all([voted, writeSteps(ctx, after)]);
  const { id, version, classification, entityId, contentSha256 } = after;
  const { decision, comment } = steps[at] as StepRow & { decision: "approve" | "refuse" };
  const resource = { type: "approval", id, version, classification };
  const [was, is] = [showApproval(before), showApproval(after)];
  // From a state to the same one: that is no hand in what is decided about.
  const stays = { event: decision, from: before.state, to: after.state };
  const judged = { fourEyes: true, contentSha256, step: at + 1 };
  record(ctx, { resource, before: was, after: is, ...stays, reason: comment, decision: judged });
  (after.inOrder ? begun : stillWaiting)(ctx, workflow, after);
  const payload = { id: idOf("apr", id), step: at + 1, decision };
  emit(ctx, { name: "approval.voted", resource: { ...resource, entityId }, payload });
  return is;
}
