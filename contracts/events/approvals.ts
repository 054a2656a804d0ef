import { z } from "zod";
import { Subject } from "../approvals/shape.ts";
import { approvalStates, mostApprovers } from "../approvals/values.ts";
import { exampleApproval } from "../examples/approvals.ts";
import { officerId } from "../examples/people.ts";
import { event, movePayload, overdueEvent } from "../kit/event.ts";
import { typeId } from "../kit/ids.ts";

const { id, subject } = exampleApproval;
const permission = "approval.read";
const about = Subject.nullable().default(null).describe("What it is about, as the request said.");
const step = z.int().min(1).max(mostApprovers);

const moved = (said: string, to: (typeof approvalStates)[number], reason: string | null) =>
  event({
    about: said,
    version: 1,
    permission,
    payload: movePayload("apr", approvalStates).extend({ subject: about }),
    example: { id, from: "pending", to, reason, subject },
  });
const told = (said: string) =>
  event({
    about: said,
    version: 1,
    permission,
    payload: z.object({ id: typeId("apr"), subject: about }),
    example: { id, subject },
  });

/** What is told of approvals. Who requested one for a module of theirs hears of the outcome by its `subject`. */
export const approvalEvents = {
  "approval.requested": told("Somebody, or a part of the system, asks people to approve something."),
  "approval.voted": event({
    about: "Somebody decided a step of an approval which that alone does not decide.",
    version: 1,
    permission,
    payload: z.object({ id: typeId("apr"), step, decision: z.enum(["approve", "refuse"]) }),
    example: { id, step: 1, decision: "approve" },
  }),
  "approval.overdue": overdueEvent({
    about: "An approval has waited for too long.",
    permission,
    kind: "apr",
    states: approvalStates,
    example: { id, state: "pending" },
  }),
  "approval.granted": moved("Enough people approved it, or chose the same option.", "granted", "As in the budget."),
  "approval.refused": moved("So many refused that it can't be granted any more.", "refused", "Too dear."),
  "approval.expired": moved("Nobody decided in time.", "expired", "Nobody decided in time."),
  "approval.withdrawn": moved("Who requested it took it back.", "withdrawn", null),
  "approval.escalated": told("The deadline has passed: whom the request names for that may decide now, too."),
  "approval.passed": event({
    about: "Whoever should decide a step can't any more, and it passed to their deputy of today.",
    version: 1,
    permission,
    payload: z.object({ id: typeId("apr"), step, toId: typeId("per") }),
    example: { id, step: 1, toId: officerId },
  }),
  "approval.stalled": event({
    about:
      "Nobody can decide a step any more: whoever is named can't, and has no deputy today who could; or of the group, or of those who hold the permission, too few are left for what is needed.",
    version: 1,
    permission,
    payload: z.object({ id: typeId("apr"), step }),
    example: { id, step: 1 },
  }),
};
