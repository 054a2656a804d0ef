import { z } from "zod";
import { capability, router } from "./kit/operation.ts";

const { query } = capability({
  name: "workflows",
  title: "Workflows",
  about:
    "How things go their way: the states that each kind has, who acts next and by when, and the moves that lead from one to the other. What a caller may do with one thing now, its own `moves` says.",
  permissions: { "workflow.read": "See how things go their way." },
  problems: {
    workflow_not_found: {
      status: 404,
      title: "No such workflow",
      meaning: "No kind of thing has a workflow of this name.",
      remedy: "Take a name of `workflows.list`.",
    },
  },
});

const word = z.string().max(64);

const State = z.object({
  state: word,
  final: z.boolean().describe("Nothing leads out of it."),
  rests: z.string().max(500).nullable().describe("Why nobody has to act there, and it is no limbo all the same."),
  waits: z
    .object({
      permission: word.nullable().describe("Whoever holds it acts next."),
      person: word.nullable().describe("Or the person whom this field of the thing names."),
      hours: z.number().nullable().describe("By when: so many hours later,"),
      workingDays: z.int().nullable().describe("or so many working days,"),
      until: word
        .nullable()
        .describe("or at the moment in this field of the thing; where that is null, whenever they like."),
    })
    .nullable()
    .describe("Who acts next, and within what, where the organisation says nothing else."),
});

const Move = z.object({
  event: word,
  from: z.array(word).max(20).describe("None: it makes the thing."),
  to: word,
  by: z.enum(["caller", "system"]).describe("`system`: the server makes it by itself, by rule."),
  operation: word.nullable().describe("The operation by which a caller makes it."),
  permission: word.nullable(),
  agent: z.enum(["allow", "propose", "deny"]).nullable().describe("What an agent may do with it."),
  stepUp: z.boolean().describe("Only a person makes it, after a second factor."),
  fourEyes: z.boolean().describe("Whoever had a hand in the content may not make it."),
  hand: z.boolean().describe("Who makes it has a hand in the content."),
  irreversible: z.boolean().describe("It can't be taken back, and wants a reason of at least ten characters."),
  policies: z.array(word).max(20).describe("What else must be so."),
});

export const Workflow = z
  .object({
    name: word,
    capability: word,
    title: z.string().max(100),
    initial: word,
    states: z.array(State).max(50),
    moves: z.array(Move).max(50),
  })
  .meta({ id: "Workflow", description: "The states and moves of a kind of thing." });
export type Workflow = z.infer<typeof Workflow>;

const plain = { stepUp: false, fourEyes: false, hand: false, irreversible: false, policies: [] };
const example = {
  name: "agent",
  capability: "agents",
  title: "Agent",
  initial: "active",
  states: [
    { state: "active", final: false, rests: "It works; its owner answers for it.", waits: null },
    { state: "retired", final: true, rests: null, waits: null },
  ],
  moves: [
    {
      ...plain,
      ...{ event: "retire", from: ["active"], to: "retired", by: "caller" as const, operation: "agents.retire" },
      ...{ permission: "agent.retire", agent: "deny" as const, irreversible: true },
    },
  ],
};

export const workflows = router({
  list: query({
    rest: "GET /workflows",
    summary: "List the workflows, with their states and moves",
    permission: "workflow.read",
    input: z.strictObject({}),
    output: z.object({ items: z.array(Workflow).max(100) }),
    examples: [{ title: "One of them", input: {}, output: { items: [example] } }],
  }),
  get: query({
    rest: "GET /workflows/{name}",
    summary: "Read one workflow",
    permission: "workflow.read",
    problems: ["workflow_not_found"],
    input: z.strictObject({
      name: z.string().regex(/^[a-z][a-z_]{0,39}$/, "Must be the name of a workflow: small letters and _."),
    }),
    output: Workflow,
    examples: [{ title: "An agent's", input: { name: "agent" }, output: example }],
  }),
});
