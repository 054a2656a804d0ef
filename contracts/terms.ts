import { z } from "zod";
import { capability, router } from "./kit/operation.ts";

const { query, command } = capability({
  name: "terms",
  title: "Terms",
  about:
    "How long a thing may wait in a state for whoever acts next: by hours, or by working days of the organisation's calendar. Past its term it is overdue; past a second one of the same length, deputies see it, too.",
  permissions: {
    "term.read": "See for how long things may wait.",
    "term.set": "Say for how long things may wait.",
  },
  problems: {
    term_unknown: {
      status: 422,
      title: "Nothing waits there",
      meaning: "There is no workflow of this name, or nothing waits in this state of it.",
      remedy: "Take one of `terms.list`.",
    },
  },
});

const word = z.string().regex(/^[a-z][a-z_]{0,39}$/);
const key = {
  machine: word.describe("A workflow's name: `agent`."),
  state: word.describe("One of its states in which somebody has to act."),
};
const Length = {
  amount: z.int().min(1).max(8760).describe("At most 8760 hours, or 366 working days."),
  unit: z
    .enum(["hours", "workingDays"])
    .describe(
      "Hours run by the clock. Working days are counted from the day after that on which the term begins, and the term ends with the last of them, in the organisation's zone.",
    ),
};
const longest = { hours: 8760, workingDays: 366 };

const length = z.object(Length);
export const Term = z
  .object({
    ...key,
    title: z.string().max(200).describe("What a thing of this workflow is called."),
    waitsFor: z.string().max(100).describe("The permission of whoever acts next, or the field that names the person."),
    term: length,
    usual: length.describe("What holds where the organisation says nothing else."),
    source: z.enum(["usual", "organisation"]).describe("Where `term` comes from."),
  })
  .meta({ id: "Term", description: "For how long a thing may wait in a state." });
export type Term = z.infer<typeof Term>;

const example = {
  machine: "agent",
  state: "suspended",
  title: "Agent",
  waitsFor: "agent.resume",
  term: { amount: 5, unit: "workingDays" },
  usual: { amount: 5, unit: "workingDays" },
  source: "usual",
} as const;
const day = { amount: 24, unit: "hours" } as const;

export const terms = router({
  list: query({
    rest: "GET /terms",
    summary: "List every state in which things wait, and for how long they may",
    permission: "term.read",
    input: z.strictObject({}),
    output: z.object({ items: z.array(Term).max(200) }),
    examples: [{ title: "All", input: {}, output: { items: [example] } }],
  }),
  set: command({
    rest: "POST /terms/set",
    summary: "Say for how long things may wait in a state",
    description: "It holds for what begins to wait from now on; null goes back to the usual term.",
    permission: "term.set",
    problems: ["term_unknown"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({
      ...key,
      term: z
        .strictObject(Length)
        .refine(({ amount, unit }) => amount <= longest[unit], { path: ["amount"], message: "Must be shorter." })
        .nullable(),
    }),
    output: z.object({ changed: z.boolean().describe("False where it was so already."), term: Term }),
    examples: [
      {
        title: "A day",
        input: { machine: "agent", state: "suspended", term: day },
        output: { changed: true, term: { ...example, term: day, source: "organisation" } },
      },
    ],
  }),
});
