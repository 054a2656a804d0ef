import { z } from "zod";
import { DispatchId, Message, Recipient, RecipientId, RecipientWithLedger, Rehearsal } from "./dispatches/shape.ts";
import { recipientStates } from "./dispatches/values.ts";
import { recipientEvents } from "./events/dispatches.ts";
import {
  acknowledged,
  exampleRecipient as example,
  exampleAttempt,
  exampleMessage,
  exampleRehearsal,
} from "./examples/dispatches.ts";
import { movesOutput } from "./kit/moves.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";

const { id, dispatchId } = example;

const { query, command, events } = capability({
  name: "dispatchRecipients",
  title: "Recipients of dispatches",
  about:
    "Whom a dispatch is for, and how far it came with each: every attempt on every channel is in a ledger. Who acknowledges, by the link, by a reply or here, ends their ladder.",
  permissions: {
    "dispatch_recipient.read": "See the recipients of dispatches within the caller's clearance, and every attempt.",
    "dispatch_recipient.acknowledge": "Say that one got what was sent to oneself.",
  },
  problems: {
    dispatch_recipient_not_found: {
      status: 404,
      title: "No such recipient",
      meaning:
        "There is no recipient with this id for the caller: in the caller's organisation, within the caller's clearance and, for who may not read recipients, the caller's own.",
      remedy: "Check the id, or list the recipients of the dispatch.",
    },
    dispatch_recipient_changed: {
      status: 412,
      title: "The recipient has changed since",
      meaning: "It has moved on since the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the recipient again.",
    },
    dispatch_recipient_wrong_state: {
      status: 409,
      title: "The recipient's state has no such move",
      meaning: "It is in a state from which this move does not exist. `state` says which.",
      remedy: "Ask `dispatchRecipients.moves` which moves there are now.",
    },
    dispatch_recipient_no_drill: {
      status: 409,
      title: "It is no drill",
      meaning: "The recipient's dispatch is sent, and not rehearsed: what it says is there for them alone.",
      remedy: "Read the dispatch's content, or make a drill of it.",
    },
    dispatch_recipient_foreign: {
      status: 403,
      title: "Somebody else's to acknowledge",
      meaning: "Only whom something was sent to can say that they got it.",
      remedy: "Nothing is to be done.",
    },
  },
  events: recipientEvents,
});
export type DispatchRecipientEvents = typeof events;

export const dispatchRecipients = router({
  list: query({
    rest: "GET /dispatch-recipients",
    summary: "List the recipients of a dispatch, in the order in which they were written down",
    permission: "dispatch_recipient.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      dispatchId: DispatchId.describe("Of this dispatch."),
      state: z.enum(recipientStates).optional(),
    }),
    output: page(Recipient),
    examples: [{ title: "All of one", input: { dispatchId }, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /dispatch-recipients/{id}",
    summary: "Read one recipient, with every attempt to reach them",
    permission: "dispatch_recipient.read",
    problems: ["dispatch_recipient_not_found"],
    // What a vendor tells of an attempt is no new version.
    etag: false,
    input: z.strictObject({ id: RecipientId }),
    output: RecipientWithLedger,
    examples: [{ title: "One who got it", input: { id }, output: { ...acknowledged, attempts: [exampleAttempt] } }],
  }),
  message: query({
    rest: "GET /dispatch-recipients/{id}/message",
    summary: "Read what one was told, or will be",
    description:
      "The whole text in the recipient's language, whatever a channel could carry of it. It is there for the person whom it is for, signed in, and for nobody else. What was only rehearsed, or taken back before anything of it was sent, isn't.",
    permission: null,
    problems: ["dispatch_recipient_not_found"],
    input: z.strictObject({ id: RecipientId }),
    output: Message,
    examples: [{ title: "One's own", input: { id }, output: exampleMessage }],
  }),
  rehearsal: query({
    rest: "GET /dispatch-recipients/{id}/rehearsal",
    summary: "Read what a drill would have sent to one recipient, over each channel",
    description:
      "As it was rendered when its turn came. Nobody's quiet hours delay a drill; the ledger says where they would have.",
    permission: "dispatch_recipient.read",
    problems: ["dispatch_recipient_not_found", "dispatch_recipient_no_drill"],
    etag: false,
    input: z.strictObject({ id: RecipientId }),
    output: Rehearsal,
    examples: [{ title: "What two channels would carry", input: { id }, output: exampleRehearsal }],
  }),
  moves: query({
    rest: "GET /dispatch-recipients/{id}/moves",
    summary: "Say which moves the caller may make now, and for the others why not",
    permission: "dispatch_recipient.read",
    problems: ["dispatch_recipient_not_found"],
    input: z.strictObject({ id: RecipientId }),
    output: movesOutput(recipientStates),
    examples: [
      {
        title: "For somebody else",
        input: { id },
        output: {
          items: [{ event: "acknowledge", to: "acknowledged", allowed: false, why: "dispatch_recipient_foreign" }],
        },
      },
    ],
  }),
  acknowledge: command({
    rest: "POST /dispatch-recipients/{id}/acknowledge",
    summary: "Say that one got what was sent to oneself",
    description: "Nothing more of it is sent, over any channel. Once is enough: again, it says when that was.",
    permission: "dispatch_recipient.acknowledge",
    problems: ["dispatch_recipient_not_found", "dispatch_recipient_foreign"],
    anyVersion: true,
    input: z.strictObject({ id: RecipientId }),
    output: z.object({
      changed: z.boolean().describe("False where it was acknowledged already."),
      recipient: Recipient,
    }),
    examples: [{ title: "Got it", input: { id }, output: { changed: true, recipient: acknowledged } }],
  }),
});
