import { z } from "zod";
import {
  approved,
  distributed,
  exampleBriefing as example,
  briefingId as id,
  submitted,
} from "../examples/briefings.ts";
import { line, text, Version } from "../kit/shapes.ts";
import { command } from "./capability.ts";
import { Briefing, BriefingId, sectionKey } from "./shape.ts";

const because = line(2000).describe("Why. Kept on record.");
const reason = because.nullable().default(null);
const moving = ["briefing_not_found", "briefing_changed", "briefing_wrong_state"] as const;
const holding = [
  ...moving,
  "briefing_below_sources",
  "briefing_audience_empty",
  "briefing_audience_not_cleared",
] as const;
const drafted = (version: number, stateReason: string) => ({
  ...{ ...example, submittedBy: submitted.submittedBy, stateReason, version },
  updatedAt: "2026-01-06T02:50:00.000Z",
});
const [unclear, old, wrong] = ["Say which sites.", "A third warning came in.", "It says the wrong region."];

/** The moves of a briefing that is there. */
export const moveOperations = {
  submit: command({
    rest: "POST /briefings/{id}/submit",
    summary: "Submit a draft for approval",
    description:
      "Refused where a source is classified above the briefing, where the audience is nobody, or where somebody in it is not cleared.",
    permission: "briefing.submit",
    problems: holding,
    agent: "allow",
    input: z.strictObject({ id: BriefingId, version: Version, reason }),
    output: Briefing,
    examples: [{ title: "A draft", input: { id, version: 1 }, output: submitted }],
  }),
  return: command({
    rest: "POST /briefings/{id}/return",
    summary: "Return a submitted briefing to its authors, with comments",
    description: "It is a draft again. The comments stay with the edition of which they speak.",
    permission: "briefing.return",
    problems: [...moving, "briefing_section_unknown"],
    input: z.strictObject({
      id: BriefingId,
      version: Version,
      reason: because,
      comments: z
        .array(z.strictObject({ sectionId: sectionKey.nullable().default(null), body: text(5000).min(1) }))
        .max(100)
        .default([]),
    }),
    output: Briefing,
    examples: [
      {
        title: "Not clear enough",
        input: { id, version: 2, reason: unclear, comments: [{ sectionId: "weather", body: unclear }] },
        output: drafted(3, unclear),
      },
    ],
  }),
  approve: command({
    rest: "POST /briefings/{id}/approve",
    summary: "Approve a briefing that somebody else wrote",
    description:
      "It is of exactly this content: its SHA-256 goes on record, and any later edit needs another approval. Nobody approves what they made, edited or submitted, nor what an agent that they answer for did.",
    permission: "briefing.approve",
    problems: [...holding, "four_eyes"],
    assurance: { mfa: true, maxAgeSeconds: 300 },
    input: z.strictObject({ id: BriefingId, version: Version, reason }),
    output: Briefing,
    examples: [{ title: "It is so", input: { id, version: 2 }, output: approved }],
  }),
  revise: command({
    rest: "POST /briefings/{id}/revise",
    summary: "Make a submitted or approved briefing a draft again",
    description: "Its approval counts no more. Then it can be edited.",
    permission: "briefing.revise",
    problems: moving,
    input: z.strictObject({ id: BriefingId, version: Version, reason: because }),
    output: Briefing,
    examples: [{ title: "News came in", input: { id, version: 3, reason: old }, output: drafted(4, old) }],
  }),
  distribute: command({
    rest: "POST /briefings/{id}/distribute",
    summary: "Distribute an approved briefing to its audience",
    description:
      "Who is in the audience is found out now, and kept: `briefings.recipients`. An audience has at most one distributed briefing of a day.",
    permission: "briefing.distribute",
    problems: [...holding, "briefing_already_distributed"],
    agent: "propose",
    input: z.strictObject({ id: BriefingId, version: Version, reason }),
    output: Briefing,
    examples: [{ title: "An approved one", input: { id, version: 3 }, output: distributed }],
  }),
  withdraw: command({
    rest: "POST /briefings/{id}/withdraw",
    summary: "Withdraw a briefing",
    description: "One that was distributed is no longer there for its audience, who may be given another one.",
    permission: "briefing.withdraw",
    problems: moving,
    input: z.strictObject({ id: BriefingId, version: Version, reason: because }),
    output: Briefing,
    examples: [
      {
        title: "One with a mistake",
        input: { id, version: 4, reason: wrong },
        output: { ...distributed, state: "withdrawn", stateReason: wrong, version: 5 },
      },
    ],
  }),
};
