import { z } from "zod";
import { exampleId, moved } from "../examples/signals.ts";
import { movesOutput } from "../kit/moves.ts";
import { Instant, line, Version } from "../kit/shapes.ts";
import { command, query } from "./capability.ts";
import { Signal, SignalId } from "./signal.ts";
import { signalStates } from "./values.ts";

const move = { id: SignalId, version: Version };
const reason = line(2000).describe("Why. Kept in the audit log.");
const moving = ["signal_not_found", "signal_wrong_state", "signal_changed"] as const;
const until = "2026-01-07T04:00:00.000Z";

/** The moves of a signal's state that somebody may make. */
export const moveOperations = {
  moves: query({
    rest: "GET /signals/{id}/moves",
    description: "What happens by itself, or by the signal's source, is none of them.",
    summary: "Say which moves the caller may make now, and for the others why not",
    permission: "signal.read",
    problems: ["signal_not_found"],
    input: z.strictObject({ id: SignalId }),
    output: movesOutput(signalStates),
    examples: [
      {
        title: "A new signal, for a caller that may acknowledge",
        input: { id: exampleId },
        output: {
          items: [
            { event: "acknowledge", to: "acknowledged", allowed: true, why: null },
            { event: "dismiss", to: null, allowed: false, why: "signal_wrong_state" },
            { event: "escalate", to: null, allowed: false, why: "forbidden" },
            { event: "snooze", to: "snoozed", allowed: true, why: null },
            { event: "reopen", to: null, allowed: false, why: "signal_wrong_state" },
          ],
        },
      },
    ],
  }),
  acknowledge: command({
    rest: "POST /signals/{id}/acknowledge",
    summary: "Say that somebody is looking at a new or snoozed signal",
    description:
      "Where nobody touches it for the organisation's time (`settings.signals.raiseAfterMinutes`), it becomes new again. A note, a link, an assignment, an assessment is a touch.",
    permission: "signal.acknowledge",
    problems: moving,
    agent: "propose",
    input: z.strictObject(move),
    output: Signal,
    examples: [{ title: "Acknowledge", input: { id: exampleId, version: 1 }, output: moved(1, "acknowledged", null) }],
  }),
  snooze: command({
    rest: "POST /signals/{id}/snooze",
    summary: "Put a new or acknowledged signal away until a time",
    description: "It becomes new again by itself, within a minute or so of that time.",
    permission: "signal.snooze",
    problems: [...moving, "signal_snooze_until"],
    agent: "propose",
    input: z.strictObject({ ...move, until: Instant.describe("A moment to come, within 90 days.") }),
    output: Signal,
    examples: [
      {
        title: "For a day",
        input: { id: exampleId, version: 1, until },
        output: { ...moved(1, "snoozed", null), snoozedUntil: until },
      },
    ],
  }),
  dismiss: command({
    rest: "POST /signals/{id}/dismiss",
    summary: "Close an acknowledged signal as nothing to act on",
    permission: "signal.dismiss",
    problems: moving,
    agent: "propose",
    input: z.strictObject({ ...move, reason }),
    output: Signal,
    examples: [
      {
        title: "Dismiss",
        input: { id: exampleId, version: 2, reason: "A test of the sirens." },
        output: moved(2, "dismissed", "A test of the sirens."),
      },
    ],
  }),
  reopen: command({
    rest: "POST /signals/{id}/reopen",
    summary: "Take back that a signal was dismissed, or that its source withdrew it",
    permission: "signal.reopen",
    problems: moving,
    agent: "propose",
    input: z.strictObject({ ...move, reason }),
    output: Signal,
    examples: [
      {
        title: "Reopen",
        input: { id: exampleId, version: 3, reason: "It was no test." },
        output: moved(3, "new", "It was no test."),
      },
    ],
  }),
  escalate: command({
    rest: "POST /signals/{id}/escalate",
    summary: "Hand an acknowledged signal on as something to act on",
    permission: "signal.escalate",
    problems: moving,
    agent: "propose",
    input: z.strictObject({ ...move, reason }),
    output: Signal,
    examples: [
      {
        title: "Escalate",
        input: { id: exampleId, version: 2, reason: "The data centre lies in the area." },
        output: moved(2, "escalated", "The data centre lies in the area."),
      },
    ],
  }),
};
