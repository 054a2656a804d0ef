import { dispatchEvents } from "../events/dispatches.ts";
import { capability } from "../kit/operation.ts";
import { dispatchProblems } from "./problems.ts";

/** What all operations of dispatches share. */
export const { query, command, events } = capability({
  name: "dispatches",
  title: "Dispatches",
  about:
    "What people are told, and over which channels: one after the other, until it has come as far as asked. A dispatch is made from a template for an audience, says how much it may come to before it is made, can be rehearsed, watched, and stopped at any moment.",
  permissions: {
    "dispatch.read": "See dispatches within the caller's clearance, and how far they are.",
    "dispatch.estimate": "Ask what a dispatch would say, whom it would reach and what it would come to.",
    "dispatch.create": "Have people told something.",
    "dispatch.stop": "Stop dispatches.",
    "dispatch.raise_cap": "Ask for more messages on a day than the organisation's cap.",
  },
  problems: dispatchProblems,
  events: dispatchEvents,
});
export type DispatchEvents = typeof events;
