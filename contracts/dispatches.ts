import { z } from "zod";
import { ApprovalId } from "./approvals/shape.ts";
import { command, query } from "./dispatches/capability.ts";
import { Channel, PolicyInput } from "./dispatches/policy.ts";
import {
  AudienceInput,
  Counts,
  Dispatch,
  DispatchDay,
  DispatchId,
  DispatchSummary,
  Estimate,
  Preview,
  Subject,
  SubjectInput,
} from "./dispatches/shape.ts";
import { dispatchStates, priorities, recipientStates } from "./dispatches/values.ts";
import { exampleApproval } from "./examples/approvals.ts";
import {
  exampleDispatch as example,
  exampleDay,
  exampleInput,
  exampleSummary,
  stopped,
} from "./examples/dispatches.ts";
import { typeId } from "./kit/ids.ts";
import { movesOutput } from "./kit/moves.ts";
import { router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Day, line } from "./kit/shapes.ts";
import { ValuesInput } from "./messageTemplates/shape.ts";
import { Language } from "./person.ts";

export type { DispatchEvents } from "./dispatches/capability.ts";
export type * from "./dispatches/policy.ts";
export type * from "./dispatches/shape.ts";

const { id } = example;
const judged = [
  ...(["dispatch_template_unknown", "dispatch_variable_unknown", "dispatch_variable_missing"] as const),
  ...(["dispatch_value_too_long", "dispatch_too_long", "dispatch_classification_unknown"] as const),
  ...(["dispatch_subject_unknown", "dispatch_below_subject", "dispatch_paper_missing"] as const),
  ...(["dispatch_entity_unknown", "dispatch_audience_unknown", "dispatch_audience_empty"] as const),
  ...(["dispatch_audience_too_large", "dispatch_phone_invalid", "dispatch_addressee_twice"] as const),
  ...(["dispatch_addressee_unreachable", "dispatch_above_ceiling", "dispatch_channel_off"] as const),
];
const said = {
  templateId: typeId("mtp"),
  values: ValuesInput.default({ en: {}, ar: {} }).describe(
    "What stands for the template's variables, in each language; where one is missing, the other language's.",
  ),
  subject: SubjectInput.nullable().default(null).describe("What it is about."),
  attachesPaper: z
    .boolean()
    .default(false)
    .describe("Whether the PDF of the briefing goes along, where the channel may carry it."),
  entityId: typeId("ent").nullable().default(null),
  classification: Classification.describe(
    "Who isn't cleared for it is left out; above a channel's ceiling, only that there is something to read is said.",
  ),
  audience: AudienceInput.describe("For whom it is. Who is in it is found out now."),
  policy: PolicyInput,
  priority: z.enum(priorities).default("normal").describe("What is urgent goes before all else."),
  drill: z.boolean().default(false).describe("A rehearsal: everything is rendered and recorded, and nothing is sent."),
};

export const dispatches = router({
  list: query({
    rest: "GET /dispatches",
    summary: "List dispatches, newest first",
    permission: "dispatch.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      state: z.enum(dispatchStates).optional(),
      subjectType: Subject.shape.type.optional().describe("Only those about this kind of thing."),
      subjectId: z.string().max(100).optional().describe("Only those about this thing."),
    }),
    output: page(DispatchSummary),
    examples: [
      { title: "What goes on", input: { state: "running" }, output: { items: [exampleSummary], nextCursor: null } },
    ],
  }),
  day: query({
    rest: "GET /dispatches/day",
    summary: "Say how many messages a day's dispatches may come to, and how many are left",
    permission: "dispatch.read",
    input: z.strictObject({ day: Day.optional().describe("Without it, today.") }),
    output: DispatchDay,
    examples: [{ title: "Today", input: {}, output: exampleDay }],
  }),
  get: query({
    rest: "GET /dispatches/{id}",
    summary: "Read one dispatch",
    permission: "dispatch.read",
    problems: ["dispatch_not_found"],
    input: z.strictObject({ id: DispatchId }),
    output: Dispatch,
    examples: [{ title: "One dispatch", input: { id }, output: example }],
  }),
  counts: query({
    rest: "GET /dispatches/{id}/counts",
    summary: "Say how many recipients of a dispatch are how far",
    permission: "dispatch.read",
    problems: ["dispatch_not_found"],
    input: z.strictObject({ id: DispatchId }),
    output: Counts,
    examples: [
      {
        title: "Of one that has just begun",
        input: { id },
        output: { ...(Object.fromEntries(recipientStates.map((state) => [state, 0])) as Counts), sent: 1 },
      },
    ],
  }),
  moves: query({
    rest: "GET /dispatches/{id}/moves",
    summary: "Say which moves the caller may make now, and for the others why not",
    permission: "dispatch.read",
    problems: ["dispatch_not_found"],
    input: z.strictObject({ id: DispatchId }),
    output: movesOutput(dispatchStates),
    examples: [
      {
        title: "Of one that goes on",
        input: { id },
        output: { items: [{ event: "stop", to: "stopped", allowed: true, why: null }] },
      },
    ],
  }),
  estimate: command({
    rest: "POST /dispatches/estimate",
    summary: "Say whom a dispatch would reach, what with and for how much",
    description: "Refused as `dispatches.create` would be, but for the day's cap: whether it fits is answered.",
    permission: "dispatch.estimate",
    problems: judged,
    agent: "allow",
    input: z.strictObject(said),
    output: z.object({
      recipients: Dispatch.shape.recipients,
      leftOut: Dispatch.shape.recipients.describe("How many of the audience are not cleared for it."),
      estimate: Estimate,
      day: DispatchDay,
      fits: z.boolean().describe("Whether the day's cap leaves room for it."),
      withheld: z.array(Channel).max(5).describe("Where only that there is something to read would be said."),
      onlyInWindow: z
        .array(Language)
        .max(2)
        .describe(
          "In these languages WhatsApp would reach only who wrote to it within 24 hours, for others the next channel is tried: it has approved nothing that could be said. Give the template a `contentSid`, or the organisation `communications.withheldContentSids` where the text is withheld.",
        ),
      preview: z
        .object({ en: Preview.nullable(), ar: Preview.nullable() })
        .describe("Null: the template has no such text."),
    }),
    examples: [
      {
        title: "The morning's",
        input: exampleInput,
        output: {
          ...{ recipients: 1, leftOut: 0, estimate: example.estimate, day: exampleDay, fits: true },
          withheld: ["whatsapp", "sms", "email"],
          onlyInWindow: ["en", "ar"],
          preview: {
            en: {
              subject: "Briefing of 6 January",
              text: "Good morning Name,\n\nthe briefing of 6 January is there.\n\nhttps://dais.example/r/…",
              short: "Rimal Holding: the briefing of 6 January is there. https://dais.example/r/…",
            },
            ar: null,
          },
        },
      },
    ],
  }),
  create: command({
    rest: "POST /dispatches",
    summary: "Have people told something, over one channel after the other",
    description:
      "Everything that can be wrong is found now, and nothing when it is sent. Up to 200 recipients are there at once; more are written down in the background, and `dispatch.addressed` tells when. What it may come to at most is taken from the day's cap; what wasn't needed is given back.",
    permission: "dispatch.create",
    problems: [...judged, "dispatch_cap"],
    status: 201,
    location: "/dispatches/{id}",
    agent: "propose",
    input: z.strictObject(said),
    output: Dispatch,
    examples: [{ title: "The morning's", input: exampleInput, output: example }],
  }),
  stop: command({
    rest: "POST /dispatches/{id}/stop",
    summary: "Stop a dispatch, at once and for good",
    description:
      "Two seconds later nothing more of it is handed to anybody. What a channel has taken can't be called back.",
    permission: "dispatch.stop",
    problems: ["dispatch_not_found", "dispatch_wrong_state"],
    anyVersion: true,
    input: z.strictObject({
      id: DispatchId,
      reason: line(2000).nullable().default(null).describe("Why. Kept on record."),
    }),
    output: Dispatch,
    examples: [{ title: "A mistake", input: { id, reason: "The wrong chart." }, output: stopped }],
  }),
  raiseCap: command({
    rest: "POST /dispatches/raise-cap",
    summary: "Ask for more messages on a day than the cap, or on every day",
    description:
      "Somebody else who approves is asked; watch the approval at `Location`. Once it is granted, `dispatch.cap_raised` tells. There is no other way to raise the organisation's own cap, `communications.dailyMessages`: `organisations.update` lowers it only.",
    permission: "dispatch.raise_cap",
    problems: ["dispatch_cap_not_raised", "dispatch_cap_undecidable", "dispatch_day_past"],
    status: 202,
    location: "/approvals/{approvalId}",
    anyVersion: true,
    input: z.strictObject({
      day: Day.nullable()
        .optional()
        .describe("Without it, today. Null: every day from then on, so the organisation's own setting."),
      cap: z.int().min(1).max(10_000_000).describe("How many messages a day's dispatches may come to."),
      reason: line(2000).describe("Why. Whoever decides reads it."),
    }),
    output: z.object({
      approvalId: ApprovalId,
      day: Day.nullable().describe("Null: every day."),
      cap: DispatchDay.shape.cap,
    }),
    examples: [
      {
        title: "A storm",
        input: { cap: 5000, reason: "Everybody on the coast is warned today." },
        output: { approvalId: exampleApproval.id, day: exampleDay.day, cap: 5000 },
      },
      {
        title: "For good",
        input: { day: null, cap: 3000, reason: "Two more entities are told every morning." },
        output: { approvalId: exampleApproval.id, day: null, cap: 3000 },
      },
    ],
  }),
});
