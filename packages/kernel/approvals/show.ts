import type { Approval } from "@dais/contracts/approvals";
import { idOf } from "@dais/contracts/kit/ids";
import { type ApprovalRow, openSteps } from "./steps.ts";

/** The row as the contract shows it. */
export function showApproval(row: ApprovalRow): Approval {
  const open = new Set(openSteps(row));
  const amount = row.amount === null || row.currency === null ? null : { amount: row.amount, currency: row.currency };
  return {
    id: idOf("apr", row.id),
    title: row.title,
    details: row.details,
    subject: subjectOf(row),
    entityId: row.entityId && idOf("ent", row.entityId),
    amount,
    options: row.options.map(({ key, label, amount }) => ({ key, label: { en: label.en, ar: label.ar }, amount })),
    needed: row.needed,
    inOrder: row.inOrder,
    steps: row.steps.map(({ approver, standIn, decision, option, by, onBehalfOf, comment, at }, n) => ({
      ...{ order: n + 1, approver, standIn, open: open.has(n), decision, option, by, onBehalfOf, comment, at },
    })),
    deadlineAt: row.deadlineAt?.toISOString() ?? null,
    escalateTo: row.escalateTo,
    escalatedAt: row.escalatedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    requestedBy: row.requestedBy,
    outcome: row.state === "granted" ? outcomeOf(row, amount) : null,
    contentSha256: row.contentSha256,
    classification: row.classification,
    state: row.state,
    stateReason: row.stateReason,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** What events say that it is about. */
export const subjectOf = ({ subjectType, subjectId }: Pick<ApprovalRow, "subjectType" | "subjectId">) =>
  subjectType === null || subjectId === null ? null : { type: subjectType, id: subjectId };

/** What is decided about. Its digest is what a vote is for. */
export const contentOf = (row: Omit<ApprovalRow, "contentSha256">) => ({
  ...{ title: row.title, details: row.details, subject: subjectOf(row), entityId: row.entityId },
  ...{ amount: row.amount, currency: row.currency, options: row.options, needed: row.needed, inOrder: row.inOrder },
  ...{ approvers: row.steps.map(({ approver }) => approver), classification: row.classification },
});

/** An option's own amount is what was granted, where it has one. */
function outcomeOf({ options, outcomeOption: option }: ApprovalRow, amount: Approval["amount"]): Approval["outcome"] {
  return { option, amount: options.find(({ key }) => key === option)?.amount ?? amount };
}
