import { z } from "zod";
import { AgentId } from "./agents.ts";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, line, secret, Version } from "./kit/shapes.ts";

const { query, command, events } = capability({
  name: "apiKeys",
  title: "API keys",
  about:
    "Credentials of programs and agents. The text of a key is shown once, when it is made; Dais keeps only its hash.",
  permissions: {
    "api_key.read": "See the organisation's API keys, never their text.",
    "api_key.create": "Make API keys with at most one's own permissions.",
    "api_key.rotate": "Give API keys another text, with at most one's own permissions.",
    "api_key.revoke": "Revoke API keys.",
  },
  problems: {
    api_key_not_found: {
      status: 404,
      title: "No such API key",
      meaning: "There is no API key with this id in the caller's organisation.",
      remedy: "Check the id, or list keys.",
    },
    api_key_changed: {
      status: 412,
      title: "The API key has changed since",
      meaning: "Somebody changed the key after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the key again, and decide again.",
    },
    api_key_over: {
      status: 409,
      title: "The API key is over",
      meaning: "The key was revoked or has expired, and can't be given another text.",
      remedy: "Make another one.",
    },
    api_key_agent_unfit: {
      status: 422,
      title: "No such agent",
      meaning:
        "A key of kind `agent` needs the id of a registered agent that is not retired, and one of kind `client` has none.",
      remedy: "List agents, or register one.",
    },
    api_key_exceeds_creator: {
      status: 403,
      title: "More than the caller has",
      meaning:
        "A key can't have permissions or a clearance that its creator doesn't have, nor an agent's key more than the agent. `permissions` lists those that are too many. A program that calls for itself can't make keys at all.",
      remedy: "Leave them out, or ask somebody who has them.",
    },
    api_key_permission_unknown: {
      status: 422,
      title: "No such permission",
      meaning: "A permission named is none that this contract declares. `permissions` lists them.",
      remedy: "Take the permissions from the API reference.",
    },
    api_key_expiry_past: {
      status: 422,
      title: "Expired before it is made",
      meaning: "`expiresAt` lies in the past.",
      remedy: "Name a moment in the future.",
    },
  },
  events: {
    "api_key.created": event({
      about: "An API key was made.",
      version: 1,
      permission: "api_key.read",
      payload: idPayload("key"),
      example: { id: "key_01kejc8ht0e6ssypg6m30swm9d" },
    }),
    "api_key.rotated": event({
      about: "An API key was given another text.",
      version: 1,
      permission: "api_key.read",
      payload: idPayload("key"),
      example: { id: "key_01kejc8ht0e6ssypg6m30swm9d" },
    }),
    "api_key.revoked": event({
      about: "An API key was revoked, for good.",
      version: 1,
      permission: "api_key.read",
      payload: idPayload("key"),
      example: { id: "key_01kejc8ht0e6ssypg6m30swm9d" },
    }),
  },
});
export type ApiKeyEvents = typeof events;

export const ApiKeyId = typeId("key");
/** Who holds the key: a program, or an agent, to whom each operation's agent policy applies. */
export const apiKeyKinds = ["client", "agent"] as const;

const permissions = z
  .array(
    z
      .string()
      .max(100)
      .regex(/^[a-z_]+\.[a-z_]+$/),
  )
  .min(1)
  .max(500);

/** A network in CIDR form. */
const network = z
  .string()
  .regex(/^[0-9a-fA-F:.]{2,39}\/[0-9]{1,3}$/, "Must be a network: 192.0.2.0/24, or 2001:db8::/32.")
  .refine((text) => [z.cidrv4(), z.cidrv6()].some((form) => form.safeParse(text).success), "No such network.")
  .meta({ description: "A network in CIDR form, of IPv4 or IPv6.", example: "192.0.2.0/24" });
const ipRanges = z
  .array(network)
  .min(1)
  .max(50)
  .nullable()
  .describe("Networks that it may be used from. Null: from anywhere.");
const shown = z.array(z.string().max(100)).max(500);

export const ApiKey = z
  .object({
    id: ApiKeyId,
    name: line(200),
    kind: z.enum(apiKeyKinds),
    agentId: AgentId.nullable().describe("The agent that it calls as."),
    permissions,
    effectivePermissions: shown.describe(
      "What of them holds now. A key is never good for more than what stands behind it: who made it, or the agent whose it is. None where the key is over, or one of those is.",
    ),
    clearance: Classification,
    ipRanges,
    createdBy: z.string().max(200).describe("Id of who made it."),
    expiresAt: Instant.nullable(),
    rotatedAt: Instant.nullable().describe("When it was last given another text."),
    graceEndsAt: Instant.nullable().describe("Until when the text before that works."),
    lastUsedAt: Instant.nullable().describe("To the minute."),
    revokedAt: Instant.nullable(),
    version: Version,
    createdAt: Instant,
  })
  .meta({ id: "ApiKey", description: "A program's or agent's credential, without its text." });
export type ApiKey = z.infer<typeof ApiKey>;
const NewApiKey = ApiKey.extend({ secret: secret() }).meta({
  id: "NewApiKey",
  description: "An API key with its text, shown once.",
});

const example = {
  id: "key_01kejc8ht0e6ssypg6m30swm9d",
  name: "Weather importer",
  kind: "client",
  agentId: null,
  permissions: ["signal.ingest", "signal.read"],
  effectivePermissions: ["signal.ingest", "signal.read"],
  clearance: "internal",
  ipRanges: null,
  createdBy: "key_01kejc8ht0e6ssypg6m30swm9e",
  expiresAt: null,
  rotatedAt: null,
  graceEndsAt: null,
  lastUsedAt: null,
  revokedAt: null,
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
};

export const apiKeys = router({
  list: query({
    rest: "GET /api-keys",
    summary: "List API keys, newest first",
    permission: "api_key.read",
    problems: ["invalid_cursor"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ ...paging, agentId: AgentId.optional().describe("Only those of this agent.") }),
    output: page(ApiKey),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /api-keys/{id}",
    summary: "Read one API key, without its text",
    permission: "api_key.read",
    problems: ["api_key_not_found"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: ApiKeyId }),
    output: ApiKey,
    examples: [{ title: "One key", input: { id: example.id }, output: example }],
  }),
  create: command({
    rest: "POST /api-keys",
    summary: "Make an API key",
    permission: "api_key.create",
    problems: ["api_key_exceeds_creator", "api_key_permission_unknown", "api_key_expiry_past", "api_key_agent_unfit"],
    status: 201,
    location: "/api-keys/{id}",
    mcp: false,
    input: z.strictObject({
      name: line(200),
      kind: z.enum(apiKeyKinds).default("client"),
      agentId: AgentId.nullable().default(null),
      permissions: permissions.describe("At most the caller's own, and of an agent's key at most the agent's."),
      clearance: Classification,
      ipRanges: ipRanges.default(null),
      expiresAt: Instant.nullable().default(null),
    }),
    output: NewApiKey,
    examples: [
      {
        title: "A key for an importer",
        input: { name: example.name, permissions: example.permissions, clearance: "internal" },
        output: { ...example, secret: "dais_rimal_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample12" },
      },
    ],
  }),
  rotate: command({
    rest: "POST /api-keys/{id}/rotate",
    summary: "Give an API key another text",
    description:
      "The text before works for a while longer, so that nothing stands still while the new one is put in its place.",
    permission: "api_key.rotate",
    problems: ["api_key_not_found", "api_key_exceeds_creator", "api_key_changed", "api_key_over"],
    mcp: false,
    input: z.strictObject({
      id: ApiKeyId,
      version: Version,
      graceHours: z.int().min(0).max(168).default(24).describe("How long the text before still works. 0: not at all."),
    }),
    output: NewApiKey,
    examples: [
      {
        title: "With a day to change over",
        input: { id: example.id, version: 1 },
        output: {
          ...example,
          rotatedAt: "2026-01-06T04:00:00.000Z",
          graceEndsAt: "2026-01-07T04:00:00.000Z",
          version: 2,
          secret: "dais_rimal_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample12",
        },
      },
    ],
  }),
  revoke: command({
    rest: "POST /api-keys/{id}/revoke",
    summary: "Revoke an API key, at once and for good",
    permission: "api_key.revoke",
    problems: ["api_key_not_found"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: ApiKeyId }),
    output: z.object({ changed: z.boolean().describe("False where it was revoked already."), apiKey: ApiKey }),
    examples: [
      {
        title: "Revoke",
        input: { id: example.id },
        output: {
          changed: true,
          apiKey: { ...example, effectivePermissions: [], revokedAt: "2026-01-06T04:00:00.000Z", version: 2 },
        },
      },
    ],
  }),
});
