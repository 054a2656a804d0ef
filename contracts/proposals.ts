import { z } from "zod";
import { officerId } from "./examples/people.ts";
import { approvedProposal, exampleOutput, exampleProposal, movedProposal } from "./examples/proposals.ts";
import { event, idPayload, movePayload, overdueEvent } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { movesOutput } from "./kit/moves.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { line, Version } from "./kit/shapes.ts";
import { Proposal, ProposalId } from "./proposals/shape.ts";
import { proposalStates } from "./proposals/values.ts";

export { Proposal } from "./proposals/shape.ts";

const { id } = exampleProposal;
const why = "The signal turned out to be a test.";
const moved = (about: string, to: (typeof proposalStates)[number], reason: string | null) =>
  event({
    about,
    version: 1,
    permission: "proposal.read",
    payload: movePayload("prp", proposalStates),
    example: { id, from: "open", to, reason },
  });

const { query, command, events } = capability({
  name: "proposals",
  title: "Proposals",
  about:
    "Commands that agents called and may only propose: what each would do, found out by doing it and taking it back, and what a person decided. Approved, it does exactly what was shown, or nothing.",
  permissions: {
    "proposal.read": "See what agents proposed, within the caller's clearance.",
    "proposal.approve": "Approve what agents proposed, as far as one may do it oneself.",
    "proposal.reject": "Reject what agents proposed.",
    "proposal.withdraw": "Take back what one's own agents proposed.",
  },
  problems: {
    proposal_not_found: {
      status: 404,
      title: "No such proposal",
      meaning:
        "There is no proposal with this id in the caller's organisation, or it lies above the caller's clearance.",
      remedy: "Check the id, or list proposals.",
    },
    proposal_changed: {
      status: 412,
      title: "The proposal has changed since",
      meaning:
        "Somebody decided about the proposal after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the proposal again.",
    },
    proposal_wrong_state: {
      status: 409,
      title: "Not in this state",
      meaning: "The proposal is decided, withdrawn, expired or stale. `state` says which.",
      remedy: "Read the proposal again.",
    },
    proposal_expired: {
      status: 409,
      title: "Nobody decided in time",
      meaning: "The time in which the proposal could be decided is over.",
      remedy: "Let the agent propose it again, if it is still wanted.",
    },
    proposal_stale: {
      status: 409,
      title: "It would do something else by now",
      meaning:
        "Something has changed since it was proposed, so that the command would do something else than what was shown, or nothing. Nothing was done, and the proposal is void. `because` is the code of the problem that the command met; null: it would have done something else.",
      remedy: "Let the agent look again, and propose what fits.",
    },
    proposal_refused: {
      status: 403,
      title: "The command refuses this approver",
      meaning: "The proposed command has a rule that keeps the caller from doing it. `because` is its problem's code.",
      remedy: "Let somebody else decide.",
    },
    proposal_foreign: {
      status: 403,
      title: "Somebody else's proposal",
      meaning: "Only the agent that proposed it, or a person behind that agent, takes a proposal back.",
      remedy: "Reject it instead.",
    },
  },
  events: {
    "proposal.made": event({
      about: "An agent proposed something that a person has to decide.",
      version: 1,
      permission: "proposal.read",
      payload: idPayload("prp"),
      example: { id },
    }),
    "proposal.overdue": overdueEvent({
      about: "Nobody has decided in time about what an agent proposed.",
      permission: "proposal.read",
      kind: "prp",
      states: proposalStates,
      example: { id, state: "open" },
    }),
    "proposal.approved": moved("Somebody approved what an agent proposed, and it was done.", "approved", null),
    "proposal.rejected": moved("Somebody rejected what an agent proposed.", "rejected", why),
    "proposal.withdrawn": moved("An agent, or a person behind it, took back what it proposed.", "withdrawn", null),
    "proposal.expired": moved("Nobody decided about a proposal in time.", "expired", "Nobody decided in time."),
    "proposal.voided": moved("What an agent proposed would do something else by now.", "stale", "signal_changed"),
  },
});
export type ProposalEvents = typeof events;

const moving = ["proposal_not_found", "proposal_changed", "proposal_wrong_state"] as const;
const move = { id: ProposalId, version: Version };

export const proposals = router({
  list: query({
    rest: "GET /proposals",
    summary: "List what agents proposed, newest first",
    permission: "proposal.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      state: z.enum(proposalStates).optional(),
      agentId: typeId("agt").optional().describe("Only those of this agent."),
      operation: z
        .string()
        .max(100)
        .regex(/^[a-zA-Z]+\.[a-zA-Z]+$/)
        .optional()
        .describe("Only those of this command."),
    }),
    output: page(Proposal),
    examples: [
      { title: "What waits", input: { state: "open" }, output: { items: [exampleProposal], nextCursor: null } },
    ],
  }),
  get: query({
    rest: "GET /proposals/{id}",
    summary: "Read one proposal",
    permission: "proposal.read",
    problems: ["proposal_not_found"],
    input: z.strictObject({ id: ProposalId }),
    output: Proposal,
    examples: [{ title: "One proposal", input: { id }, output: exampleProposal }],
  }),
  moves: query({
    rest: "GET /proposals/{id}/moves",
    summary: "Say whether the caller may decide now, and why not",
    permission: "proposal.read",
    problems: ["proposal_not_found"],
    input: z.strictObject({ id: ProposalId }),
    output: movesOutput(proposalStates),
    examples: [
      {
        title: "For somebody who answers for the agent",
        input: { id },
        output: {
          items: [
            { event: "approve", to: "approved", allowed: false, why: "four_eyes" },
            { event: "reject", to: "rejected", allowed: true, why: null },
            { event: "withdraw", to: "withdrawn", allowed: true, why: null },
          ],
        },
      },
    ],
  }),
  approve: command({
    rest: "POST /proposals/{id}/approve",
    summary: "Approve a proposal, which does it",
    description:
      "Only a person may, who has the permission of the proposed command, and a second factor where that asks for one; nobody who is behind the agent. The command does what was shown, with the ids that were shown, or nothing: then the proposal is void.",
    permission: "proposal.approve",
    problems: [
      ...moving,
      ...(["four_eyes", "person_required", "step_up_required"] as const),
      ...(["proposal_refused", "proposal_expired", "proposal_stale"] as const),
    ],
    input: z.strictObject(move),
    output: z.object({
      proposal: Proposal,
      output: z.record(z.string().max(200), z.unknown()).describe("What the command answered, without secrets."),
    }),
    examples: [
      {
        title: "Approve",
        input: { id, version: 1 },
        output: { proposal: approvedProposal, output: exampleOutput },
      },
    ],
  }),
  reject: command({
    rest: "POST /proposals/{id}/reject",
    summary: "Reject a proposal",
    permission: "proposal.reject",
    problems: [...moving, "proposal_expired"],
    input: z.strictObject({ ...move, reason: line(2000).describe("Why. The agent's people read it.") }),
    output: Proposal,
    examples: [
      {
        title: "Reject",
        input: { id, version: 1, reason: why },
        output: movedProposal("rejected", {
          stateReason: why,
          decidedBy: officerId,
          decidedAt: "2026-01-06T04:05:00.000Z",
        }),
      },
    ],
  }),
  withdraw: command({
    rest: "POST /proposals/{id}/withdraw",
    summary: "Take back a proposal of one's own agent",
    description: "The agent itself may, and the people behind it.",
    permission: "proposal.withdraw",
    problems: [...moving, "proposal_foreign"],
    agent: "allow",
    input: z.strictObject({ ...move, reason: line(2000).nullable().default(null) }),
    output: Proposal,
    examples: [{ title: "Withdraw", input: { id, version: 1 }, output: movedProposal("withdrawn") }],
  }),
});
