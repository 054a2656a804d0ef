import { z } from "zod";
import { IntegrationId } from "./integrations.ts";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line } from "./kit/shapes.ts";

/** failed -> replaying -> done, or failed again; dropped: given up. */
export const deadCommandStates = ["failed", "replaying", "done", "dropped"] as const;

const exampleId = "dlc_01kejc8ht0e6ssypg6m30swm9y";
const told = (about: string) =>
  event({ about, version: 1, permission: "dead_command.read", payload: idPayload("dlc"), example: { id: exampleId } });

const { query, command, events } = capability({
  name: "deadCommands",
  title: "Dead commands",
  about:
    "Commands from the queues of integrations that were refused, or failed too often. They stay here until somebody has them tried again or drops them; of each integration the latest 10 000, older ones are removed. What a command says is not shown.",
  permissions: {
    "dead_command.read": "See which commands of other services came to nothing.",
    "dead_command.replay": "Have such commands tried again, as the service that sent them.",
    "dead_command.drop": "Give such commands up.",
  },
  problems: {
    dead_command_not_found: {
      status: 404,
      title: "No such dead command",
      meaning:
        "There is no dead command with this id in the caller's organisation. `ids` lists those that there aren't.",
      remedy: "Check the ids, or list dead commands.",
    },
    dead_command_wrong_state: {
      status: 409,
      title: "It was decided about already",
      meaning:
        "The commands in `ids` have been done meanwhile, were dropped, are in their queue again and can't be dropped there, or can't be replayed: what could not be read as a text of reasonable length is not kept. Nothing was done.",
      remedy: "Leave them out. What is in its queue again is done, or fails again, within moments.",
    },
    dead_command_integration_closed: {
      status: 409,
      title: "Its integration is closed",
      meaning:
        "The commands in `ids` came from integrations that were closed: nobody reads their queues any more. Nothing was done.",
      remedy: "Leave them out, or drop them. Who sent them can send them again by an integration that is open.",
    },
  },
  events: {
    "dead_command.replayed": told("A command that came to nothing is to be tried again."),
    "dead_command.dropped": told("A command that came to nothing was given up."),
  },
});
export type DeadCommandEvents = typeof events;

export const DeadCommandId = typeId("dlc");
const name = z.string().max(255);

export const DeadCommand = z
  .object({
    id: DeadCommandId,
    integrationId: IntegrationId,
    state: z.enum(deadCommandStates),
    messageId: name.nullable().describe("Of the message, as its sender has named it."),
    operation: name.nullable().describe("What was asked for; null: that could not be read."),
    idempotencyKey: name.nullable(),
    bytes: z.int().min(0).max(2_147_483_647),
    replayable: z.boolean().describe("Whether its message is kept."),
    errorCode: name.describe("The problem's code; or `unknown_version`, `unknown_operation`, `reply_to_not_allowed`."),
    attempts: z.int().min(0).max(2_147_483_647),
    failedAt: Instant.describe("When it failed last."),
    decidedAt: Instant.nullable().describe("When it was done after all, or dropped."),
  })
  .meta({ id: "DeadCommand", description: "A command that came to nothing, without what it says." });
export type DeadCommand = z.infer<typeof DeadCommand>;

const example = {
  id: exampleId,
  integrationId: "int_01kejc8ht0e6ssypg6m30swm9x",
  state: "failed",
  messageId: "leaver-4711",
  operation: "people.disable",
  idempotencyKey: "leaver-4711",
  bytes: 152,
  replayable: true,
  errorCode: "forbidden",
  attempts: 1,
  failedAt: "2026-01-06T04:00:00.000Z",
  decidedAt: null,
};

const ids = z.array(DeadCommandId).min(1).max(100).describe("All of them, or none.");
const changed = z.object({
  changed: z.array(DeadCommandId).max(100).describe("Those for which it was not so already."),
});

export const deadCommands = router({
  list: query({
    rest: "GET /dead-commands",
    summary: "List commands that came to nothing, newest first",
    permission: "dead_command.read",
    problems: ["invalid_cursor"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({
      ...paging,
      integrationId: IntegrationId.optional().describe("Only of this integration."),
      state: z.array(z.enum(deadCommandStates)).min(1).max(4).optional().describe("Only these states."),
    }),
    output: page(DeadCommand),
    examples: [
      {
        title: "Those that nobody has decided about",
        input: { state: ["failed"] },
        output: { items: [example], nextCursor: null },
      },
    ],
  }),
  get: query({
    rest: "GET /dead-commands/{id}",
    summary: "Read one command that came to nothing",
    permission: "dead_command.read",
    problems: ["dead_command_not_found"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: DeadCommandId }),
    output: DeadCommand,
    examples: [{ title: "One", input: { id: exampleId }, output: example }],
  }),
  replay: command({
    rest: "POST /dead-commands/replay",
    summary: "Have commands tried again",
    description:
      "They go into their queues again, and are judged as anything that comes from there. What was put there more than a minute ago and has come to nothing since is put there again: the idempotency key keeps it from being done twice.",
    permission: "dead_command.replay",
    problems: ["dead_command_not_found", "dead_command_wrong_state", "dead_command_integration_closed"],
    status: 202,
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ ids }),
    output: changed,
    examples: [
      { title: "Once the key has the permission", input: { ids: [exampleId] }, output: { changed: [exampleId] } },
    ],
  }),
  drop: command({
    rest: "POST /dead-commands/drop",
    summary: "Give commands up",
    permission: "dead_command.drop",
    problems: ["dead_command_not_found", "dead_command_wrong_state"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ ids, reason: line(500).describe("Why; it is kept in the audit trail.") }),
    output: changed,
    examples: [
      {
        title: "A test of theirs",
        input: { ids: [exampleId], reason: "The sync was only tried." },
        output: { changed: [exampleId] },
      },
    ],
  }),
});
