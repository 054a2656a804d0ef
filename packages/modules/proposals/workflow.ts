import type { Proposal } from "@dais/contracts/proposals";
import { proposalWorkflow } from "@dais/contracts/workflows/proposal";
import { proposals } from "@dais/drizzle/schema/proposals";
import type { Workflow } from "@dais/kernel/machine";
import { proposalWaiting, showProposal } from "@dais/kernel/proposals/show";
import { along, machine } from "./machine.ts";
import { policies } from "./policies.ts";

/** The proposal as a thing whose state moves. */
export const workflow: Workflow<typeof proposals, Proposal> = {
  spec: proposalWorkflow,
  idKind: "prp",
  table: proposals,
  machine,
  along,
  show: showProposal,
  policies,
  waiting: proposalWaiting,
  content: ({ inputHash, effectHash }) => ({ inputHash, effectHash }),
  problems: { notFound: "proposal_not_found", wrongState: "proposal_wrong_state", changed: "proposal_changed" },
};
