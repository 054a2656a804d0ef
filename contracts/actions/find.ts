import { z } from "zod";
import { exampleAction, exampleActionId as id } from "../examples/actions.ts";
import { officerId } from "../examples/people.ts";
import { Figure } from "../kit/figure.ts";
import { typeId } from "../kit/ids.ts";
import { page, paging } from "../kit/paging.ts";
import { Day, Instant, Version } from "../kit/shapes.ts";
import { Action, ActionId } from "./action.ts";
import { query } from "./capability.ts";
import { actionStates, priorities } from "./values.ts";

const PersonOrMe = z.string().regex(/^(me|per_[0-7][0-9a-hjkmnp-tv-z]{25})$/, "Must be `me`, or the id of a person.");
const entityId = typeId("ent").optional().describe("Only this entity's own.");

/** Which actions: those for which all of it holds. */
export const listFilters = {
  state: z.array(z.enum(actionStates)).min(1).max(6).optional().describe("Only these states."),
  priority: z.array(z.enum(priorities)).min(1).max(4).optional().describe("Only these priorities."),
  ownerId: PersonOrMe.optional().describe("Only this person's; `me`: the caller's."),
  watcherId: PersonOrMe.optional().describe("Only those that this person watches; `me`: the caller."),
  entityId,
  sourceId: z
    .string()
    .regex(
      /^(sig|pos|brf)_[0-7][0-9a-hjkmnp-tv-z]{25}$/,
      "Must be the id of a signal, of a change of posture, or of a briefing.",
    )
    .optional()
    .describe("Only those that came of this signal, change of posture or briefing."),
  dueBefore: Day.optional().describe("Only those that are due on an earlier day than this."),
  overdue: z
    .boolean()
    .optional()
    .describe("Only those that are past their day and neither done nor cancelled; false: only the others."),
};
const listed = {
  permission: "action.read",
  problems: ["invalid_cursor"],
  output: page(Action),
} as const;
const one = { items: [exampleAction], nextCursor: null };

const figure = (value: number) => ({
  ...{ value, unit: "actions", asOf: "2026-01-06T05:00:00.000Z", fetchedAt: "2026-01-06T05:00:00.000Z" },
  ...{ source: "Dais, actions", method: "derived", classification: "confidential", freshness: "fresh" },
});
/** How old an action is that isn't over, in whole days; the last one has no end. */
export const ages = [
  { fromDays: 0, toDays: 6 },
  { fromDays: 7, toDays: 29 },
  { fromDays: 30, toDays: 89 },
  { fromDays: 90, toDays: null },
] as const;
const days = z.int().min(0).max(100_000);

const ActionFigures = z
  .object({
    byState: z.array(z.object({ state: z.enum(actionStates), count: Figure })).max(6),
    overdue: Figure.describe("Past their day, and neither done nor cancelled."),
    ageing: z
      .array(z.object({ fromDays: days, toDays: days.nullable(), count: Figure }))
      .max(4)
      .describe("Open, in progress or blocked, by how many days ago they were made."),
    weeks: z
      .array(z.object({ from: Day, created: Figure, completed: Figure, verified: Figure }))
      .max(26)
      .describe(
        "What was made, completed and verified in each week, from its Monday on, newest first. What was reopened since counts as not done.",
      ),
  })
  .meta({ id: "ActionFigures", description: "How many actions there are, how old they are, and how many get done." });
export type ActionFigures = z.infer<typeof ActionFigures>;

const HistoryEntry = z.object({
  id: typeId("aud"),
  at: Instant,
  by: z.string().max(200).nullable().describe("Id of who did it; null for who may not see people."),
  onBehalfOf: z.string().max(200).nullable(),
  operation: z.string().max(100),
  event: z.string().max(64).nullable().describe("The move, where it was one."),
  reason: z.string().max(2000).nullable(),
  version: Version.nullable().describe("The version that it had from then on."),
  fields: z
    .array(z.object({ field: z.string().max(100), before: z.unknown(), after: z.unknown() }))
    .max(50)
    .describe(
      "What it changed. What came to the action or was taken from it is `checklist.chk_…`, `notes.nte_…`, `evidence.lnk_…` or `watchers.per_…`, and null where it isn't there; a tick is true or false. Empty where that was erased from the audit log.",
    ),
});

/** How actions are found. */
export const findOperations = {
  list: query({
    ...listed,
    rest: "GET /actions",
    summary: "List actions, those that are due first in front",
    description: "All filters may be combined. What has no day comes last.",
    input: z.strictObject({ ...paging, ...listFilters }),
    examples: [{ title: "The caller's that are late", input: { ownerId: "me", overdue: true }, output: one }],
  }),
  mine: query({
    ...listed,
    rest: "GET /actions/mine",
    summary: "List what the caller sees to, those that are due first in front",
    description: "Open actions of theirs, or whose deputy they are. Who is no person has none.",
    input: z.strictObject({ ...paging }),
    examples: [{ title: "All", input: {}, output: one }],
  }),
  team: query({
    ...listed,
    rest: "GET /actions/team",
    summary: "List what the caller's team sees to, those that are due first in front",
    description:
      "Open actions of the caller's entity and of those below it, and of the people whom they lead: who reports to them, over any number of steps, and who is in a group of which they are the owner. Who is no person has no team.",
    input: z.strictObject({ ...paging }),
    examples: [{ title: "All", input: {}, output: one }],
  }),
  figures: query({
    rest: "GET /actions/figures",
    summary: "Count actions by state and age, and what gets done in a week",
    description:
      "Of the actions that the caller sees. Weeks are those of the organisation's zone. Each figure has the highest classification of what it counts.",
    permission: "action.read",
    input: z.strictObject({
      entityId,
      weeks: z.int().min(1).max(26).default(8).describe("How many weeks, this one included."),
    }),
    output: ActionFigures,
    examples: [
      {
        title: "One open action, made this week",
        input: { weeks: 1 },
        output: {
          byState: actionStates.map((state) => ({ state, count: figure(state === "open" ? 1 : 0) })),
          overdue: figure(0),
          ageing: ages.map((age) => ({ ...age, count: figure(age.fromDays === 0 ? 1 : 0) })),
          weeks: [{ from: "2026-01-05", created: figure(1), completed: figure(0), verified: figure(0) }],
        },
      },
    ],
  }),
  get: query({
    rest: "GET /actions/{id}",
    summary: "Read one action",
    permission: "action.read",
    problems: ["action_not_found"],
    input: z.strictObject({ id: ActionId }),
    output: Action,
    examples: [{ title: "One action", input: { id }, output: exampleAction }],
  }),
  history: query({
    rest: "GET /actions/{id}/history",
    summary: "List who changed what of an action, newest first",
    permission: "action.read",
    problems: ["action_not_found", "invalid_cursor"],
    input: z.strictObject({ ...paging, id: ActionId }),
    output: page(HistoryEntry),
    examples: [
      {
        title: "A day later",
        input: { id },
        output: {
          items: [
            {
              ...{
                id: "aud_01kejc8ht0e6ssypg6m30swm9a",
                at: "2026-01-06T06:00:00.000Z",
                by: officerId,
                onBehalfOf: null,
              },
              ...{ operation: "actions.update", event: null, reason: null, version: 2 },
              fields: [{ field: "dueDay", before: "2026-01-08", after: "2026-01-09" }],
            },
          ],
          nextCursor: null,
        },
      },
    ],
  }),
};
