import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with a change of posture. */
export const postureProblems = {
  posture_not_found: {
    status: 404,
    title: "No posture set",
    meaning: "The organisation or entity asked for has no posture, or the entity does not exist.",
    remedy: "List entities, or ask for the organisation's posture without `entityId`.",
  },
  posture_change_not_found: {
    status: 404,
    title: "No such change of posture",
    meaning:
      "Nobody proposed a change with this id, or it belongs to another organisation, or lies above the caller's clearance.",
    remedy: "List the changes with `posture.changes`.",
  },
  posture_not_own: {
    status: 403,
    title: "Somebody else's proposal",
    meaning: "A proposal is taken back by who made it, or by the person who answers for the agent that made it.",
    remedy: "Reject it, where you may decide about it.",
  },
  posture_changed: {
    status: 412,
    title: "The change of posture has moved on since",
    meaning: "Somebody decided about it after the version that the caller saw. `version` is the one that it has now.",
    remedy: "Read it again, and decide again.",
  },
  posture_wrong_state: {
    status: 409,
    title: "The change of posture has no such move",
    meaning: "It is decided already, taken back, or overtaken. `state` says which.",
    remedy: "Ask `posture.moves` which moves there are now.",
  },
  posture_moved: {
    status: 409,
    title: "The posture is another one by now",
    meaning: "The change was proposed from a level that holds no longer. `level` is the one that holds.",
    remedy: "Propose again, from what holds now.",
  },
  posture_dwell: {
    status: 409,
    title: "Too soon to go further down",
    meaning:
      "The posture went down a short while ago. Until `until` it goes no further down; it may go up at any time. How long that is, the organisation says (`settings.posture.dwellMinutes`).",
    remedy: "Confirm it after `until`.",
  },
  posture_level_holds: {
    status: 409,
    title: "This level holds already",
    meaning: "The level that is proposed is the one that holds.",
    remedy: "Propose another one, or nothing.",
  },
  posture_level_in_force: {
    status: 409,
    title: "A level that is needed is missing",
    meaning: "A level that is to go holds somewhere, or is proposed. `levels` says which.",
    remedy: "Keep the level, or change the posture first.",
  },
  posture_levels_changed: {
    status: 412,
    title: "The levels have changed since",
    meaning: "Somebody set the levels after the caller read them. `digest` is that of those that hold now.",
    remedy: "Read them again, and decide again.",
  },
  posture_level_unknown: {
    status: 422,
    title: "No such level",
    meaning: "The organisation has no level of posture with this key.",
    remedy: "Take one of `posture.levels`.",
  },
  posture_entity_unknown: {
    status: 422,
    title: "No such entity",
    meaning: "The entity that is named does not exist in this organisation.",
    remedy: "List entities, or leave `entityId` out.",
  },
  posture_signal_unknown: {
    status: 422,
    title: "No such signal",
    meaning:
      "A signal that is named does not exist in this organisation, or lies above the caller's clearance. `signalIds` says which.",
    remedy: "Name signals that the caller can read.",
  },
} as const satisfies Record<string, ProblemSpec>;
