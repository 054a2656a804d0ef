import { workflow } from "../kit/workflow.ts";

/** active <-> suspended; either way retired, for good. */
export const agentWorkflow = workflow({
  name: "agent",
  kind: "agt",
  capability: "agents",
  title: "Agent",
  initial: "active",
  states: {
    active: { rests: "It works; its owner answers for it." },
    suspended: { waits: { for: "agent.resume" }, within: { workingDays: 5 } },
    retired: { final: true },
  },
  moves: {
    register: { from: [], to: "active" },
    suspend: { from: ["active"], to: "suspended" },
    resume: { from: ["suspended"], to: "active" },
    retire: { from: ["active", "suspended"], to: "retired", irreversible: true },
  },
});
