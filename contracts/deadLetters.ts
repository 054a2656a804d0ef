import { z } from "zod";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, line } from "./kit/shapes.ts";

/** failed -> retrying -> delivered, or failed again; dropped: given up. */
export const deadLetterStates = ["failed", "retrying", "delivered", "dropped"] as const;

const exampleId = "dlt_01kejc8ht0e6ssypg6m30swm9j";

const { query, command, events } = capability({
  name: "deadLetters",
  title: "Dead letters",
  about:
    "Events that a part of the server could not take, however often it was tried. Later events of the same thing went on without them. What an event says is not shown here.",
  permissions: {
    "dead_letter.read": "See which events could not be delivered, within the caller's clearance.",
    "dead_letter.retry": "Have such an event delivered once more.",
    "dead_letter.drop": "Give up delivering such an event.",
  },
  problems: {
    dead_letter_not_found: {
      status: 404,
      title: "No such dead letter",
      meaning: "There is no dead letter with this id in the caller's organisation and within the caller's clearance.",
      remedy: "Check the id, or list dead letters.",
    },
    dead_letter_wrong_state: {
      status: 409,
      title: "It was decided about already",
      meaning: "The event has been delivered meanwhile, or was given up. `state` says which.",
      remedy: "Read it again; there is nothing left to do.",
    },
  },
  events: {
    "dead_letter.retried": event({
      about: "An event that could not be delivered is to be tried once more.",
      version: 1,
      permission: "dead_letter.read",
      payload: idPayload("dlt"),
      example: { id: exampleId },
    }),
    "dead_letter.dropped": event({
      about: "An event that could not be delivered was given up.",
      version: 1,
      permission: "dead_letter.read",
      payload: idPayload("dlt"),
      example: { id: exampleId },
    }),
  },
});
export type DeadLetterEvents = typeof events;

export const DeadLetterId = typeId("dlt");
const name = z.string().max(200);

export const DeadLetter = z
  .object({
    id: DeadLetterId,
    state: z.enum(deadLetterStates),
    consumer: name.describe("The part of the server that could not take it."),
    eventId: typeId("evt"),
    event: name.describe("The event's name: `signal.ingested`."),
    resourceType: name.describe("What it happened to: a `signal`."),
    classification: Classification.nullable().describe("Level of what it happened to; null: it has none."),
    errorCode: name.describe("Why the last attempt failed. The log has the rest, under `requestId`."),
    attempts: z.int().min(0).max(2_147_483_647),
    requestId: name.describe("Of the request that caused the event."),
    occurredAt: Instant.describe("When it happened."),
    failedAt: Instant.describe("When it failed last."),
    decidedAt: Instant.nullable().describe("When it was delivered after all, or given up."),
  })
  .meta({ id: "DeadLetter", description: "An event that could not be delivered, without what it says." });
export type DeadLetter = z.infer<typeof DeadLetter>;

const example = {
  id: exampleId,
  state: "failed",
  consumer: "briefings.window",
  eventId: "evt_01kejc8ht0e6ssypg6m30swm9k",
  event: "signal.ingested",
  resourceType: "signal",
  classification: "internal",
  errorCode: "unavailable",
  attempts: 10,
  requestId: "5f0c9a52-6a0e-4b0e-9d5a-0e6f5f1f3c11",
  occurredAt: "2026-01-06T04:00:00.000Z",
  failedAt: "2026-01-06T05:10:00.000Z",
  decidedAt: null,
};

export const deadLetters = router({
  list: query({
    rest: "GET /dead-letters",
    summary: "List events that could not be delivered, newest first",
    permission: "dead_letter.read",
    problems: ["invalid_cursor"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({
      ...paging,
      state: z.array(z.enum(deadLetterStates)).min(1).max(4).optional().describe("Only these states."),
      consumer: name.min(1).optional().describe("Only this part of the server."),
    }),
    output: page(DeadLetter),
    examples: [
      {
        title: "Those that nobody has decided about",
        input: { state: ["failed"] },
        output: { items: [example], nextCursor: null },
      },
    ],
  }),
  get: query({
    rest: "GET /dead-letters/{id}",
    summary: "Read one event that could not be delivered",
    permission: "dead_letter.read",
    problems: ["dead_letter_not_found"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: DeadLetterId }),
    output: DeadLetter,
    examples: [{ title: "One of them", input: { id: exampleId }, output: example }],
  }),
  retry: command({
    rest: "POST /dead-letters/{id}/retry",
    summary: "Have an event delivered once more",
    permission: "dead_letter.retry",
    problems: ["dead_letter_not_found", "dead_letter_wrong_state"],
    status: 202,
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: DeadLetterId }),
    output: z.object({
      changed: z.boolean().describe("False where it is to be tried already."),
      deadLetter: DeadLetter,
    }),
    examples: [
      {
        title: "Retry",
        input: { id: exampleId },
        output: { changed: true, deadLetter: { ...example, state: "retrying" } },
      },
    ],
  }),
  drop: command({
    rest: "POST /dead-letters/{id}/drop",
    summary: "Give up delivering an event",
    permission: "dead_letter.drop",
    problems: ["dead_letter_not_found", "dead_letter_wrong_state"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: DeadLetterId, reason: line(500).describe("Why; it is kept in the audit trail.") }),
    output: z.object({ changed: z.boolean().describe("False where it was dropped already."), deadLetter: DeadLetter }),
    examples: [
      {
        title: "Drop",
        input: { id: exampleId, reason: "The signal was a test." },
        output: {
          changed: true,
          deadLetter: { ...example, state: "dropped", decidedAt: "2026-01-06T06:00:00.000Z" },
        },
      },
    ],
  }),
});
