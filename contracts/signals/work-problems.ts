import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with work on a signal. */
export const workProblems = {
  signal_merged: {
    status: 409,
    title: "The signal is another one",
    meaning: "The signal turned out to be another one, which `mergedInto` names.",
    remedy: "Work on that one.",
  },
  signal_snooze_until: {
    status: 422,
    title: "Not a time to snooze until",
    meaning: "A signal can be snoozed until a moment that is to come, within 90 days.",
    remedy: "Choose such a moment.",
  },
  signal_assignee_unknown: {
    status: 422,
    title: "No such person to assign to",
    meaning: "The person does not exist in this organisation, or is disabled.",
    remedy: "List people.",
  },
  signal_assignee_uncleared: {
    status: 422,
    title: "The signal lies above that person's clearance",
    meaning: "Nobody can work on what does not exist for them.",
    remedy: "Assign it to somebody whose clearance reaches as high.",
  },
  signal_link_target_unknown: {
    status: 422,
    title: "No such signal to link to",
    meaning: "The signal that the link names is not there for the caller, or is the signal itself.",
    remedy: "Check the id, or list signals.",
  },
  signal_model_required: {
    status: 422,
    title: "An agent says which model it is",
    meaning: "The assessment is an agent's, and neither the call nor the agent's registration says model and version.",
    remedy: "Send `model` and `modelVersion`.",
  },
  signal_too_many: {
    status: 422,
    title: "More signals than one job takes",
    meaning: "More than 50 000 signals fit the filters.",
    remedy: "Ask for fewer at a time, for example by `since`.",
  },
} as const satisfies Readonly<Record<string, ProblemSpec>>;
