import { officerId } from "./people.ts";

const now = "2026-01-06T04:00:00.000Z";

const open = {
  ...{ standIn: null, open: true, decision: null, option: null, by: null, onBehalfOf: null, comment: null, at: null },
} as const;

/** A payment that anybody with the permission may approve. */
export const exampleApproval = {
  id: "apr_01kejc8ht0e6ssypg6m30swm9a",
  title: "Cooling units for hall 4",
  details: "Three units, delivered before the summer.",
  subject: { type: "purchase", id: "PO-2026-0117" },
  entityId: null,
  amount: { amount: "1250000.00", currency: "AED" },
  options: [],
  needed: 1,
  inOrder: false,
  steps: [{ order: 1, approver: "approval.approve", ...open }],
  deadlineAt: null,
  escalateTo: null,
  escalatedAt: null,
  expiresAt: null,
  requestedBy: "key_01kejc8ht0e6ssypg6m30swmp2",
  outcome: null,
  contentSha256: "0d4b6f2a1c3e5d7f9b8a6c4e2d0f1a3b5c7d9e8f6a4b2c0d1e3f5a7b9c8d6e4f",
  classification: "internal",
  state: "pending",
  stateReason: null,
  decidedAt: null,
  version: 1,
  createdAt: now,
  updatedAt: now,
} as const;

const later = "2026-01-06T04:05:00.000Z";
const ended = (state: string, more: object) => ({
  ...exampleApproval,
  ...{ state, version: 2, decidedAt: later, updatedAt: later },
  ...more,
});
const voted = (decision: string, comment: string | null) => [
  { ...exampleApproval.steps[0], open: false, decision, by: officerId, comment, at: later },
];

export const grantedApproval = ended("granted", {
  steps: voted("approve", "As in the budget."),
  stateReason: "As in the budget.",
  outcome: { option: null, amount: exampleApproval.amount },
});
export const refusedApproval = ended("refused", { steps: voted("refuse", "Too dear."), stateReason: "Too dear." });
export const withdrawnApproval = ended("withdrawn", {
  steps: [{ ...exampleApproval.steps[0], open: false }],
  decidedAt: null,
});
