import { z } from "zod";
import { command, query } from "./briefings/capability.ts";
import { BriefingDiff } from "./briefings/diff.ts";
import { moveOperations } from "./briefings/moves.ts";
import { pdfOperations } from "./briefings/pdf.ts";
import {
  Briefing,
  BriefingComment,
  BriefingEdition,
  BriefingId,
  BriefingRecipient,
  BriefingSummary,
  contentInput,
  Edition,
  nobody,
} from "./briefings/shape.ts";
import { briefingStates } from "./briefings/values.ts";
import {
  distributed,
  exampleBriefing as example,
  exampleComment,
  exampleContent,
  exampleEdition,
  exampleRecipient,
  exampleSummary,
  briefingId as id,
} from "./examples/briefings.ts";
import { movesOutput } from "./kit/moves.ts";
import { router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Day, Instant, Version } from "./kit/shapes.ts";

export type { BriefingEvents } from "./briefings/capability.ts";
export type { BriefingDiff } from "./briefings/diff.ts";
export type * from "./briefings/shape.ts";

const writing = [
  "briefing_signal_unknown",
  "briefing_classification_unknown",
  "briefing_below_sources",
  "briefing_audience_unknown",
] as const;
const { title, sections, sources, classification, audience } = contentInput;

export const briefings = router({
  list: query({
    rest: "GET /briefings",
    summary: "List briefings, the latest day first",
    permission: "briefing.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      state: z.enum(briefingStates).optional(),
      fromDay: Day.optional().describe("Of this day and later ones."),
      toDay: Day.optional().describe("Of this day and earlier ones."),
    }),
    output: page(BriefingSummary),
    examples: [{ title: "Drafts", input: { state: "draft" }, output: { items: [exampleSummary], nextCursor: null } }],
  }),
  today: query({
    rest: "GET /briefings/today",
    summary: "Read today's briefing",
    description:
      "The one that was distributed to the caller; or else, for who may read briefings, the one of today that has come furthest. Today is the day in the organisation's time zone.",
    permission: null,
    input: z.strictObject({}),
    output: z.object({ day: Day, briefing: Briefing.nullable().describe("Null: there is none for the caller.") }),
    examples: [{ title: "Today's", input: {}, output: { day: distributed.day, briefing: distributed } }],
  }),
  get: query({
    rest: "GET /briefings/{id}",
    summary: "Read one briefing",
    description: "For who may read briefings, and for those to whom it was distributed.",
    permission: null,
    problems: ["briefing_not_found"],
    input: z.strictObject({ id: BriefingId }),
    output: Briefing,
    examples: [{ title: "One briefing", input: { id }, output: example }],
  }),
  ...pdfOperations,
  moves: query({
    rest: "GET /briefings/{id}/moves",
    summary: "Say which moves the caller may make now, and for the others why not",
    permission: "briefing.read",
    problems: ["briefing_not_found"],
    input: z.strictObject({ id: BriefingId }),
    output: movesOutput(briefingStates),
    examples: [
      {
        title: "For its author",
        input: { id },
        output: {
          items: [
            { event: "submit", to: "pending_approval", allowed: true, why: null },
            { event: "approve", to: null, allowed: false, why: "briefing_wrong_state" },
          ],
        },
      },
    ],
  }),
  editions: query({
    rest: "GET /briefings/{id}/editions",
    summary: "List the editions of a briefing, newest first",
    permission: "briefing.read",
    problems: ["briefing_not_found", "invalid_cursor"],
    input: z.strictObject({ ...paging, id: BriefingId }),
    output: page(BriefingEdition.omit({ sections: true, sources: true, audience: true })),
    examples: [{ title: "One", input: { id }, output: { items: [withoutTexts()], nextCursor: null } }],
  }),
  edition: query({
    rest: "GET /briefings/{id}/edition",
    summary: "Read one edition of a briefing",
    permission: "briefing.read",
    problems: ["briefing_not_found", "briefing_edition_not_found"],
    input: z.strictObject({ id: BriefingId, edition: Edition }),
    output: BriefingEdition,
    examples: [{ title: "The first", input: { id, edition: 1 }, output: exampleEdition }],
  }),
  diff: query({
    rest: "GET /briefings/{id}/diff",
    summary: "Say what differs between two editions of a briefing",
    permission: "briefing.read",
    problems: ["briefing_not_found", "briefing_edition_not_found"],
    rate: "heavy",
    input: z.strictObject({ id: BriefingId, from: Edition, to: Edition }),
    output: BriefingDiff,
    examples: [
      { title: "Nothing", input: { id, from: 1, to: 1 }, output: { from: 1, to: 1, fields: [], sections: [] } },
    ],
  }),
  comments: query({
    rest: "GET /briefings/{id}/comments",
    summary: "List what was said when a briefing was returned, newest first",
    permission: "briefing.read",
    problems: ["briefing_not_found", "invalid_cursor"],
    input: z.strictObject({ ...paging, id: BriefingId }),
    output: page(BriefingComment),
    examples: [{ title: "One", input: { id }, output: { items: [exampleComment], nextCursor: null } }],
  }),
  recipients: query({
    rest: "GET /briefings/{id}/recipients",
    summary: "List those to whom a briefing was distributed, and when each read it",
    permission: "briefing.read",
    problems: ["briefing_not_found", "invalid_cursor"],
    input: z.strictObject({
      ...paging,
      id: BriefingId,
      read: z.boolean().optional().describe("Only those who have read it, or only those who have not."),
    }),
    output: page(BriefingRecipient),
    examples: [
      { title: "Who has read it", input: { id, read: true }, output: { items: [exampleRecipient], nextCursor: null } },
    ],
  }),
  create: command({
    rest: "POST /briefings",
    summary: "Draft a briefing",
    description: "Without a classification it is as classified as the highest of its sources.",
    permission: "briefing.create",
    problems: [...writing, "briefing_day_past"],
    status: 201,
    location: "/briefings/{id}",
    agent: "allow",
    input: z.strictObject({
      day: Day.optional().describe("Without it, today."),
      title,
      sections,
      sources: sources.default([]),
      classification: classification.optional(),
      audience: audience.default(nobody),
    }),
    output: Briefing,
    examples: [{ title: "The morning's", input: exampleContent, output: example }],
  }),
  update: command({
    rest: "PATCH /briefings/{id}",
    summary: "Edit a draft",
    description:
      "What is left out stays as it is. Each edit that changes something makes an edition. Only a draft is edited: what was submitted or approved is revised or returned first.",
    permission: "briefing.update",
    problems: [...writing, "briefing_not_found", "briefing_changed", "briefing_wrong_state"],
    agent: "allow",
    input: z.strictObject({
      id: BriefingId,
      version: Version,
      title: title.optional(),
      sections: sections.optional(),
      sources: sources.optional(),
      classification: classification.optional(),
      audience: audience.optional(),
    }),
    output: Briefing,
    examples: [
      {
        title: "Another title",
        input: { id, version: 1, title: { en: "Briefing", ar: null } },
        output: { ...example, title: { en: "Briefing", ar: null }, edition: 2, version: 2 },
      },
    ],
  }),
  ...moveOperations,
  acknowledge: command({
    rest: "POST /briefings/{id}/acknowledge",
    summary: "Say that the caller has read a briefing that was distributed to them",
    permission: null,
    problems: ["briefing_not_found", "briefing_not_recipient"],
    anyVersion: true,
    input: z.strictObject({ id: BriefingId }),
    output: z.object({
      changed: z.boolean().describe("False where the caller had said so already."),
      readAt: Instant.describe("When they said so first."),
    }),
    examples: [{ title: "Read", input: { id }, output: { changed: true, readAt: "2026-01-06T03:41:00.000Z" } }],
  }),
});

function withoutTexts() {
  const { sections: _s, sources: _o, audience: _a, ...rest } = exampleEdition;
  return rest;
}
