import { z } from "zod";
import { exampleChange as example } from "../examples/posture.ts";
import { typeId } from "../kit/ids.ts";
import { movesOutput } from "../kit/moves.ts";
import { page, paging } from "../kit/paging.ts";
import { Classification, Instant, line, Version } from "../kit/shapes.ts";
import { leastReason } from "../kit/workflow.ts";
import { command, query } from "./capability.ts";
import { LevelKey, Rank } from "./levels.ts";
import { postureStates } from "./values.ts";

const ChangeId = typeId("pos");

export const PostureChange = z
  .object({
    id: ChangeId.describe("Once it is confirmed, also that of the posture which it brought about."),
    entityId: typeId("ent").nullable().describe("Null: the whole organisation."),
    fromLevel: LevelKey.nullable().describe("The level that held when it was proposed; null where none did."),
    level: LevelKey,
    rank: Rank,
    reason: z.string().max(2000),
    signalIds: z.array(typeId("sig")).max(50).describe("What it is proposed because of."),
    proposedBy: z.string().max(200).describe("Id of who proposed it: `per_…`, `agt_…`, `key_…`, `prg_…`."),
    decidedBy: z.string().max(200).nullable().describe("Id of who confirmed it, rejected it or took it back."),
    decidedAt: Instant.nullable(),
    classification: Classification.describe("As high as the highest of its signals was."),
    state: z.enum(postureStates),
    stateReason: z.string().max(2000).nullable(),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "PostureChange", description: "A change of posture that somebody proposed, and what became of it." });
export type PostureChange = z.infer<typeof PostureChange>;

const { id, level, signalIds, reason } = example;
const because = line(2000).describe("Why. Kept on record.");
const moving = ["posture_change_not_found", "posture_changed", "posture_wrong_state"] as const;
const decided = (state: (typeof postureStates)[number], why: string) => ({
  ...example,
  ...{ state, stateReason: why, decidedBy: "per_01kejc8ht0e6ssypg6m30swmp2", decidedAt: "2026-01-06T05:40:00.000Z" },
  ...{ version: 2, updatedAt: "2026-01-06T05:40:00.000Z" },
});
const [confirmed, rejected, withdrawn] = [
  "The site reports water in the yard.",
  "The storm has turned north.",
  "The warnings were cancelled.",
];

export const changeOperations = {
  changes: query({
    rest: "GET /posture/changes",
    summary: "List proposed changes of posture, and what became of them, newest first",
    permission: "posture.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      state: z.enum(postureStates).optional(),
      entityId: typeId("ent").optional().describe("Only this entity's; without it, everybody's."),
    }),
    output: page(PostureChange),
    examples: [
      { title: "What is to be decided", input: { state: "proposed" }, output: { items: [example], nextCursor: null } },
    ],
  }),
  change: query({
    rest: "GET /posture/changes/{id}",
    summary: "Read one change of posture",
    permission: "posture.read",
    problems: ["posture_change_not_found"],
    input: z.strictObject({ id: ChangeId }),
    output: PostureChange,
    examples: [{ title: "One change", input: { id }, output: example }],
  }),
  moves: query({
    rest: "GET /posture/changes/{id}/moves",
    summary: "Say which moves the caller may make now, and for the others why not",
    permission: "posture.read",
    problems: ["posture_change_not_found"],
    input: z.strictObject({ id: ChangeId }),
    output: movesOutput(postureStates),
    examples: [
      {
        title: "For the person who answers for the agent that proposed it",
        input: { id },
        output: {
          items: [
            { event: "confirm", to: "confirmed", allowed: false, why: "four_eyes" },
            { event: "reject", to: "rejected", allowed: false, why: "forbidden" },
            { event: "withdraw", to: "withdrawn", allowed: true, why: null },
          ],
        },
      },
    ],
  }),
  propose: command({
    rest: "POST /posture/changes",
    summary: "Propose a change of posture",
    description:
      "Nothing changes by it until another person confirms it. It is as classified as the highest of its signals. When the posture changes in the meantime, it is superseded.",
    permission: "posture.propose",
    problems: ["posture_level_holds", "posture_level_unknown", "posture_entity_unknown", "posture_signal_unknown"],
    status: 201,
    location: "/posture/changes/{id}",
    agent: "allow",
    input: z.strictObject({
      entityId: typeId("ent").optional().describe("This entity's posture; without it, the organisation's."),
      level: LevelKey,
      reason: because.min(leastReason),
      signalIds: z
        .array(typeId("sig"))
        .max(50)
        .default([])
        .describe("Signals because of which. They must exist for the caller."),
    }),
    output: PostureChange,
    examples: [{ title: "Up, because of a warning", input: { level, reason, signalIds }, output: example }],
  }),
  confirm: command({
    rest: "POST /posture/changes/{id}/confirm",
    summary: "Confirm a change of posture that somebody else proposed",
    description:
      "From now on it holds. Nobody confirms what they proposed themselves, nor what an agent that they answer for did. After a change down the next one down waits for the organisation's time (`settings.posture.dwellMinutes`).",
    permission: "posture.confirm",
    problems: [...moving, "four_eyes", "posture_dwell", "posture_moved", "posture_level_unknown"],
    assurance: { mfa: true, maxAgeSeconds: 300 },
    input: z.strictObject({
      id: ChangeId,
      version: Version,
      reason: because.min(leastReason),
    }),
    output: PostureChange,
    examples: [
      {
        title: "It is so",
        input: { id, version: 1, reason: confirmed },
        output: decided("confirmed", confirmed),
      },
    ],
  }),
  reject: command({
    rest: "POST /posture/changes/{id}/reject",
    summary: "Turn down a proposed change of posture",
    permission: "posture.reject",
    problems: moving,
    input: z.strictObject({ id: ChangeId, version: Version, reason: because }),
    output: PostureChange,
    examples: [
      { title: "No need", input: { id, version: 1, reason: rejected }, output: decided("rejected", rejected) },
    ],
  }),
  withdraw: command({
    rest: "POST /posture/changes/{id}/withdraw",
    summary: "Take back a change of posture that the caller, or an agent of theirs, proposed",
    permission: "posture.withdraw",
    problems: [...moving, "posture_not_own"],
    agent: "allow",
    input: z.strictObject({ id: ChangeId, version: Version, reason: because.nullable().default(null) }),
    output: PostureChange,
    examples: [
      { title: "No longer so", input: { id, version: 1, reason: withdrawn }, output: decided("withdrawn", withdrawn) },
    ],
  }),
};
