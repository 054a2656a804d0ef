import { workflow } from "../kit/workflow.ts";

const working = ["open", "in_progress", "blocked"] as const;
const owner = { waits: { person: "ownerId" }, within: { until: "dueAt" } } as const;

/** open -> in_progress <-> blocked -> done -> verified by another person; or cancelled. What is over can be reopened. */
export const actionWorkflow = workflow({
  name: "action",
  kind: "act",
  capability: "actions",
  title: "Action",
  initial: "open",
  states: {
    open: owner,
    in_progress: owner,
    blocked: owner,
    done: { waits: { for: "action.verify" }, within: { workingDays: 5 } },
    verified: { rests: "It is done, and somebody else has seen that it is; it can be reopened." },
    cancelled: { rests: "Nobody has to do it any more; it can be reopened." },
  },
  moves: {
    create: { from: [], to: "open" },
    start: { from: ["open"], to: "in_progress" },
    block: { from: ["open", "in_progress"], to: "blocked" },
    unblock: { from: ["blocked"], to: "in_progress" },
    complete: { from: ["open", "in_progress"], to: "done" },
    verify: { from: ["done"], to: "verified", policies: ["another"] },
    reopen: { from: ["done", "verified", "cancelled"], to: "open" },
    cancel: { from: working, to: "cancelled" },
  },
});
