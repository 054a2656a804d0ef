import { workflow } from "../kit/workflow.ts";

/** requested of the drafting agent -> asked of a person where no draft came -> answered by a draft, for as long as there is one; or over with its day. */
export const briefingRequestWorkflow = workflow({
  name: "briefing_request",
  kind: "brq",
  capability: "briefingRequests",
  title: "Request for the day's briefing",
  initial: "requested",
  states: {
    requested: { rests: "The drafting agent has heard of it; an hour later a person is asked." },
    asked: { waits: { for: "briefing.create" }, within: { hours: 2 } },
    answered: { rests: "There is a draft; where it is taken back on the same day, a person is asked." },
    lapsed: { final: true },
  },
  moves: {
    request: { from: [], to: "requested", by: "system" },
    ask: { from: ["requested", "answered"], to: "asked", by: "system" },
    answer: { from: ["requested", "asked"], to: "answered", by: "system" },
    lapse: { from: ["requested", "asked"], to: "lapsed", by: "system" },
  },
});
