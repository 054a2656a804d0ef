import { longestDeadline } from "../approvals/values.ts";
import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with a call that is about approvals. */
export const approvalProblems = {
  approval_not_found: {
    status: 404,
    title: "No such approval",
    meaning: "There is no approval with this id in the caller's organisation, or it lies above the caller's clearance.",
    remedy: "Check the id, or list approvals.",
  },
  approval_changed: {
    status: 412,
    title: "The approval has changed since",
    meaning:
      "Somebody decided a step, or a step passed to somebody else, after the version that the caller saw. `version` is the one that it has now.",
    remedy: "Read the approval again, and decide again.",
  },
  approval_wrong_state: {
    status: 409,
    title: "Not in this state",
    meaning: "The approval is granted, refused, expired or withdrawn. `state` says which.",
    remedy: "Read the approval again.",
  },
  approval_expired: {
    status: 409,
    title: "Nobody decided in time",
    meaning: "The time in which the approval could be decided is over.",
    remedy: "Request it again, if it is still wanted.",
  },
  approval_not_yours: {
    status: 403,
    title: "Not the caller's to decide now",
    meaning:
      "No step that is open now waits for the caller: they are none of the approvers, or, in order, somebody else comes first.",
    remedy: "Read `steps`: who is `open` decides next.",
    byDelegation: true,
  },
  approval_voted: {
    status: 403,
    title: "Decided already",
    meaning:
      "The caller, or whom they act for, has decided a step of this approval. Approvals count people, and each person once.",
    remedy: "Let another person decide.",
  },
  approval_foreign: {
    status: 403,
    title: "Somebody else's request",
    meaning: "Only who requested an approval, or a person behind it, takes it back.",
    remedy: "Refuse it instead, where it is the caller's to decide.",
  },
  approval_option_required: {
    status: 422,
    title: "An option is missing",
    meaning: "The approval asks which of its options it should be. `options` lists their keys.",
    remedy: "Send one of them as `option`.",
  },
  approval_option_unknown: {
    status: 422,
    title: "No such option",
    meaning: "The approval has no option with this key. `options` lists those that it has.",
    remedy: "Send one of them, or none where there are none.",
  },
  approval_option_twice: {
    status: 422,
    title: "Two options of one name",
    meaning: "Two options have the same key.",
    remedy: "Give each a key of its own.",
  },
  approval_approver_unknown: {
    status: 422,
    title: "No such approver",
    meaning:
      "An approver is no person or group of the organisation, or no permission of a move of a workflow. `approvers` lists them.",
    remedy: "List people and groups.",
  },
  approval_approver_unfit: {
    status: 422,
    title: "Nobody there could decide it",
    meaning:
      "A person is disabled, not cleared for it, lacks the permission `approval.approve`, or requests it; or a group or permission has nobody else. `approvers` lists them for who may read people.",
    remedy: "Name somebody else, or let an administrator see to their role or clearance.",
  },
  approval_approver_twice: {
    status: 422,
    title: "The same person twice",
    meaning: "A person is named twice. Approvals count people, and each person once.",
    remedy: "Name each person once.",
  },
  approval_needed_too_many: {
    status: 422,
    title: "More needed than asked",
    meaning: "`needed` is larger than the number of approvers.",
    remedy: "Name more approvers, or need fewer.",
  },
  approval_deadline: {
    status: 422,
    title: "Not such a deadline",
    meaning: `A deadline lies in the future, at most ${longestDeadline} days from now; without one there is nothing to escalate on.`,
    remedy: "Choose another `deadlineAt`, or leave out `escalateTo`.",
  },
  approval_entity_unknown: {
    status: 422,
    title: "No such entity",
    meaning: "There is no entity with this id in the organisation.",
    remedy: "List entities.",
  },
  approval_classification_unknown: {
    status: 422,
    title: "No such classification",
    meaning: "The organisation has no such level, or it lies above the caller's clearance.",
    remedy: "Take one of `organisations.current`.",
  },
} as const satisfies Record<string, ProblemSpec>;
