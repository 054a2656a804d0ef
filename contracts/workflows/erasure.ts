import { workflow } from "../kit/workflow.ts";

/** requested -> erased by somebody else, or rejected, or taken back. */
export const erasureWorkflow = workflow({
  name: "erasure",
  kind: "ers",
  capability: "erasures",
  title: "Erasure from the audit log",
  initial: "requested",
  states: {
    requested: { waits: { for: "erasure.erase" }, within: { workingDays: 5 } },
    erased: { final: true },
    rejected: { final: true },
    withdrawn: { final: true },
  },
  moves: {
    request: { from: [], to: "requested" },
    erase: { from: ["requested"], to: "erased", fourEyes: true, irreversible: true },
    reject: { from: ["requested"], to: "rejected" },
    withdraw: { from: ["requested"], to: "withdrawn", policies: ["own"] },
  },
});
