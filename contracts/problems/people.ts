import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with a call that is about people. */
export const peopleProblems = {
  person_not_found: {
    status: 404,
    title: "No such person",
    meaning: "There is no person with this id in the caller's organisation.",
    remedy: "Check the id, or list people.",
  },
  person_own_access: {
    status: 403,
    title: "Not one's own access",
    meaning: "Nobody disables themselves, or changes their own roles or clearance.",
    remedy: "Let another administrator do it.",
  },
  person_clearance_exceeds: {
    status: 403,
    title: "More than the caller has",
    meaning: "A clearance can't be set above the caller's own.",
    remedy: "Choose a lower level, or ask somebody who has this one.",
  },
  person_changed: {
    status: 412,
    title: "The person has changed since",
    meaning:
      "Somebody changed the person after the version that the caller saw, or the person signed in. `version` is the one that it has now.",
    remedy: "Read the person again, and decide again.",
  },
  person_last_admin: {
    status: 409,
    title: "The last administrator",
    meaning: "No other enabled person has the role `admin`: nobody could undo this.",
    remedy: "Grant the role to somebody else first.",
  },
  person_role_from_directory: {
    status: 409,
    title: "The directory gives this role",
    meaning: "The person has the role from the directory, and not by a grant: it can't be taken back here.",
    remedy: "Take it back in the directory, or unmap the app role or group.",
  },
  person_role_unknown: {
    status: 422,
    title: "No such role",
    meaning: "There is no role with this key.",
    remedy: "Take one of `roles.list`.",
  },
  person_clearance_unknown: {
    status: 422,
    title: "No such level",
    meaning: "The clearance is none of the organisation's levels of classification.",
    remedy: "Take a level of `organisations.current`.",
  },
  person_entity_unknown: {
    status: 422,
    title: "No such entity",
    meaning: "The entity does not exist in this organisation.",
    remedy: "List entities.",
  },
  person_manager_unknown: {
    status: 422,
    title: "No such manager",
    meaning: "The person named as manager does not exist in this organisation.",
    remedy: "List people.",
  },
  person_manager_cycle: {
    status: 422,
    title: "Nobody is their own manager",
    meaning: "The new manager is the person, or is managed by the person over any number of steps.",
    remedy: "Choose somebody outside of the person's own reports.",
  },
  person_phone_invalid: {
    status: 422,
    title: "Not a telephone number",
    meaning: "No country gives out numbers of this form.",
    remedy: "Send the number in full, for example +971501234567.",
  },
  person_deputy_unknown: {
    status: 422,
    title: "No such deputy",
    meaning: "A person named as deputy does not exist in this organisation, or is disabled. `personIds` lists them.",
    remedy: "List people.",
  },
  person_deputy_self: {
    status: 422,
    title: "Nobody stands in for themselves",
    meaning: "The person is named as their own deputy.",
    remedy: "Name somebody else.",
  },
  person_deputy_overlap: {
    status: 422,
    title: "The same deputy twice at a time",
    meaning: "One deputy is named for periods that share a day.",
    remedy: "Make one period of them.",
  },
} as const satisfies Record<string, ProblemSpec>;
