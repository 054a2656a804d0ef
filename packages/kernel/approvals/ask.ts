import type { Approval, ApprovalInput } from "@dais/contracts/approvals";
import { longestDeadline } from "@dais/contracts/approvals/values";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { approvalWorkflow } from "@dais/contracts/workflows/approval";
import { approvals, type StepRow } from "@dais/drizzle/schema/approvals";
import { getTableColumns } from "drizzle-orm";
import type { z } from "zod";
import { record } from "../audit.ts";
import { digest } from "../canonical.ts";
import type { Ctx } from "../context.ts";
import { meaning } from "../faults.ts";
import { rowsInserter } from "../insert.ts";
import { emit } from "../outbox.ts";
import { Problem } from "../problem.ts";
import { begun } from "../waiting.ts";
import { allFit } from "./fit.ts";
import { contentOf, showApproval, subjectOf } from "./show.ts";
import { type ApprovalRow, approvalWaiting } from "./steps.ts";

/** What is asked, as `approvals.request` has it after its defaults; what a module leaves out is as there. */
export type Asked = Pick<z.input<typeof ApprovalInput>, "title" | "classification" | "approvers"> &
  Partial<z.input<typeof ApprovalInput>>;

/**
 * Asks people to approve something, within the caller's own change: both happen, or neither. The outcome comes as an event,
 * `approval.granted`, `approval.refused`, `approval.expired` or `approval.withdrawn`, with the `subject` that was said here. The people
 * behind the caller approve nothing of it.
 * @throws approval_classification_unknown, approval_deadline, approval_needed_too_many, approval_option_twice, approval_approver_twice,
 * approval_approver_unknown, approval_approver_unfit, approval_entity_unknown
 */
export async function askApproval(ctx: Ctx, asked: Asked): Promise<Approval> {
  const row = rowOf(ctx, asked);
  const named = [...asked.approvers, ...(asked.escalateTo ? [asked.escalateTo] : [])];
  await Promise.all([allFit(ctx, named, asked.classification), insert(ctx, row)]);
  const after = showApproval(row);
  const { id, version, classification, entityId } = row;
  const resource = { type: "approval", id, version, classification };
  record(ctx, { resource, after, event: "request", from: null, to: row.state });
  begun(ctx, { spec: approvalWorkflow, waiting: approvalWaiting }, row);
  const payload = { id: idOf("apr", id), subject: subjectOf(row) };
  emit(ctx, { name: "approval.requested", resource: { ...resource, entityId }, payload });
  return after;
}

const day = 86_400_000;

function rowOf(ctx: Ctx, asked: Asked): ApprovalRow {
  const { now, visible } = ctx;
  const {
    approvers,
    options = [],
    needed = approvers.length,
    subject = null,
    amount = null,
    escalateTo = null,
  } = asked;
  if (!visible.includes(asked.classification)) throw new Problem("approval_classification_unknown");
  const deadlineAt = asked.deadlineAt ? new Date(asked.deadlineAt) : null;
  const ms = deadlineAt && deadlineAt.getTime() - now.getTime();
  if (ms === null ? escalateTo !== null : ms <= 0 || ms > longestDeadline * day) throw new Problem("approval_deadline");
  if (needed > approvers.length) throw new Problem("approval_needed_too_many");
  if (new Set(options.map(({ key }) => key)).size < options.length) throw new Problem("approval_option_twice");
  const people = approvers.filter((one) => one.startsWith("per_"));
  if (new Set(people).size < people.length) throw new Problem("approval_approver_twice");
  const row: Omit<ApprovalRow, "contentSha256"> = {
    id: ctx.newId(),
    tenantId: ctx.tenant.id,
    title: asked.title,
    details: asked.details ?? "",
    subjectType: subject?.type ?? null,
    subjectId: subject?.id ?? null,
    entityId: asked.entityId ? uuidOf(asked.entityId) : null,
    amount: amount?.amount ?? null,
    currency: amount?.currency ?? null,
    options: options.map(({ key, label: { en, ar = null }, amount = null }) => ({ key, label: { en, ar }, amount })),
    needed,
    inOrder: asked.inOrder ?? false,
    steps: approvers.map((approver) => ({ ...undecided, approver })),
    deadlineAt,
    escalateTo,
    escalatedAt: null,
    // A second term as long as the first, for whom it is escalated to.
    expiresAt: deadlineAt && new Date(deadlineAt.getTime() + (escalateTo ? (ms ?? 0) : 0)),
    requestedBy: ctx.actor.id,
    persons: [...ctx.actor.persons],
    outcomeOption: null,
    classification: asked.classification,
    state: "pending",
    stateReason: null,
    decidedAt: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  return { ...row, contentSha256: digest(contentOf(row)) };
}

const undecided: Omit<StepRow, "approver"> = {
  ...{ standIn: null, stuck: false, decision: null, option: null, by: null, onBehalfOf: null, comment: null, at: null },
};

/** @throws approval_entity_unknown */
function insert(ctx: Ctx, row: ApprovalRow): Promise<unknown> {
  const columns = Object.entries(getTableColumns(approvals));
  const named = Object.fromEntries(columns.map(([field, { name }]) => [name, row[field as keyof ApprovalRow]]));
  const unknown = () => new Problem("approval_entity_unknown");
  return meaning({ approvals_entity: unknown }, insertRows(ctx.send, [named]));
}
const insertRows = rowsInserter(approvals, []);
