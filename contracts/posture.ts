import { z } from "zod";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line, text } from "./kit/shapes.ts";

const { query } = capability({
  name: "posture",
  title: "Posture",
  about: "How alert the organisation and each of its entities are, since when and why.",
  permissions: { "posture.read": "See the posture and its history." },
  problems: {
    posture_not_found: {
      status: 404,
      title: "No posture set",
      meaning: "The organisation or entity asked for has no posture, or the entity does not exist.",
      remedy: "List entities, or ask for the organisation's posture without `entityId`.",
    },
  },
});

export const Posture = z
  .object({
    id: typeId("pos"),
    entityId: typeId("ent").nullable().describe("Null: the whole organisation."),
    level: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,39}$/)
      .describe(
        "Key of a level. The levels are the organisation's own; the default is normal < elevated < high < critical.",
      ),
    rank: z.int().min(0).max(100).describe("The level's place in the order: 0 is the calmest."),
    reason: text(2000),
    since: Instant,
    source: line(200).describe("Who or what set it."),
  })
  .meta({ id: "Posture", description: "A level of alertness, since when and why." });
export type Posture = z.infer<typeof Posture>;

const entityId = typeId("ent").optional().describe("This entity's; without it, the organisation's.");
const example = {
  id: "pos_01kejc8ht0e6ssypg6m30swm9c",
  entityId: null,
  level: "elevated",
  rank: 1,
  reason: "Severe weather over two sites.",
  since: "2026-01-06T04:30:00.000Z",
  source: "operations room",
};

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
});
