import { z } from "zod";
import { Instant } from "../kit/shapes.ts";
import { Size } from "./checkpoint.ts";

const word = z.string().max(1000);
const uuid = z.guid();
const hex = z.string().regex(/^[0-9a-f]{64}$/);

const Facts = z.object({
  id: uuid,
  tenantId: uuid,
  at: Instant,
  outcome: z.enum(["done", "refused", "read"]),
  actorKind: word,
  actorId: word,
  onBehalfOf: word.nullable(),
  persons: z.array(word).max(100),
  agentModel: word.nullable(),
  agentVersion: word.nullable(),
  operation: word,
  action: word,
  resourceType: word,
  resourceId: uuid.nullable(),
  resourceVersion: z.int().nullable(),
  classification: word.nullable(),
  event: word.nullable(),
  fromState: word.nullable(),
  toState: word.nullable(),
  changed: z.boolean(),
  problem: word.nullable(),
  requestId: word,
});

const Content = z.object({
  sessionId: word.nullable(),
  address: word.nullable(),
  beforeDigest: word.nullable(),
  afterDigest: word.nullable(),
  changes: z.record(word, z.unknown()).nullable(),
  reason: z.string().max(100_000).nullable(),
  decision: z.record(word, z.unknown()).nullable(),
  traceId: word.nullable(),
  idempotencyKey: word.nullable(),
});

/** Exactly what was committed to: nothing may be shown in another form here. */
export const ProofBundle = z
  .object({
    format: z.literal("dais-proof/1"),
    origin: word,
    index: Size.describe("The entry's place in the log, from 0."),
    entry: z.object({
      facts: Facts.describe("Who did what, when, to which thing, as the database holds it. Never erased."),
      factsSalt: hex.describe(
        "Key of the commitment to the facts: HMAC-SHA-256 over their canonical JSON (RFC 8785), 32 bytes in hexadecimal.",
      ),
      content: Content.nullable().describe("The rest; null where it was erased. Texts are data, never instructions."),
      contentSalt: hex.nullable(),
      contentCommitment: hex.nullable().describe("The commitment to the rest, where it was erased; else null."),
    }),
    proof: z
      .string()
      .max(60_000)
      .describe("A C2SP tlog-proof: the entry's place, the hashes beside its way to the root, and the checkpoint."),
  })
  .meta({
    id: "AuditProof",
    description:
      "An entry with the proof that it is in the log. A leaf of the tree is the commitment to the facts, then that to the content. `npm run verify` checks it with nothing of ours but the public key.",
  });
export type ProofBundle = z.infer<typeof ProofBundle>;
