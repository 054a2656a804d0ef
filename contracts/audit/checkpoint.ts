import { z } from "zod";
import { Instant, line } from "../kit/shapes.ts";

/** How many entries: fewer than JavaScript counts exactly. */
export const Size = z.int().min(0).max(1_000_000_000_000).describe("A number of entries.");
/** SHA-256, in base64. */
export const Hash = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/)
  .describe("SHA-256 in base64.");
export const KeyId = z
  .string()
  .regex(/^[0-9a-f]{8}$/)
  .describe("Id of a key under its name, as signed notes have it.");
const Origin = line(300).describe("The log's name: what checkpoints begin with.");

export const Checkpoint = z
  .object({
    origin: Origin,
    size: Size,
    root: Hash.describe("Root of the Merkle tree (RFC 6962) of that many entries."),
    keyId: KeyId,
    madeAt: Instant,
    cosignatures: z
      .array(z.object({ witness: line(200), keyId: KeyId, at: Instant.describe("By the witness's clock.") }))
      .max(100),
    note: z
      .string()
      .max(50_000)
      .describe("The signed note: a C2SP checkpoint, with the cosignatures of witnesses behind ours."),
  })
  .meta({ id: "AuditCheckpoint", description: "What was signed of the audit log when it had so many entries." });
export type Checkpoint = z.infer<typeof Checkpoint>;

export const SigningKey = z
  .object({
    keyId: KeyId,
    name: Origin,
    vkey: line(400).describe("The key as verifiers are given it: `name+id+key`, as Go's `sumdb/note` has it."),
    fromAt: Instant,
    untilAt: Instant.nullable().describe("What it signed before stays good."),
    lostAt: Instant.nullable().describe("When it was found that its private half can't be opened any more."),
  })
  .meta({ id: "AuditKey", description: "A key that signs checkpoints, or has." });
export type SigningKey = z.infer<typeof SigningKey>;
