import { briefingEvents } from "../events/briefings.ts";
import { capability } from "../kit/operation.ts";
import { briefingProblems } from "../problems/briefings.ts";

/** What all operations of briefings share. */
export const { query, command, events } = capability({
  name: "briefings",
  title: "Briefings",
  about:
    "What the leadership reads on a day, in English and Arabic. A person or an agent drafts it from signals; another person approves exactly that content; then it goes to its audience, who say that they have read it.",
  permissions: {
    "briefing.read": "See briefings in every state, their editions, comments and receipts.",
    "briefing.create": "Draft a briefing.",
    "briefing.update": "Edit a draft.",
    "briefing.submit": "Submit a draft for approval.",
    "briefing.return": "Return a submitted briefing to its authors, with comments.",
    "briefing.approve": "Approve a briefing that somebody else wrote.",
    "briefing.revise": "Make a submitted or approved briefing a draft again.",
    "briefing.distribute": "Distribute an approved briefing to its audience.",
    "briefing.withdraw": "Withdraw a briefing.",
  },
  problems: briefingProblems,
  events: briefingEvents,
});
export type BriefingEvents = typeof events;
