import { z } from "zod";
import { RecipientId } from "../dispatches/shape.ts";
import { dispatchStates, recipientStates } from "../dispatches/values.ts";
import { exampleDispatch, exampleRecipient } from "../examples/dispatches.ts";
import { event, movePayload } from "../kit/event.ts";
import { typeId } from "../kit/ids.ts";
import { Day } from "../kit/shapes.ts";

const { id } = exampleDispatch;
const count = z.int().min(0).max(2_147_483_647);
const told = { version: 1, permission: "dispatch.read" as const };

const ended = (about: string, to: (typeof dispatchStates)[number], reason: string | null) =>
  event({
    ...{ about, ...told, payload: movePayload("dsp", dispatchStates) },
    example: { id, from: "running", to, reason },
  });

/** What is told of dispatches: never their texts. */
export const dispatchEvents = {
  "dispatch.created": event({
    ...{ about: "Somebody has people told something.", ...told },
    payload: z.object({ id: typeId("dsp"), recipients: count, drill: z.boolean() }),
    example: { id, recipients: 1, drill: false },
  }),
  "dispatch.addressed": event({
    ...{ about: "Everybody whom a dispatch is for was written down.", ...told },
    payload: z.object({ id: typeId("dsp"), recipients: count }),
    example: { id, recipients: 1 },
  }),
  "dispatch.stopped": ended(
    "A dispatch was stopped: what was not handed over yet is not sent.",
    "stopped",
    "The wrong chart.",
  ),
  "dispatch.finished": ended("A dispatch has come to its end: nothing of it waits any more.", "finished", null),
  "dispatch.cap_raised": event({
    ...{ about: "The cap of a day was raised, or of every day. `id` is the organisation's.", ...told },
    payload: z.object({ id: typeId("org"), day: Day.nullable().describe("Null: every day."), cap: count }),
    example: { id: "org_01kejc8ht0e6ssypg6m30swm9a", day: "2026-01-06", cap: 5000 },
  }),
} as const;

type State = (typeof recipientStates)[number];
const permission = "dispatch_recipient.read";
const dispatchId = typeId("dsp");
const moved = (about: string, from: State, to: State, reason: string | null = null) =>
  event({
    ...{ about, version: 1, permission },
    payload: movePayload("dre", recipientStates).extend({ dispatchId }),
    example: { id: exampleRecipient.id, dispatchId: id, from, to, reason },
  });

/** What is told of recipients: never their addresses. */
export const recipientEvents = {
  "dispatch_recipient.addressed": event({
    ...{ about: "Somebody is to be told something.", version: 1, permission },
    payload: z.object({ id: RecipientId, dispatchId }),
    example: { id: exampleRecipient.id, dispatchId: id },
  }),
  "dispatch_recipient.begun": moved("A message is being handed to a channel.", "queued", "sending"),
  "dispatch_recipient.sent": moved("A channel has taken a message.", "sending", "sent"),
  "dispatch_recipient.delivered": moved("A message has arrived.", "sent", "delivered"),
  "dispatch_recipient.read": moved("A message was read.", "delivered", "read"),
  "dispatch_recipient.retried": moved("A message is tried again over the same channel.", "sending", "queued", "30001"),
  "dispatch_recipient.fell_back": moved("A message goes on to the next channel.", "sent", "queued", "63016"),
  "dispatch_recipient.acknowledged": moved("Somebody said that they had got it.", "read", "acknowledged"),
  "dispatch_recipient.failed": moved("No channel reaches somebody.", "queued", "failed", "They have left."),
  "dispatch_recipient.expired": moved("Every channel was tried, and none came as far as asked.", "sent", "expired"),
  "dispatch_recipient.recalled": moved(
    "A message was not sent, because its dispatch was stopped.",
    "queued",
    "recalled",
  ),
  "dispatch_recipient.undetermined": moved(
    "Whether a message was sent can't be found out. It is not sent again.",
    "sending",
    "undetermined",
  ),
} as const;
