import { z } from "zod";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, line, secret, Version } from "./kit/shapes.ts";

const { query, command } = capability({
  name: "apiKeys",
  title: "API keys",
  about:
    "Credentials of programs and agents. The text of a key is shown once, when it is made; Dais keeps only its hash.",
  permissions: {
    "api_key.read": "See the organisation's API keys, never their text.",
    "api_key.create": "Make API keys with at most one's own permissions.",
    "api_key.revoke": "Revoke API keys.",
  },
  problems: {
    api_key_not_found: {
      status: 404,
      title: "No such API key",
      meaning: "There is no API key with this id in the caller's organisation.",
      remedy: "Check the id, or list keys.",
    },
    api_key_exceeds_creator: {
      status: 403,
      title: "More than the caller has",
      meaning:
        "A key can't have permissions or a clearance that its creator doesn't have. `permissions` lists those that are too many.",
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
});

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

export const ApiKey = z
  .object({
    id: ApiKeyId,
    name: line(200),
    kind: z.enum(apiKeyKinds),
    permissions,
    clearance: Classification,
    createdBy: z.string().max(200).describe("Id of who made it."),
    expiresAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
    version: Version,
    createdAt: Instant,
  })
  .meta({ id: "ApiKey", description: "A program's or agent's credential, without its text." });
export type ApiKey = z.infer<typeof ApiKey>;

const example = {
  id: "key_01kejc8ht0e6ssypg6m30swm9d",
  name: "Weather importer",
  kind: "client",
  permissions: ["signal.ingest", "signal.read"],
  clearance: "internal",
  createdBy: "key_01kejc8ht0e6ssypg6m30swm9e",
  expiresAt: null,
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
    input: z.strictObject({ ...paging }),
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
    problems: ["api_key_exceeds_creator", "api_key_permission_unknown", "api_key_expiry_past"],
    status: 201,
    location: "/api-keys/{id}",
    mcp: false,
    input: z.strictObject({
      name: line(200),
      kind: z.enum(apiKeyKinds).default("client"),
      permissions: permissions.describe("At most the caller's own."),
      clearance: Classification,
      expiresAt: Instant.nullable().default(null),
    }),
    output: ApiKey.extend({ secret: secret() }).meta({
      id: "NewApiKey",
      description: "An API key with its text, shown once.",
    }),
    examples: [
      {
        title: "A key for an importer",
        input: { name: example.name, permissions: example.permissions, clearance: "internal" },
        output: { ...example, secret: "dais_rimal_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample12" },
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
        output: { changed: true, apiKey: { ...example, revokedAt: "2026-01-06T04:00:00.000Z", version: 2 } },
      },
    ],
  }),
});
