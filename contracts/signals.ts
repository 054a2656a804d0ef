import { z } from "zod";
import { exampleId, exampleInput, exampleSignal } from "./examples/signals.ts";
import { router } from "./kit/operation.ts";
import { assessOperations } from "./signals/assess.ts";
import { capOperations } from "./signals/cap.ts";
import { command, query } from "./signals/capability.ts";
import { findOperations } from "./signals/find.ts";
import { moveOperations } from "./signals/moves.ts";
import { Signal, SignalId, SignalInput } from "./signals/signal.ts";
import { workOperations } from "./signals/work.ts";

export type { SignalAlert } from "./signals/cap.ts";
export type { SignalEvents } from "./signals/capability.ts";
export type { SignalPicture } from "./signals/find.ts";
export { pictureDays, SignalSort, searchFilters } from "./signals/find.ts";
export { Signal, SignalId, SignalInput } from "./signals/signal.ts";
export { assessors, categories, reviewReasons, severities, signalStates } from "./signals/values.ts";

const Receipt = z.object({
  changed: z.boolean().describe("Whether a new signal was made."),
  outcome: z
    .enum(["created", "seen", "unchanged"])
    .describe(
      "`seen`: another report of a signal that was there. `unchanged`: a report that had come already, word for word.",
    ),
  signal: Signal,
});

export const signals = router({
  ...findOperations,
  get: query({
    rest: "GET /signals/{id}",
    summary: "Read one signal",
    permission: "signal.read",
    problems: ["signal_not_found"],
    input: z.strictObject({ id: SignalId }),
    output: Signal,
    examples: [{ title: "One signal", input: { id: exampleId }, output: exampleSignal }],
  }),
  ingest: command({
    rest: "POST /signals",
    summary: "Report one signal",
    description:
      "A new signal is answered with 201. A report of one that is there already counts for it, and is answered with that one, `changed: false` and status 200: where source and external id are the same, or title and category are and they lie within an hour and 5 km of each other (without a place: where they share a geocode or the area's words). Only what has the same classification and entity can be the same. A report that comes again word for word, under its external id, does nothing.",
    permission: "signal.ingest",
    problems: ["signal_entity_unknown", "signal_classification_unknown", "signal_above_clearance"],
    status: 201,
    location: "/signals/{signal.id}",
    anyVersion: true,
    agent: "allow",
    input: SignalInput,
    output: Receipt,
    examples: [
      {
        title: "A flood watch",
        input: exampleInput,
        output: { changed: true, outcome: "created", signal: exampleSignal },
      },
    ],
  }),
  ingestBatch: command({
    rest: "POST /signals/batch",
    summary: "Report up to 1000 signals, with an answer for each",
    description:
      "Each item stands for itself: one that is refused doesn't keep the others out. The answers come in the order of the items. Which signals there are in the end does not depend on the order in which reports come, nor on how they are put into batches.",
    permission: "signal.ingest",
    rate: "heavy",
    anyVersion: true,
    agent: "allow",
    input: z.strictObject({ items: z.array(SignalInput).min(1).max(1000) }),
    output: z.object({
      changed: z.boolean().describe("False where no item made a new signal."),
      items: z
        .array(
          z.object({
            outcome: z
              .enum(["created", "seen", "unchanged", "refused"])
              .describe(
                "As of a single report. The first of several that make one new signal is `created`, the others are `seen`.",
              ),
            id: SignalId.nullable().describe("Null where refused."),
            problem: z.string().max(64).nullable().describe("The problem's code, where refused."),
          }),
        )
        .max(1000),
    }),
    examples: [
      {
        title: "Two, of which one is known already",
        input: { items: [exampleInput, { ...exampleInput, externalId: "urn:oid:2.49.0.1.840.0.2" }] },
        output: {
          changed: true,
          items: [
            { outcome: "unchanged", id: exampleId, problem: null },
            { outcome: "created", id: "sig_01kejc8ht0e6ssypg6m30swm9h", problem: null },
          ],
        },
      },
    ],
  }),
  ...capOperations,
  ...moveOperations,
  ...workOperations,
  ...assessOperations,
});
