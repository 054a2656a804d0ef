import { z } from "zod";
import { administratorId } from "./examples/people.ts";
import { exampleAgent as example } from "./examples/programs.ts";
import { event, idPayload, movePayload, overdueEvent } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { Money } from "./kit/money.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, line, text, Version } from "./kit/shapes.ts";
import { leastReason } from "./kit/workflow.ts";
import { PersonId } from "./person.ts";

export const AgentId = typeId("agt");
/** `suspended` comes back by `resume`; `retired` is for good. */
export const agentStates = ["active", "suspended", "retired"] as const;

const told = (about: string) =>
  event({ about, version: 1, permission: "agent.read", payload: idPayload("agt"), example: { id: example.id } });
const moved = (about: string, from: (typeof agentStates)[number], to: (typeof agentStates)[number]) =>
  event({
    about,
    version: 1,
    permission: "agent.read",
    payload: movePayload("agt", agentStates),
    example: { id: example.id, from, to, reason: "It reported the same thing forty times." },
  });

const { query, command, events } = capability({
  name: "agents",
  title: "Agents",
  about:
    "Software agents: what each is for, which model it is, what it may do, and the person who answers for it. Its keys and programs call in its name.",
  permissions: {
    "agent.read": "See the organisation's agents.",
    "agent.register": "Register agents with at most one's own permissions.",
    "agent.update": "Change what agents are for, and what they may do.",
    "agent.assign_owner": "Say who answers for an agent.",
    "agent.suspend": "Stop agents, at once.",
    "agent.resume": "Let suspended agents go on.",
    "agent.retire": "End agents, for good.",
  },
  problems: {
    agent_not_found: {
      status: 404,
      title: "No such agent",
      meaning: "There is no agent with this id in the caller's organisation.",
      remedy: "Check the id, or list agents.",
    },
    agent_changed: {
      status: 412,
      title: "The agent has changed since",
      meaning:
        "Somebody changed the agent after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the agent again, and decide again.",
    },
    agent_wrong_state: {
      status: 409,
      title: "Not in this state",
      meaning: "The agent's state has no such move, or a retired agent was to be changed. `state` says which it is in.",
      remedy: "Read the agent again, and decide again.",
    },
    agent_exceeds_caller: {
      status: 403,
      title: "More than the caller has",
      meaning:
        "An agent can't be given permissions or a clearance that the caller doesn't have. `permissions` lists those that are too many.",
      remedy: "Leave them out, or ask somebody who has them.",
    },
    agent_permission_unknown: {
      status: 422,
      title: "No such permission",
      meaning: "A permission named is none that this contract declares. `permissions` lists them.",
      remedy: "Take the permissions from the API reference.",
    },
    agent_owner_unknown: {
      status: 422,
      title: "No such owner",
      meaning: "The person who answers for the agent does not exist in this organisation, or is disabled.",
      remedy: "Name another person: `agents.assignOwner`.",
    },
    agent_person_unknown: {
      status: 422,
      title: "No such person",
      meaning: "A person named in `actsFor` does not exist in this organisation. `personIds` lists them.",
      remedy: "List people.",
    },
  },
  events: {
    "agent.registered": told("An agent was registered."),
    "agent.updated": told("What an agent is for, or what it may do, was changed."),
    "agent.owner_assigned": event({
      about: "Another person answers for an agent.",
      version: 1,
      permission: "agent.read",
      payload: z.object({ id: AgentId, ownerId: PersonId }),
      example: { id: example.id, ownerId: administratorId },
    }),
    "agent.suspended": moved(
      "An agent was stopped, by somebody or because its owner was shut out.",
      "active",
      "suspended",
    ),
    "agent.overdue": overdueEvent({
      about: "Nobody has decided in time whether a suspended agent goes on.",
      permission: "agent.read",
      kind: "agt",
      states: agentStates,
      example: { id: example.id, state: "suspended" },
    }),
    "agent.resumed": moved("A suspended agent goes on.", "suspended", "active"),
    "agent.retired": moved("An agent was ended, for good.", "suspended", "retired"),
  },
});
export type AgentEvents = typeof events;

const fields = {
  name: line(200),
  purpose: text(2000).min(1).describe("What it is for, in words for whoever wonders what it is doing."),
  model: line(200).describe("Which model it is. A call that names another one is refused."),
  modelVersion: line(200).describe(
    "Which version of it. A call may name another one, which its audit entries then say.",
  ),
  permissions: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^[a-z_]+\.[a-z_]+$/),
    )
    .min(1)
    .max(500)
    .describe("At most the caller's own. Each operation's agent policy holds beside them."),
  clearance: Classification,
  actsFor: z
    .array(PersonId)
    .max(100)
    .describe("People besides its owner for whom it may act, with what both of them may."),
};

const callsPerDay = z.int().min(1).max(1_000_000_000).nullable();
const Budget = z
  .object({ callsPerDay, costPerMonth: Money.nullable() })
  .meta({ id: "AgentBudget", description: "What an agent is planned to use up. No call is refused by it." });
const BudgetInput = z.strictObject({ callsPerDay, costPerMonth: z.strictObject(Money.shape).nullable() });
const noBudget = { callsPerDay: null, costPerMonth: null };

export const Agent = z
  .object({
    id: AgentId,
    ...fields,
    ownerId: PersonId.describe("Who answers for it. Where this person is shut out, so is the agent."),
    budget: Budget,
    state: z.enum(agentStates),
    stateReason: z.string().max(2000).nullable(),
    createdBy: z.string().max(200).describe("Id of who registered it."),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Agent", description: "A software agent, and what it may do." });
export type Agent = z.infer<typeof Agent>;

const stepUp = { mfa: true, maxAgeSeconds: 300 } as const;
const reason = line(2000).describe("Kept on record.");
/** It can't be taken back. */
const lastReason = line(2000).min(leastReason).describe("Kept on record. It can't be taken back.");
const power = ["agent_exceeds_caller", "agent_permission_unknown", "agent_person_unknown"] as const;
const move = ["agent_not_found", "agent_changed", "agent_wrong_state"] as const;
const after = (change: object) => ({ ...example, ...change, version: 2, updatedAt: "2026-01-06T04:00:00.000Z" });
const { id, ownerId, name, purpose, model, modelVersion, permissions, clearance } = example;

export const agents = router({
  list: query({
    rest: "GET /agents",
    summary: "List agents, newest first",
    permission: "agent.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      ownerId: PersonId.optional().describe("Only those that this person answers for."),
      state: z.enum(agentStates).optional(),
    }),
    output: page(Agent),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /agents/{id}",
    summary: "Read one agent",
    permission: "agent.read",
    problems: ["agent_not_found"],
    input: z.strictObject({ id: AgentId }),
    output: Agent,
    examples: [{ title: "One agent", input: { id }, output: example }],
  }),
  register: command({
    rest: "POST /agents",
    summary: "Register an agent",
    description: "Then make a key for it (`apiKeys.create`), or name its application (`programs.create`).",
    permission: "agent.register",
    problems: [...power, "agent_owner_unknown"],
    status: 201,
    location: "/agents/{id}",
    assurance: stepUp,
    mcp: false,
    input: z.strictObject({
      ...fields,
      actsFor: fields.actsFor.default([]),
      ownerId: PersonId,
      budget: BudgetInput.default(noBudget),
    }),
    output: Agent,
    examples: [
      {
        title: "An agent for the night",
        input: { name, purpose, model, modelVersion, permissions: [...permissions], clearance, ownerId },
        output: { ...example, budget: noBudget },
      },
    ],
  }),
  update: command({
    rest: "PATCH /agents/{id}",
    summary: "Change what an agent is for, and what it may do",
    description: "What is absent stays. It holds with the agent's next call.",
    permission: "agent.update",
    problems: [...move, ...power],
    assurance: stepUp,
    mcp: false,
    input: z.strictObject({
      ...z.strictObject({ ...fields, budget: BudgetInput }).partial().shape,
      id: AgentId,
      version: Version,
    }),
    output: Agent,
    examples: [
      {
        title: "A new version of its model",
        input: { id, version: 1, modelVersion: "2026-02" },
        output: after({ modelVersion: "2026-02" }),
      },
    ],
  }),
  assignOwner: command({
    rest: "POST /agents/{id}/assign-owner",
    summary: "Say who answers for an agent",
    permission: "agent.assign_owner",
    problems: [...move, "agent_owner_unknown"],
    assurance: stepUp,
    mcp: false,
    input: z.strictObject({ id: AgentId, version: Version, ownerId: PersonId }),
    output: Agent,
    examples: [
      {
        title: "To the administrator",
        input: { id, version: 1, ownerId: administratorId },
        output: after({ ownerId: administratorId }),
      },
    ],
  }),
  suspend: command({
    rest: "POST /agents/{id}/suspend",
    summary: "Stop an agent, at once",
    description: "Its keys and programs are refused, everywhere, until it is resumed.",
    permission: "agent.suspend",
    problems: move,
    mcp: false,
    input: z.strictObject({ id: AgentId, version: Version, reason }),
    output: Agent,
    examples: [
      {
        title: "It repeats itself",
        input: { id, version: 1, reason: "It reported the same thing forty times." },
        output: after({ state: "suspended", stateReason: "It reported the same thing forty times." }),
      },
    ],
  }),
  resume: command({
    rest: "POST /agents/{id}/resume",
    summary: "Let a suspended agent go on",
    permission: "agent.resume",
    problems: [...move, "agent_owner_unknown"],
    assurance: stepUp,
    mcp: false,
    input: z.strictObject({ id: AgentId, version: Version, reason: reason.nullable().default(null) }),
    output: Agent,
    examples: [{ title: "It was mended", input: { id, version: 2 }, output: after({ version: 3 }) }],
  }),
  retire: command({
    rest: "POST /agents/{id}/retire",
    summary: "End an agent, for good",
    permission: "agent.retire",
    problems: move,
    mcp: false,
    input: z.strictObject({ id: AgentId, version: Version, reason: lastReason }),
    output: Agent,
    examples: [
      {
        title: "Another one took its place",
        input: { id, version: 1, reason: "Another one took its place." },
        output: after({ state: "retired", stateReason: "Another one took its place." }),
      },
    ],
  }),
});
