import { z } from "zod";
import { changedAction, exampleAction, exampleWanted, exampleActionId as id } from "../examples/actions.ts";
import { Classification, Version } from "../kit/shapes.ts";
import { Action, ActionId, Source, said } from "./action.ts";
import { command } from "./capability.ts";

const people = [
  ...(["action_person_unknown", "action_person_uncleared", "action_person_unfit"] as const),
  "action_deputy_owner",
] as const;
const saying = [...people, "action_entity_unknown", "action_due_day"] as const;

const Wanted = z.strictObject({
  ...said,
  details: said.details.default(""),
  priority: said.priority.default("normal"),
  dueDay: said.dueDay.default(null),
  deputyIds: said.deputyIds.default([]),
  entityId: said.entityId.default(null),
  classification: Classification.describe("Not below that of its source."),
  source: Source.nullable().default(null).describe("What it comes of. It must be there for the caller."),
});

const fields = {
  title: said.title.optional(),
  details: said.details.optional(),
  priority: said.priority.optional(),
  dueDay: said.dueDay.optional(),
  ownerId: said.ownerId.optional().describe("Hands it over."),
  deputyIds: said.deputyIds.optional().describe("All of them from now on."),
  entityId: said.entityId.optional(),
};
const edit = { id: ActionId, version: Version, ...fields };
export const editedFields = Object.keys(fields) as (keyof typeof fields)[];

const Merged = z
  .boolean()
  .describe("Whether it had moved on since that version, and the change was made all the same.");

/** One edit of several, and what became of it. */
const Outcome = z.object({
  id: ActionId,
  outcome: z.enum(["changed", "merged", "unchanged", "refused"]),
  version: Version.nullable().describe("The one that it has now; null where it isn't there."),
  problem: z.string().max(64).nullable().describe("The code of the problem that the edit would have met alone."),
  fields: z.array(z.string().max(40)).max(20).describe("Those that kept it from being merged."),
});

export const changeOperations = {
  create: command({
    rest: "POST /actions",
    summary: "Make an action",
    permission: "action.create",
    problems: [
      ...saying,
      "action_source_unknown",
      "action_classification_unknown",
      "action_classification_low",
      "action_above_clearance",
    ],
    status: 201,
    location: "/actions/{id}",
    agent: "propose",
    input: Wanted,
    output: Action,
    examples: [{ title: "Because of a signal", input: exampleWanted, output: exampleAction }],
  }),
  update: command({
    rest: "PATCH /actions/{id}",
    summary: "Change what an action says, hand it over, or say when it is due",
    description:
      "What is left out stays. An edit upon an older version is made where nobody else has changed its fields since, and says `merged: true`; otherwise it is refused, and `fields` says what differs. Only what is open, in progress or blocked can be edited.",
    permission: "action.update",
    problems: ["action_not_found", "action_changed", "action_wrong_state", ...saying],
    onStale: "merge",
    agent: "propose",
    input: z.strictObject(edit),
    output: Action.extend({ merged: Merged }),
    examples: [
      {
        title: "A day later",
        input: { id, version: 1, dueDay: "2026-01-09" },
        output: { ...changedAction({ dueDay: "2026-01-09", dueAt: "2026-01-09T20:00:00.000Z" }), merged: false },
      },
    ],
  }),
  updateMany: command({
    rest: "POST /actions/update-many",
    summary: "Edit many actions at once",
    description:
      "Each edit is judged as `actions.update` judges one, and is made or refused by itself; the answers are in the order of the items. Each action is named once.",
    permission: "action.update",
    rate: "heavy",
    anyVersion: true,
    onStale: "merge",
    input: z.strictObject({
      items: z
        .array(z.strictObject(edit))
        .min(1)
        .max(200)
        .refine((items) => new Set(items.map((one) => one.id)).size === items.length, "Must name each action once."),
    }),
    output: z.object({ items: z.array(Outcome).max(200) }),
    examples: [
      {
        title: "One of them",
        input: { items: [{ id, version: 1, priority: "high" }] },
        output: { items: [{ id, outcome: "changed", version: 2, problem: null, fields: [] }] },
      },
    ],
  }),
};
