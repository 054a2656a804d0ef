import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with an erasure. */
export const erasureProblems = {
  erasure_not_found: {
    status: 404,
    title: "No such erasure",
    meaning: "There is no erasure with this id in the caller's organisation, or it lies above the caller's clearance.",
    remedy: "Check the id, or list erasures.",
  },
  erasure_not_own: {
    status: 403,
    title: "Somebody else's request",
    meaning: "Only who asked for an erasure takes it back.",
    remedy: "Reject it, where you may decide about it.",
  },
  erasure_changed: {
    status: 412,
    title: "The erasure has moved on since",
    meaning: "Somebody decided about it after the version that the caller saw. `version` is the one that it has now.",
    remedy: "Read it again.",
  },
  erasure_wrong_state: {
    status: 409,
    title: "The erasure is decided",
    meaning: "It was done, turned down, or taken back. `state` says which.",
    remedy: "Read it again.",
  },
  erasure_entries_unknown: {
    status: 422,
    title: "No such entries",
    meaning:
      "Entries that are named do not exist in this organisation, lie above the caller's clearance, or are erased already. `entryIds` says which.",
    remedy: "Name entries that `audit.get` shows, with what they tell.",
  },
  erasure_nothing: {
    status: 422,
    title: "Nothing to erase",
    meaning: "The person has no entries within the caller's clearance that are not erased already.",
    remedy: "Check the person and the time.",
  },
  erasure_too_large: {
    status: 422,
    title: "Too much for one erasure",
    meaning: "The person has more entries than one erasure takes. `limit` says how many that is.",
    remedy: "Ask for a shorter time: `from` and `to`. Several can be asked for one after the other.",
  },
} as const satisfies Record<string, ProblemSpec>;
