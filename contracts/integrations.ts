import { z } from "zod";
import { ApiKeyId } from "./apiKeys.ts";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line, Version } from "./kit/shapes.ts";

const exampleId = "int_01kejc8ht0e6ssypg6m30swm9x";
const told = (about: string) =>
  event({ about, version: 1, permission: "integration.read", payload: idPayload("int"), example: { id: exampleId } });

const { query, command, events } = capability({
  name: "integrations",
  title: "Integrations",
  about:
    "Other services that send commands by the message broker. Each has a queue of its own, and what comes by it is done as the API key that it was opened with. Who may publish there, the broker says.",
  permissions: {
    "integration.read": "See which services have a queue for commands.",
    "integration.open":
      "Give a service a queue, whose commands are done as an API key that may at most what the caller may.",
    "integration.close": "Close such a queue: nothing more is taken from it.",
  },
  problems: {
    integration_not_found: {
      status: 404,
      title: "No such integration",
      meaning: "There is no integration with this id in the caller's organisation.",
      remedy: "Check the id, or list integrations.",
    },
    integration_key_unfit: {
      status: 422,
      title: "Not a key for a queue",
      meaning: "There is no such API key, it is over, it is an agent's, or it may be used from some networks only.",
      remedy: "Take a key of kind `client` without `ipRanges`, or make one.",
    },
    integration_limit: {
      status: 409,
      title: "Too many integrations",
      meaning: "The organisation has so many open integrations that there can't be more. `limit` says how many.",
      remedy: "Close those that nobody needs any more, or have services share a queue.",
    },
    integration_exceeds_caller: {
      status: 403,
      title: "More than the caller has",
      meaning:
        "A queue can't do more than who opens it: the key has permissions or a clearance that the caller doesn't have. `permissions` lists those.",
      remedy: "Take a key that may less, or ask somebody who may as much.",
    },
  },
  events: {
    "integration.opened": told("A service was given a queue for commands."),
    "integration.closed": told("The queue of a service was closed."),
  },
});
export type IntegrationEvents = typeof events;

export const IntegrationId = typeId("int");
/** So many an organisation has open at most. */
export const mostIntegrations = 100;

export const Integration = z
  .object({
    id: IntegrationId,
    name: line(200),
    keyId: ApiKeyId.describe("The API key as which its commands are done."),
    queue: z.string().max(200).describe("Where its commands go: the routing key, on the broker's default exchange."),
    problem: z
      .string()
      .max(200)
      .nullable()
      .describe(
        "Why nothing is taken from the queue just now: the broker's or the socket's code. `PRECONDITION_FAILED`: somebody has made it with other arguments.",
      ),
    closedAt: Instant.nullable(),
    createdBy: z.string().max(200).describe("Id of who opened it."),
    version: Version,
    createdAt: Instant,
  })
  .meta({ id: "Integration", description: "A service that sends commands by a queue." });
export type Integration = z.infer<typeof Integration>;

const example = {
  id: exampleId,
  name: "Directory sync",
  keyId: "key_01kejc8ht0e6ssypg6m30swm9d",
  queue: `dais.commands.${exampleId}`,
  problem: null,
  closedAt: null,
  createdBy: "per_01kejc8ht0e6ssypg6m30swm9f",
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
};

export const integrations = router({
  list: query({
    rest: "GET /integrations",
    summary: "List integrations, newest first",
    permission: "integration.read",
    problems: ["invalid_cursor"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ ...paging }),
    output: page(Integration),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /integrations/{id}",
    summary: "Read one integration",
    permission: "integration.read",
    problems: ["integration_not_found"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: IntegrationId }),
    output: Integration,
    examples: [{ title: "One", input: { id: exampleId }, output: example }],
  }),
  open: command({
    rest: "POST /integrations",
    summary: "Give a service a queue for commands",
    description:
      "The worker makes the queue within a second, where there is a broker. When the key is revoked or expires, what comes by the queue is refused. An organisation has 100 open integrations at most.",
    permission: "integration.open",
    problems: ["integration_key_unfit", "integration_exceeds_caller", "integration_limit"],
    status: 201,
    location: "/integrations/{id}",
    assurance: { mfa: true, maxAgeSeconds: 300 },
    mcp: false,
    input: z.strictObject({ name: line(200), keyId: ApiKeyId }),
    output: Integration,
    examples: [
      { title: "For the directory's sync", input: { name: example.name, keyId: example.keyId }, output: example },
    ],
  }),
  close: command({
    rest: "POST /integrations/{id}/close",
    summary: "Close an integration's queue, at once and for good",
    description: "What lies in it stays there, until the broker's operator deletes it.",
    permission: "integration.close",
    problems: ["integration_not_found"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: IntegrationId }),
    output: z.object({ changed: z.boolean().describe("False where it was closed already."), integration: Integration }),
    examples: [
      {
        title: "The service is gone",
        input: { id: exampleId },
        output: {
          changed: true,
          integration: { ...example, closedAt: "2026-01-06T04:00:00.000Z", version: 2 },
        },
      },
    ],
  }),
});
