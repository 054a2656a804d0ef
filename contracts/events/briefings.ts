import { z } from "zod";
import { BriefingId, Edition, Sha256 } from "../briefings/shape.ts";
import { briefingStates } from "../briefings/values.ts";
import { briefingId, exampleBriefing as example } from "../examples/briefings.ts";
import { officerId } from "../examples/people.ts";
import { event, movePayload, overdueEvent } from "../kit/event.ts";
import { typeId } from "../kit/ids.ts";
import { Day } from "../kit/shapes.ts";

type State = (typeof briefingStates)[number];
const permission = "briefing.read";

const FileSha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .nullable();

const moved = (about: string, from: State, to: State, reason: string | null = null) =>
  event({
    ...{ about, version: 1, permission },
    payload: movePayload("brf", briefingStates),
    example: { id: briefingId, from, to, reason },
  });

/** What is told of briefings: never their texts. */
export const briefingEvents = {
  "briefing.created": event({
    ...{ about: "A briefing was drafted.", version: 1, permission },
    payload: z.object({ id: BriefingId, day: Day }),
    example: { id: briefingId, day: example.day },
  }),
  "briefing.updated": event({
    ...{ about: "A draft was edited: it has a new edition.", version: 1, permission },
    payload: z.object({ id: BriefingId, edition: Edition }),
    example: { id: briefingId, edition: 2 },
  }),
  "briefing.submitted": moved("A briefing was submitted for approval.", "draft", "pending_approval"),
  "briefing.returned": moved(
    "A briefing was returned to its authors, with comments.",
    "pending_approval",
    "draft",
    "Say which sites.",
  ),
  "briefing.approved": moved(
    "A briefing was approved by somebody who had no hand in it.",
    "pending_approval",
    "approved",
  ),
  "briefing.printed": event({
    ...{ about: "An approved briefing was printed: it can be read as a PDF.", version: 1, permission },
    payload: z.object({
      id: BriefingId,
      sha256: z
        .object({ en: FileSha256, ar: FileSha256, both: FileSha256 })
        .describe("Of the files in each language; null where it is too long, and there is none."),
    }),
    example: {
      id: briefingId,
      sha256: { en: "5f".repeat(32), ar: "b3".repeat(32), both: "c2".repeat(32) },
    },
  }),
  "briefing.revised": moved("A briefing is a draft again: what was approved counts no more.", "approved", "draft"),
  "briefing.distributed": event({
    ...{ about: "A briefing was distributed to its audience.", version: 1, permission },
    payload: movePayload("brf", briefingStates).extend({
      day: Day,
      edition: Edition,
      contentSha256: Sha256,
      recipients: z.int().min(0).max(2_147_483_647).describe("To how many people: `briefings.recipients` lists them."),
    }),
    example: {
      ...{ id: briefingId, from: "approved", to: "distributed", reason: null, day: example.day, edition: 1 },
      ...{ contentSha256: example.contentSha256, recipients: 1 },
    },
  }),
  "briefing.withdrawn": moved("A briefing was withdrawn.", "distributed", "withdrawn", "The wrong chart."),
  "briefing.expired": moved("The day of a briefing is over, and it was not distributed.", "draft", "expired"),
  "briefing.overdue": overdueEvent({
    ...{ about: "A briefing has waited too long for its approval or distribution.", permission },
    ...{ kind: "brf", states: briefingStates, example: { id: briefingId, state: "pending_approval" } },
  }),
  "briefing.acknowledged": event({
    ...{ about: "Somebody said that they had read a briefing.", version: 1, permission },
    payload: z.object({ id: BriefingId, personId: typeId("per") }),
    example: { id: briefingId, personId: officerId },
  }),
} as const;
