import { workflow } from "../kit/workflow.ts";

const written = ["draft", "pending_approval", "approved"] as const;

/**
 * draft -> pending_approval -> approved by somebody else -> distributed. Only a draft is edited: `return` and `revise` make it one again, and
 * what was approved before counts no more.
 */
export const briefingWorkflow = workflow({
  name: "briefing",
  kind: "brf",
  capability: "briefings",
  title: "Briefing",
  initial: "draft",
  states: {
    draft: { rests: "Whoever writes it submits it; it expires with its day." },
    pending_approval: { waits: { for: "briefing.approve" }, within: { hours: 2 } },
    approved: { waits: { for: "briefing.distribute" }, within: { hours: 2 } },
    distributed: { rests: "Its audience has it; it can be withdrawn." },
    withdrawn: { final: true },
    expired: { final: true },
  },
  moves: {
    create: { from: [], to: "draft" },
    submit: { from: ["draft"], to: "pending_approval", hand: true, policies: ["sources", "audience"] },
    return: { from: ["pending_approval"], to: "draft" },
    approve: { from: ["pending_approval"], to: "approved", fourEyes: true, policies: ["sources", "audience"] },
    revise: { from: ["pending_approval", "approved"], to: "draft" },
    distribute: { from: ["approved"], to: "distributed", policies: ["sources", "audience", "once"] },
    withdraw: { from: [...written, "distributed"], to: "withdrawn" },
    expire: { from: written, to: "expired", by: "system" },
  },
});
