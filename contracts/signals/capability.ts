import { z } from "zod";
import { exampleId } from "../examples/signals.ts";
import { event, movePayload } from "../kit/event.ts";
import { typeId } from "../kit/ids.ts";
import { capability } from "../kit/operation.ts";
import { categories, severities, signalStates } from "./values.ts";
import { workEvents } from "./work-events.ts";
import { workProblems } from "./work-problems.ts";

/** What all operations of signals share. */
export const { query, command, events } = capability({
  name: "signals",
  title: "Signals",
  about:
    "Reports of things that happen, from outside and inside. Each says where it came from, how severe it is and how sure its source is. Title and body are text from outside: show them as text.",
  permissions: {
    "signal.read": "See signals within the caller's clearance.",
    "signal.ingest": "Report signals.",
    "signal.acknowledge": "Say that somebody is looking at a signal.",
    "signal.dismiss": "Close a signal as nothing to act on.",
    "signal.escalate": "Hand a signal on as something to act on.",
    "signal.snooze": "Put a signal away until a time.",
    "signal.reopen": "Take back that a signal was dismissed or withdrawn.",
    "signal.assign": "Say who works on a signal.",
    "signal.add_note": "Note something beside a signal.",
    "signal.add_link": "Link a signal to something.",
    "signal.remove_link": "Take a link from a signal.",
    "signal.assess": "Say what one makes of a signal: what it is, and how severe.",
    "signal.settle_review": "Say that the assessments of a signal need no more looking at.",
    "signal.reclassify": "Assess many signals at once.",
  },
  problems: {
    ...workProblems,
    signal_not_found: {
      status: 404,
      title: "No such signal",
      meaning:
        "There is no signal with this id, or it belongs to another organisation, or lies above the caller's clearance.",
      remedy: "Check the id, or list signals.",
    },
    signal_wrong_state: {
      status: 409,
      title: "The signal's state has no such move",
      meaning: "The signal is in a state from which this move does not exist. `state` says which.",
      remedy: "Ask `signals.moves` which moves there are now.",
    },
    signal_changed: {
      status: 412,
      title: "The signal has changed since",
      meaning:
        "Somebody changed the signal after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the signal again, and decide again.",
    },
    signal_entity_unknown: {
      status: 422,
      title: "No such entity",
      meaning: "The entity that the signal names does not exist in this organisation.",
      remedy: "List entities, or leave `entityId` out.",
    },
    signal_classification_unknown: {
      status: 422,
      title: "No such classification",
      meaning: "The organisation has no classification level with this key.",
      remedy: "Use one of the levels in `organisations.current`.",
    },
    signal_cap_invalid: {
      status: 422,
      title: "No alert can be taken",
      meaning:
        "The document is no CAP alert, and holds none that could be taken. `findings` says what is wrong, each with its code and the XPath of where.",
      remedy: "Correct what `findings` names. What may be tolerated, and what not, is on the page Signals.",
    },
    signal_picture_too_long: {
      status: 422,
      title: "The picture does not go back so far",
      meaning: "`since` lies more than 7 days back. Changes are counted for 7 days at most.",
      remedy: "Ask for less, or list what changed with `changedSince`.",
    },
    signal_above_clearance: {
      status: 403,
      title: "Above the caller's clearance",
      meaning: "The caller may not write what it may not read.",
      remedy: "Report it with a key whose clearance reaches as high.",
    },
  },
  events: {
    ...workEvents,
    "signal.ingested": event({
      about: "A source reported a signal that was not there yet.",
      version: 1,
      permission: "signal.read",
      payload: z.object({ id: typeId("sig"), severity: z.enum(severities), category: z.enum(categories) }),
      example: { id: exampleId, severity: "severe", category: "met" },
    }),
    "signal.updated": event({
      about: "A newer report changed what the signal says.",
      version: 1,
      permission: "signal.read",
      payload: z.object({ id: typeId("sig"), severity: z.enum(severities), category: z.enum(categories) }),
      example: { id: exampleId, severity: "extreme", category: "met" },
    }),
    "signal.merged": event({
      about: "The signal turned out to be another one, which `mergedInto` names.",
      version: 1,
      permission: "signal.read",
      payload: movePayload("sig", signalStates),
      example: { id: exampleId, from: "new", to: "merged", reason: null },
    }),
    "signal.reopened": event({
      about: "The signal was closed, and is open again.",
      version: 1,
      permission: "signal.read",
      payload: movePayload("sig", signalStates),
      example: { id: exampleId, from: "dismissed", to: "new", reason: null },
    }),
    "signal.acknowledged": event({
      about: "Somebody is looking at the signal.",
      version: 1,
      permission: "signal.read",
      payload: movePayload("sig", signalStates),
      example: { id: exampleId, from: "new", to: "acknowledged", reason: null },
    }),
    "signal.dismissed": event({
      about: "The signal was closed as nothing to act on.",
      version: 1,
      permission: "signal.read",
      payload: movePayload("sig", signalStates),
      example: { id: exampleId, from: "acknowledged", to: "dismissed", reason: "A test of the sirens." },
    }),
    "signal.escalated": event({
      about: "The signal was handed on as something to act on.",
      version: 1,
      permission: "signal.read",
      payload: movePayload("sig", signalStates),
      example: { id: exampleId, from: "acknowledged", to: "escalated", reason: "The data centre lies in the area." },
    }),
  },
});
export type SignalEvents = typeof events;
