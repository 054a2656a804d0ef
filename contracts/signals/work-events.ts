import { z } from "zod";
import { officerId } from "../examples/people.ts";
import { exampleId } from "../examples/signals.ts";
import { exampleAssessment, exampleLink, exampleNote } from "../examples/signalWork.ts";
import { event, movePayload } from "../kit/event.ts";
import { typeId } from "../kit/ids.ts";
import { reviewReasons, signalStates } from "./values.ts";

const id = typeId("sig");
const move = { version: 1, permission: "signal.read", payload: movePayload("sig", signalStates) } as const;
const told = { version: 1, permission: "signal.read" } as const;

/** What is told of the work on signals. */
export const workEvents = {
  "signal.snoozed": event({
    ...move,
    about: "The signal was put away until a time.",
    example: { id: exampleId, from: "new", to: "snoozed", reason: null },
  }),
  "signal.woken": event({
    ...move,
    about: "The time until which the signal was put away has come: it is back.",
    example: { id: exampleId, from: "snoozed", to: "new", reason: "Its time has come." },
  }),
  "signal.raised": event({
    ...move,
    about: "Nobody touched the signal since it was acknowledged: it is back.",
    example: { id: exampleId, from: "acknowledged", to: "new", reason: "Nobody touched it since it was acknowledged." },
  }),
  "signal.reopened": event({
    ...move,
    about: "The dismissal of the signal was taken back.",
    example: { id: exampleId, from: "dismissed", to: "new", reason: "It was no test." },
  }),
  "signal.withdrawn": event({
    ...move,
    about: "The signal's source took it back.",
    example: { id: exampleId, from: "new", to: "withdrawn", reason: null },
  }),
  "signal.assigned": event({
    ...told,
    about: "The signal was given to somebody, or to nobody.",
    payload: z.object({ id, assigneeId: typeId("per").nullable() }),
    example: { id: exampleId, assigneeId: officerId },
  }),
  "signal.note_added": event({
    ...told,
    about: "Somebody noted something beside the signal.",
    payload: z.object({ id, noteId: typeId("nte") }),
    example: { id: exampleId, noteId: exampleNote.id },
  }),
  "signal.link_added": event({
    ...told,
    about: "Somebody linked the signal to something.",
    payload: z.object({ id, linkId: typeId("lnk") }),
    example: { id: exampleId, linkId: exampleLink.id },
  }),
  "signal.link_removed": event({
    ...told,
    about: "Somebody took a link from the signal.",
    payload: z.object({ id, linkId: typeId("lnk") }),
    example: { id: exampleId, linkId: exampleLink.id },
  }),
  "signal.assessed": event({
    ...told,
    about: "An agent, a person or a program said what they make of the signal.",
    payload: z.object({ id, assessmentId: typeId("asm") }),
    example: { id: exampleId, assessmentId: exampleAssessment.id },
  }),
  "signal.review_needed": event({
    ...told,
    about: "Somebody should look at what was made of the signal.",
    payload: z.object({ id, why: z.enum(reviewReasons) }),
    example: { id: exampleId, why: "low_confidence" },
  }),
  "signal.review_settled": event({
    ...told,
    about: "Somebody looked at what was made of the signal.",
    payload: z.object({ id }),
    example: { id: exampleId },
  }),
};
