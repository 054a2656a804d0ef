import { workflow } from "../kit/workflow.ts";

/** open -> approved by a person, and done; or rejected, taken back, too old, or overtaken by what has changed since. */
export const proposalWorkflow = workflow({
  name: "proposal",
  kind: "prp",
  capability: "proposals",
  title: "Proposal",
  initial: "open",
  states: {
    open: { waits: { for: "proposal.approve" }, within: { hours: 24 } },
    approved: { final: true },
    rejected: { final: true },
    withdrawn: { final: true },
    expired: { final: true },
    stale: { final: true },
  },
  moves: {
    make: { from: [], to: "open", by: "system" },
    approve: { from: ["open"], to: "approved", fourEyes: true, policies: ["in_time", "person", "behind", "permitted"] },
    reject: { from: ["open"], to: "rejected", policies: ["in_time"] },
    withdraw: { from: ["open"], to: "withdrawn", policies: ["own"] },
    expire: { from: ["open"], to: "expired", by: "system" },
    void: { from: ["open"], to: "stale", by: "system" },
  },
});
