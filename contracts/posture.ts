import { z } from "zod";
import { examplePosture as example } from "./examples/posture.ts";
import { typeId } from "./kit/ids.ts";
import { router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line, text } from "./kit/shapes.ts";
import { query } from "./posture/capability.ts";
import { changeOperations } from "./posture/changes.ts";
import { LevelKey, levelOperations, Rank } from "./posture/levels.ts";

export type { PostureEvents } from "./posture/capability.ts";
export type { PostureChange } from "./posture/changes.ts";
export { type Level, usualLevels } from "./posture/levels.ts";

export const Posture = z
  .object({
    id: typeId("pos"),
    entityId: typeId("ent").nullable().describe("Null: the whole organisation."),
    level: LevelKey,
    rank: Rank,
    reason: text(2000).describe("Empty where the change lies above the caller's clearance."),
    since: Instant,
    source: line(200).describe("Who or what set it."),
  })
  .meta({ id: "Posture", description: "A level of alertness, since when and why." });
export type Posture = z.infer<typeof Posture>;

const entityId = typeId("ent").optional().describe("This entity's; without it, the organisation's.");

export const posture = router({
  current: query({
    rest: "GET /posture",
    summary: "Read the posture that holds now",
    permission: "posture.read",
    problems: ["posture_not_found"],
    input: z.strictObject({ entityId }),
    output: Posture,
    examples: [{ title: "The organisation's", input: {}, output: example }],
  }),
  history: query({
    rest: "GET /posture/history",
    summary: "List the changes of posture, newest first",
    permission: "posture.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging, entityId }),
    output: page(Posture),
    examples: [{ title: "The organisation's", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  ...levelOperations,
  ...changeOperations,
});
