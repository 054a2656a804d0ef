import type { Approval } from "@dais/contracts/approvals";
import { approvalWorkflow } from "@dais/contracts/workflows/approval";
import { approvals } from "@dais/drizzle/schema/approvals";
import { contentOf, showApproval, subjectOf } from "@dais/kernel/approvals/show";
import { approvalWaiting } from "@dais/kernel/approvals/steps";
import type { Workflow } from "@dais/kernel/machine";
import { along, machine } from "./machine.ts";
import { policies } from "./policies.ts";

/** The approval as a thing whose state moves. */
export const workflow: Workflow<typeof approvals, Approval> = {
  spec: approvalWorkflow,
  idKind: "apr",
  table: approvals,
  machine,
  along,
  show: showApproval,
  payload: (row) => ({ subject: subjectOf(row) }),
  waiting: approvalWaiting,
  policies,
  content: contentOf,
  problems: { notFound: "approval_not_found", wrongState: "approval_wrong_state", changed: "approval_changed" },
};
