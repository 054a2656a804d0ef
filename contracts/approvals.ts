import { z } from "zod";
import { Approval, ApprovalId, Approver, OptionKey, Subject } from "./approvals/shape.ts";
import { approvalStates, mostApprovers, mostOptions } from "./approvals/values.ts";
import { approvalEvents } from "./events/approvals.ts";
import {
  exampleApproval as example,
  grantedApproval,
  refusedApproval,
  withdrawnApproval,
} from "./examples/approvals.ts";
import { typeId } from "./kit/ids.ts";
import { MoneyInput } from "./kit/money.ts";
import { movesOutput } from "./kit/moves.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, line, NameInput, text, Version } from "./kit/shapes.ts";
import { approvalProblems } from "./problems/approvals.ts";

export { Approval } from "./approvals/shape.ts";

const { id, title, details, amount } = example;

const { query, command, events } = capability({
  name: "approvals",
  title: "Approvals",
  about:
    "What people decide about, whatever it is: a payment, a choice, a limit. A request names who decides, how many of them it needs, and until when. Nobody approves what they requested, and each person counts once.",
  permissions: {
    "approval.read": "See approvals and who stands where, within the caller's clearance.",
    "approval.request": "Ask people to approve something.",
    "approval.approve": "Approve what waits for one.",
    "approval.refuse": "Refuse what waits for one.",
    "approval.withdraw": "Take back what one requested.",
  },
  problems: approvalProblems,
  events: approvalEvents,
});
export type ApprovalEvents = typeof events;

const moving = ["approval_not_found", "approval_changed", "approval_wrong_state"] as const;
const deciding = [...moving, "four_eyes", "approval_expired", "approval_voted", "approval_not_yours"] as const;
const comment = line(2000);

/** What a request says. */
export const ApprovalInput = z.strictObject({
  title: line(200),
  details: text(10_000).default(""),
  subject: z.strictObject(Subject.shape).nullable().default(null),
  entityId: typeId("ent").nullable().default(null).describe("Delegations for this entity's things cover it."),
  classification: Classification,
  amount: MoneyInput.nullable().default(null),
  options: z
    .array(z.strictObject({ key: OptionKey, label: NameInput, amount: MoneyInput.nullable().default(null) }))
    .max(mostOptions)
    .default([])
    .describe("What approvers choose among; none: they say yes or no."),
  approvers: z
    .array(Approver)
    .min(1)
    .max(mostApprovers)
    .describe("Each is a step with one decision. In order, it is this one."),
  needed: z
    .int()
    .min(1)
    .max(mostApprovers)
    .optional()
    .describe("How many people must approve, or choose the same option: 1 is any of them; without it, all."),
  inOrder: z.boolean().default(false),
  deadlineAt: Instant.nullable().default(null),
  escalateTo: Approver.nullable()
    .default(null)
    .describe("Who may decide open steps, too, for as long again, once the deadline has passed."),
});

export const approvals = router({
  list: query({
    rest: "GET /approvals",
    summary: "List approvals, newest first",
    permission: "approval.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      state: z.enum(approvalStates).optional(),
      subjectType: Subject.shape.type.optional().describe("Only those about this kind of thing."),
      subjectId: Subject.shape.id.optional(),
    }),
    output: page(Approval),
    examples: [
      { title: "What is to be decided", input: { state: "pending" }, output: { items: [example], nextCursor: null } },
    ],
  }),
  get: query({
    rest: "GET /approvals/{id}",
    summary: "Read one approval, and who stands where",
    permission: "approval.read",
    problems: ["approval_not_found"],
    input: z.strictObject({ id: ApprovalId }),
    output: Approval,
    examples: [{ title: "One approval", input: { id }, output: example }],
  }),
  moves: query({
    rest: "GET /approvals/{id}/moves",
    summary: "Say whether the caller may decide now, and why not",
    permission: "approval.read",
    problems: ["approval_not_found"],
    input: z.strictObject({ id: ApprovalId }),
    output: movesOutput(approvalStates),
    examples: [
      {
        title: "For the person who requested it",
        input: { id },
        output: {
          items: [
            { event: "approve", to: "granted", allowed: false, why: "four_eyes" },
            { event: "refuse", to: "refused", allowed: false, why: "four_eyes" },
            { event: "withdraw", to: "withdrawn", allowed: true, why: null },
          ],
        },
      },
    ],
  }),
  request: command({
    rest: "POST /approvals",
    summary: "Ask people to approve something",
    description:
      "It waits for the approvers, all at once or in order. It is granted when `needed` people have approved, or chosen the same option; and refused as soon as that has become impossible. What it says never changes: who wants something else withdraws it and asks again.",
    permission: "approval.request",
    problems: [
      ...(["approval_approver_unknown", "approval_approver_unfit", "approval_approver_twice"] as const),
      ...(["approval_needed_too_many", "approval_option_twice", "approval_deadline"] as const),
      ...(["approval_entity_unknown", "approval_classification_unknown"] as const),
    ],
    status: 201,
    location: "/approvals/{id}",
    agent: "allow",
    input: ApprovalInput,
    output: Approval,
    examples: [
      {
        title: "A payment",
        input: {
          ...{ title, details, classification: "internal", amount, approvers: ["approval.approve"] },
          subject: example.subject,
        },
        output: example,
      },
    ],
  }),
  approve: command({
    rest: "POST /approvals/{id}/approve",
    summary: "Approve, or choose an option",
    description:
      "The caller's step is decided. Only a person may, whom an open step waits for: by name, in a group, by a permission, as a deputy, or by a delegation; never who requested it. Where that makes enough, it is granted.",
    permission: "approval.approve",
    problems: [...deciding, "approval_option_required", "approval_option_unknown"],
    assurance: { mfa: true, maxAgeSeconds: 300 },
    input: z.strictObject({
      id: ApprovalId,
      version: Version,
      option: OptionKey.nullable().default(null).describe("Which of its options, where it has any."),
      comment: comment.nullable().default(null),
    }),
    output: Approval,
    examples: [{ title: "Yes", input: { id, version: 1, comment: "As in the budget." }, output: grantedApproval }],
  }),
  refuse: command({
    rest: "POST /approvals/{id}/refuse",
    summary: "Refuse what waits for the caller",
    description: "The caller's step is decided. Where enough can't approve any more, it is refused.",
    permission: "approval.refuse",
    problems: [...deciding, "person_required"],
    input: z.strictObject({ id: ApprovalId, version: Version, reason: comment.describe("Why. Kept on record.") }),
    output: Approval,
    examples: [{ title: "No", input: { id, version: 1, reason: "Too dear." }, output: refusedApproval }],
  }),
  withdraw: command({
    rest: "POST /approvals/{id}/withdraw",
    summary: "Take back what one requested",
    description: "Who requested it may, and a person behind that: an agent's owner, a key's maker.",
    permission: "approval.withdraw",
    problems: [...moving, "approval_foreign"],
    agent: "allow",
    input: z.strictObject({ id: ApprovalId, version: Version, reason: comment.nullable().default(null) }),
    output: Approval,
    examples: [{ title: "No longer wanted", input: { id, version: 1 }, output: withdrawnApproval }],
  }),
});
