import { workflow } from "../kit/workflow.ts";

const open = ["new", "acknowledged", "snoozed"] as const;

/**
 * new -> acknowledged -> dismissed | escalated. `snooze` puts a signal away until a time, `wake` and `raise` bring it back, `reopen` takes
 * back a dismissal. Its source may withdraw it; it is there again when somebody says so, or something reports it anew. And it may turn out
 * to be another one.
 */
export const signalWorkflow = workflow({
  name: "signal",
  kind: "sig",
  capability: "signals",
  title: "Signal",
  initial: "new",
  states: {
    new: { rests: "Whoever watches the feed acknowledges it; how long it may lie there, the operations room decides." },
    acknowledged: { rests: "It becomes new again by itself after the organisation's time without a touch." },
    snoozed: { rests: "It comes back by itself at its time." },
    dismissed: { rests: "Nothing is to be done, and it can be reopened." },
    escalated: { rests: "What came of it goes its own way." },
    withdrawn: { rests: "Its source took it back; a new report brings it back." },
    merged: { final: true },
  },
  moves: {
    ingest: { from: [], to: "new" },
    acknowledge: { from: ["new", "snoozed"], to: "acknowledged" },
    snooze: { from: ["new", "acknowledged"], to: "snoozed" },
    dismiss: { from: ["acknowledged"], to: "dismissed" },
    escalate: { from: ["acknowledged"], to: "escalated" },
    wake: { from: ["snoozed"], to: "new", by: "system" },
    raise: { from: ["acknowledged"], to: "new", by: "system" },
    reopen: { from: ["dismissed", "withdrawn"], to: "new" },
    withdraw: { from: [...open, "dismissed", "escalated"], to: "withdrawn", by: "system" },
    merge: { from: [...open, "dismissed", "escalated", "withdrawn"], to: "merged", by: "system" },
  },
});
