import { createHmac } from "node:crypto";
import { canonical } from "../canonical.ts";

/** Who did what, when and to which thing: pseudonymous, and never erased. Field -> what of the table `audit a` it is. */
const facts = {
  id: "a.id",
  tenantId: "a.tenant_id",
  at: `to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  outcome: "a.outcome",
  actorKind: "a.actor_kind",
  actorId: "a.actor_id",
  onBehalfOf: "a.on_behalf_of",
  persons: "a.persons",
  agentModel: "a.agent_model",
  agentVersion: "a.agent_version",
  operation: "a.operation",
  action: "a.action",
  resourceType: "a.resource_type",
  resourceId: "a.resource_id",
  resourceVersion: "a.resource_version",
  classification: "a.classification",
  event: "a.event",
  fromState: "a.from_state",
  toState: "a.to_state",
  changed: "a.changed",
  problem: "a.problem",
  requestId: "a.request_id",
};

/** The rest, which the law may have erased. Digests of what has few values could be guessed, so they are here. */
const content = {
  sessionId: "a.session_id",
  address: "a.address",
  beforeDigest: "a.before_digest",
  afterDigest: "a.after_digest",
  changes: "a.changes",
  reason: "a.reason",
  decision: "a.decision",
  traceId: "a.trace_id",
  idempotencyKey: "a.idempotency_key",
};

const built = (half: Record<string, string>): string =>
  `json_build_object(${Object.entries(half)
    .map(([name, column]) => `'${name}', ${column}`)
    .join(", ")})`;

/** Of a row `a` of `audit`: both halves of the entry, as `Halves`. */
export const halves = `${built(facts)} as facts, a.salt as facts_salt,
  case when a.erased_at is null then ${built(content)} end as content, a.content_salt`;

export type Half = Record<string, unknown>;
export type Halves = { facts: Half; factsSalt: string; content: Half | null; contentSalt: string | null };

export const halvesOf = (row: Record<string, unknown>): Halves => ({
  facts: row.facts as Half,
  factsSalt: row.facts_salt as string,
  content: row.content as Half | null,
  contentSalt: row.content_salt as string | null,
});

/**
 * What the log commits to for one half: it says nothing to who lacks the salt, and can't be opened to anything else.
 * @param salt 32 bytes in hexadecimal
 * @see RFC 2104 and RFC 8785
 */
export const commitment = (half: Half, salt: string): Buffer =>
  createHmac("sha256", Buffer.from(salt, "hex")).update(canonical(half)).digest();

/** A leaf: the commitments to both halves. What was erased before it was sealed is committed to by 32 zeros: it can't be opened to anything. */
export const leafData = ({ facts: known, factsSalt, content: rest, contentSalt }: Halves): Buffer =>
  Buffer.concat([
    commitment(known, factsSalt),
    rest && contentSalt ? commitment(rest, contentSalt) : Buffer.alloc(commitmentBytes),
  ]);

export const commitmentBytes = 32;
