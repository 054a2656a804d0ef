import { z } from "zod";
import { ContactPreferences, choices, OptOut, OptOutId } from "./contacts/shape.ts";
import { channels } from "./dispatches/values.ts";
import { exampleComplaint, exampleOptOut, examplePreferences } from "./examples/contacts.ts";
import { event } from "./kit/event.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { line, Version } from "./kit/shapes.ts";

export type { ContactPreferences, OptOut } from "./contacts/shape.ts";

const told = {
  payload: z.object({ id: OptOutId, channel: z.enum(channels) }),
  example: { id: exampleOptOut.id, channel: "sms" as const },
};

const { query, command, events } = capability({
  name: "contacts",
  title: "Ways to reach people",
  about:
    "Over which channels people want to be told of what, when they want to be left alone, and which addresses have said that a channel must not be used for them any more.",
  permissions: {
    "contact.read": "See which addresses have opted out of a channel.",
    "contact.opt_in": "Open a channel again for an address that a complaint or a vendor closed.",
  },
  problems: {
    contact_person_only: {
      status: 403,
      title: "Only a person has this",
      meaning: "The caller is a program, a key or an agent, which nobody sends messages to.",
      remedy: "Let a signed-in person say how they want to be reached.",
    },
    contact_changed: {
      status: 412,
      title: "The preferences have changed since",
      meaning:
        "The preferences were changed after the version that the caller saw. `version` is the one that they have now.",
      remedy: "Read them again, and decide again.",
    },
    contact_opt_out_not_found: {
      status: 404,
      title: "No such opt-out",
      meaning: "There is no opt-out with this id in the caller's organisation.",
      remedy: "Check the id, or list the opt-outs.",
    },
    contact_opted_out_themselves: {
      status: 409,
      title: "They opted out themselves",
      meaning: "Whoever reads there wrote STOP, and only they come back.",
      remedy: "Ask them to write START to the number from which they were written to.",
    },
  },
  events: {
    "contact.opted_out": event({
      about: "An address said, or its vendor says of it, that a channel must not be used for it any more.",
      version: 1,
      permission: "contact.read",
      ...told,
    }),
    "contact.opted_in": event({
      about: "An address that had opted out of a channel came back, or somebody opened the channel for it again.",
      version: 1,
      permission: "contact.read",
      ...told,
    }),
  },
});
export type ContactEvents = typeof events;

const { channels: chosen, quietHours } = examplePreferences;

export const contacts = router({
  get: query({
    rest: "GET /contacts/me",
    summary: "Read how the caller wants to be reached",
    description: "Who never said anything is reached over every channel, at any time.",
    permission: null,
    problems: ["contact_person_only"],
    input: z.strictObject({}),
    output: ContactPreferences,
    examples: [{ title: "Mail for the briefing, and quiet nights", input: {}, output: examplePreferences }],
  }),
  update: command({
    rest: "PATCH /contacts/me",
    summary: "Say how the caller wants to be reached",
    description: "What is absent stays. Messages that are already on their way keep to what was said before.",
    permission: null,
    problems: ["contact_person_only", "contact_changed"],
    mcp: false,
    input: z.strictObject({
      version: Version,
      channels: choices.channels
        .optional()
        .describe("All of them, by category: a category left out may use every channel from now on."),
      quietHours: choices.quietHours.optional(),
    }),
    output: ContactPreferences,
    examples: [
      {
        title: "Mail for the briefing, and quiet nights",
        input: { version: 1, channels: chosen, quietHours },
        output: examplePreferences,
      },
    ],
  }),
  optOuts: query({
    rest: "GET /contacts/opt-outs",
    summary: "List the addresses that have opted out of a channel, newest first",
    permission: "contact.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      channel: z.enum(channels).optional(),
      ended: z.boolean().optional().describe("True: only those that came back. False: only those that did not."),
    }),
    output: page(OptOut),
    examples: [{ title: "All", input: {}, output: { items: [exampleOptOut], nextCursor: null } }],
  }),
  optIn: command({
    rest: "POST /contacts/opt-outs/{id}/opt-in",
    summary: "Open a channel again for an address",
    description:
      "For what a complaint or a vendor closed: mail knows no START. Who wrote STOP comes back by START alone. The vendor isn't asked: where it still refuses to send there, the next message fails and the channel ends again. Resend keeps such an address on its list until somebody takes it off there, which opens the channel here, too.",
    permission: "contact.opt_in",
    problems: ["contact_opt_out_not_found", "contact_opted_out_themselves"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: OptOutId, reason: line(2000).min(10).describe("Why. Kept in the audit log.") }),
    output: z.object({ changed: z.boolean().describe("False where it was over already."), optOut: OptOut }),
    examples: [
      {
        title: "Mail was called spam by mistake",
        input: { id: exampleComplaint.id, reason: "Pressed the wrong button, and asked for it." },
        output: { changed: true, optOut: { ...exampleComplaint, endedAt: "2026-01-06T05:00:00.000Z" } },
      },
    ],
  }),
});
