import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with work on actions. */
export const actionProblems = {
  action_not_found: {
    status: 404,
    title: "No such action",
    meaning:
      "There is no action with this id, or it belongs to another organisation, or lies above the caller's clearance.",
    remedy: "Check the id, or list actions.",
  },
  action_wrong_state: {
    status: 409,
    title: "The action's state doesn't allow it",
    meaning:
      "The action is in a state from which this move does not exist, or in which it isn't worked on. `state` says which.",
    remedy: "Ask `actions.moves` which moves there are now; reopen it to work on it again.",
  },
  action_changed: {
    status: 412,
    title: "The action has changed since",
    meaning:
      "Somebody changed the action after the version that the caller saw. `version` is the one that it has now. To an edit, `fields` says what differs: each field with its value now, who changed it and when.",
    remedy: "Show what differs, and send what is still wanted with the version of now.",
  },
  action_own_work: {
    status: 403,
    title: "It takes somebody else",
    meaning:
      "Nobody verifies an action that they own, or that they have completed: not by another credential, not through an agent or a key of theirs, and not for somebody else. A program without a person behind it can't verify anything.",
    remedy: "Let another person verify it.",
  },
  action_above_clearance: {
    status: 403,
    title: "Above the caller's clearance",
    meaning: "The caller may not write what it may not read.",
    remedy: "Let somebody make it whose clearance reaches as high.",
  },
  action_classification_unknown: {
    status: 422,
    title: "No such classification",
    meaning: "The organisation has no classification level with this key.",
    remedy: "Use one of the levels in `organisations.current`.",
  },
  action_classification_low: {
    status: 422,
    title: "Below the classification of its source",
    meaning: "An action is at least as classified as what it came of. `least` is the lowest level that it can have.",
    remedy: "Classify it as high as `least`.",
  },
  action_source_unknown: {
    status: 422,
    title: "No such source",
    meaning: "What the action is said to come of is not there for the caller.",
    remedy: "Check its id, or leave `source` out.",
  },
  action_entity_unknown: {
    status: 422,
    title: "No such entity",
    meaning: "The entity that the action names does not exist in this organisation.",
    remedy: "List entities, or leave `entityId` out.",
  },
  action_person_unknown: {
    status: 422,
    title: "Nobody to give it to",
    meaning: "A person who is named does not exist in this organisation, or is disabled. `personIds` says who.",
    remedy: "List people.",
  },
  action_person_uncleared: {
    status: 422,
    title: "The action lies above that person's clearance",
    meaning: "Nobody can see to, or watch, what does not exist for them. `personIds` says who.",
    remedy: "Name people whose clearance reaches as high.",
  },
  action_person_unfit: {
    status: 422,
    title: "Somebody who could do nothing with it",
    meaning:
      "A person who is named as owner or deputy lacks the permission `action.complete`. `personIds` says who, to who may read people.",
    remedy: "Name somebody else, or let an administrator see to their role.",
  },
  action_deputy_owner: {
    status: 422,
    title: "The owner is nobody's deputy there",
    meaning: "The deputies name the owner, or somebody twice.",
    remedy: "Name others, each once.",
  },
  action_due_day: {
    status: 422,
    title: "Not a day to be due on",
    meaning:
      "A due day that is set lies between today, in the organisation's zone, and ten years from now. `today` says which day that is.",
    remedy: "Choose such a day, or none.",
  },
  action_item_unknown: {
    status: 422,
    title: "No such item on its checklist",
    meaning: "The checklist of this action has no item with this id, or it was removed.",
    remedy: "Read the checklist again.",
  },
  action_checklist_full: {
    status: 409,
    title: "The checklist is full",
    meaning: "A checklist has 100 items at most.",
    remedy: "Remove some, or make another action.",
  },
  action_watchers_full: {
    status: 422,
    title: "Enough people watch it",
    meaning: "200 people watch an action at most.",
    remedy: "Take a watcher away who needs it no longer, or let people find it by `actions.list`.",
  },
} as const satisfies Record<string, ProblemSpec>;
