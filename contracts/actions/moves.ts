import { z } from "zod";
import { changedAction, completed, exampleActionId as id, verified } from "../examples/actions.ts";
import { movesOutput } from "../kit/moves.ts";
import { line, Version } from "../kit/shapes.ts";
import { Action, ActionId } from "./action.ts";
import { command, query } from "./capability.ts";
import { actionStates } from "./values.ts";

const move = { id: ActionId, version: Version };
const reason = line(2000).describe("Why. Kept in the audit log.");
const problems = ["action_not_found", "action_wrong_state", "action_changed"] as const;
const shared = { problems, agent: "propose", output: Action } as const;

/** The moves of an action's state that somebody may make. */
export const moveOperations = {
  moves: query({
    rest: "GET /actions/{id}/moves",
    summary: "Say which moves the caller may make now, and for the others why not",
    permission: "action.read",
    problems: ["action_not_found"],
    input: z.strictObject({ id: ActionId }),
    output: movesOutput(actionStates),
    examples: [
      {
        title: "An open action, for its owner",
        input: { id },
        output: {
          items: [
            { event: "start", to: "in_progress", allowed: true, why: null },
            { event: "block", to: "blocked", allowed: true, why: null },
            { event: "unblock", to: null, allowed: false, why: "action_wrong_state" },
            { event: "complete", to: "done", allowed: true, why: null },
            { event: "verify", to: null, allowed: false, why: "action_wrong_state" },
            { event: "reopen", to: null, allowed: false, why: "action_wrong_state" },
            { event: "cancel", to: "cancelled", allowed: true, why: null },
          ],
        },
      },
    ],
  }),
  start: command({
    ...shared,
    rest: "POST /actions/{id}/start",
    summary: "Say that an open action is being worked on",
    permission: "action.start",
    input: z.strictObject(move),
    examples: [{ title: "Start", input: { id, version: 1 }, output: changedAction({ state: "in_progress" }) }],
  }),
  block: command({
    ...shared,
    rest: "POST /actions/{id}/block",
    summary: "Say what an action waits for",
    permission: "action.block",
    input: z.strictObject({ ...move, reason }),
    examples: [
      {
        title: "It can't go on",
        input: { id, version: 1, reason: "The supplier is closed." },
        output: changedAction({ state: "blocked", stateReason: "The supplier is closed." }),
      },
    ],
  }),
  unblock: command({
    ...shared,
    rest: "POST /actions/{id}/unblock",
    summary: "Say that a blocked action can go on",
    permission: "action.unblock",
    input: z.strictObject(move),
    examples: [
      { title: "It goes on", input: { id, version: 2 }, output: changedAction({ state: "in_progress", version: 3 }) },
    ],
  }),
  complete: command({
    ...shared,
    rest: "POST /actions/{id}/complete",
    summary: "Say that an action is done",
    description: "Somebody else verifies it: neither who owns it then nor who says so here.",
    permission: "action.complete",
    input: z.strictObject(move),
    examples: [
      { title: "It is done", input: { id, version: 1 }, output: changedAction({ ...completed, state: "done" }) },
    ],
  }),
  verify: command({
    ...shared,
    rest: "POST /actions/{id}/verify",
    summary: "See that an action which somebody else owns and completed is done",
    permission: "action.verify",
    problems: [...problems, "action_own_work"],
    agent: "deny",
    input: z.strictObject({ ...move, reason: reason.nullable().default(null) }),
    examples: [
      {
        title: "It is so",
        input: { id, version: 2 },
        output: changedAction({ ...completed, ...verified, state: "verified", version: 3 }),
      },
    ],
  }),
  reopen: command({
    ...shared,
    rest: "POST /actions/{id}/reopen",
    summary: "Take up again an action that was done, verified or cancelled",
    permission: "action.reopen",
    input: z.strictObject({ ...move, reason }),
    examples: [
      {
        title: "It isn't done",
        input: { id, version: 2, reason: "The fault is back." },
        output: changedAction({ state: "open", stateReason: "The fault is back.", version: 3 }),
      },
    ],
  }),
  cancel: command({
    ...shared,
    rest: "POST /actions/{id}/cancel",
    summary: "Say that an action need not be done",
    permission: "action.cancel",
    input: z.strictObject({ ...move, reason }),
    examples: [
      {
        title: "No need",
        input: { id, version: 1, reason: "The hall was closed." },
        output: changedAction({ state: "cancelled", stateReason: "The hall was closed." }),
      },
    ],
  }),
};
