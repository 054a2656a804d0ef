import { workflow } from "../kit/workflow.ts";

/** proposed -> confirmed by somebody else, or rejected, or taken back. */
export const postureWorkflow = workflow({
  name: "posture",
  kind: "pos",
  capability: "posture",
  title: "Change of posture",
  initial: "proposed",
  states: {
    proposed: { waits: { for: "posture.confirm" }, within: { hours: 4 } },
    confirmed: { final: true },
    rejected: { final: true },
    withdrawn: { final: true },
    superseded: { final: true },
  },
  moves: {
    propose: { from: [], to: "proposed" },
    confirm: {
      from: ["proposed"],
      to: "confirmed",
      fourEyes: true,
      irreversible: true,
      policies: ["from_level", "dwell"],
    },
    reject: { from: ["proposed"], to: "rejected" },
    withdraw: { from: ["proposed"], to: "withdrawn", policies: ["own"] },
    supersede: { from: ["proposed"], to: "superseded", by: "system" },
  },
});
