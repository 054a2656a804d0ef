import { z } from "zod";
import {
  exampleActionNote,
  exampleEvidence,
  exampleItem,
  exampleWatcher,
  exampleActionId as id,
} from "../examples/actions.ts";
import { officerId } from "../examples/people.ts";
import { event, idPayload, movePayload, overdueEvent } from "../kit/event.ts";
import { typeId } from "../kit/ids.ts";
import { capability } from "../kit/operation.ts";
import { actionProblems } from "./problems.ts";
import { actionStates } from "./values.ts";

type State = (typeof actionStates)[number];
const read = { version: 1, permission: "action.read" } as const;
const moved = (about: string, from: State, to: State, reason: string | null = null) =>
  event({ ...read, about, payload: movePayload("act", actionStates), example: { id, from, to, reason } });
const Act = typeId("act");
const PersonId = typeId("per");

/** What all operations of actions share. */
export const { query, command, events } = capability({
  name: "actions",
  title: "Actions",
  about:
    "What somebody sees to: with an owner, a day on which it is due, a checklist, notes and evidence. Another person than the owner verifies that it is done. Title, details and all that is written beside an action are text that somebody wrote: show them as text.",
  permissions: {
    "action.read": "See actions within the caller's clearance.",
    "action.create": "Make actions.",
    "action.update": "Change what actions say, hand them over, and say when they are due.",
    "action.start": "Say that an action is being worked on.",
    "action.block": "Say what an action waits for.",
    "action.unblock": "Say that an action can go on.",
    "action.complete": "Say that an action is done.",
    "action.verify": "See that an action which somebody else completed is done.",
    "action.reopen": "Take up again an action that was over.",
    "action.cancel": "Say that an action need not be done.",
    "action.add": "Add to an action's checklist, notes and evidence.",
    "action.remove": "Take something from an action's checklist or evidence.",
    "action.tick": "Tick what is on an action's checklist.",
    "action.watch": "Watch actions, and let others watch them.",
    "action.unwatch": "Take watchers from actions.",
  },
  problems: actionProblems,
  events: {
    "action.created": event({ ...read, about: "Somebody made an action.", payload: idPayload("act"), example: { id } }),
    "action.updated": event({
      ...read,
      about: "Somebody changed what an action says.",
      payload: z.object({ id: Act, fields: z.array(z.string().max(40)).max(20).describe("Which fields differ.") }),
      example: { id, fields: ["dueDay"] },
    }),
    "action.handed_over": event({
      ...read,
      about: "An action got another owner.",
      payload: z.object({ id: Act, fromId: PersonId, toId: PersonId }),
      example: { id, fromId: exampleWatcher.personId, toId: officerId },
    }),
    "action.overdue": overdueEvent({
      about: "An action's day is over and it isn't done, or nobody has verified in time one that is.",
      permission: "action.read",
      kind: "act",
      states: actionStates,
      example: { id, state: "open" },
    }),
    "action.stalled": event({
      ...read,
      about:
        "An action is overdue, and none of those who see to it can any more: it waits for whoever may say that it is done.",
      payload: idPayload("act"),
      example: { id },
    }),
    "action.started": moved("Somebody works on the action.", "open", "in_progress"),
    "action.blocked": moved("The action waits for something.", "in_progress", "blocked", "The supplier is closed."),
    "action.unblocked": moved("The action can go on.", "blocked", "in_progress"),
    "action.completed": moved("The action is said to be done.", "in_progress", "done"),
    "action.verified": moved("Another person has seen that the action is done.", "done", "verified"),
    "action.reopened": moved("An action that was over was taken up again.", "done", "open", "The fault is back."),
    "action.cancelled": moved("The action need not be done.", "open", "cancelled", "The hall was closed."),
    "action.item_added": event({
      ...read,
      about: "Something came onto the action's checklist.",
      payload: z.object({ id: Act, itemId: typeId("chk") }),
      example: { id, itemId: exampleItem.id },
    }),
    "action.item_ticked": event({
      ...read,
      about: "Somebody ticked something on the action's checklist, or took the tick away.",
      payload: z.object({ id: Act, itemId: typeId("chk"), done: z.boolean() }),
      example: { id, itemId: exampleItem.id, done: true },
    }),
    "action.item_removed": event({
      ...read,
      about: "Something was taken from the action's checklist.",
      payload: z.object({ id: Act, itemId: typeId("chk") }),
      example: { id, itemId: exampleItem.id },
    }),
    "action.note_added": event({
      ...read,
      about: "Somebody noted something beside the action.",
      payload: z.object({ id: Act, noteId: typeId("nte") }),
      example: { id, noteId: exampleActionNote.id },
    }),
    "action.evidence_added": event({
      ...read,
      about: "Somebody named a page as evidence.",
      payload: z.object({ id: Act, linkId: typeId("lnk") }),
      example: { id, linkId: exampleEvidence.id },
    }),
    "action.evidence_removed": event({
      ...read,
      about: "Somebody took a page back as evidence.",
      payload: z.object({ id: Act, linkId: typeId("lnk") }),
      example: { id, linkId: exampleEvidence.id },
    }),
    "action.watched": event({
      ...read,
      about: "Somebody watches the action from now on.",
      payload: z.object({ id: Act, personId: PersonId }),
      example: { id, personId: exampleWatcher.personId },
    }),
    "action.unwatched": event({
      ...read,
      about: "Somebody watches the action no longer.",
      payload: z.object({ id: Act, personId: PersonId }),
      example: { id, personId: exampleWatcher.personId },
    }),
  },
});
export type ActionEvents = typeof events;
