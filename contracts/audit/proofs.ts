import { z } from "zod";
import {
  exampleBundle,
  exampleCheckpoint,
  exampleConsistency,
  exampleEntryId,
  exampleKey,
} from "../examples/proofs.ts";
import { typeId } from "../kit/ids.ts";
import { page, paging } from "../kit/paging.ts";
import { ProofBundle } from "./bundle.ts";
import { command, query } from "./capability.ts";
import { Checkpoint, Hash, KeyId, SigningKey, Size } from "./checkpoint.ts";

/** What others can hold against the audit log, and the keys that sign it. */
export const proofOperations = {
  checkpoint: query({
    rest: "GET /audit/checkpoint",
    summary: "Read the latest checkpoint of the audit log, or that of a size",
    permission: "audit.read",
    problems: ["audit_checkpoint_not_found"],
    input: z.strictObject({ size: Size.optional().describe("That of this size; without it, the latest.") }),
    output: Checkpoint,
    examples: [{ title: "The latest", input: {}, output: exampleCheckpoint }],
  }),
  checkpoints: query({
    rest: "GET /audit/checkpoints",
    summary: "List the checkpoints of the audit log, latest first",
    permission: "audit.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging }),
    output: page(Checkpoint),
    examples: [{ title: "All", input: {}, output: { items: [exampleCheckpoint], nextCursor: null } }],
  }),
  proof: query({
    rest: "GET /audit/{id}/proof",
    summary: "Prove that an entry is in the audit log",
    description:
      "A file for whoever doubts it: the entry, and the proof that it is under the checkpoint. `npm run verify` checks it offline.",
    permission: "audit.read",
    problems: ["audit_entry_not_found", "audit_checkpoint_not_found", "audit_not_sealed"],
    input: z.strictObject({
      id: typeId("aud"),
      size: Size.optional().describe("Under the checkpoint of this size; without it, the latest."),
    }),
    output: ProofBundle,
    examples: [{ title: "One entry", input: { id: exampleEntryId }, output: exampleBundle }],
  }),
  consistency: query({
    rest: "GET /audit/consistency",
    summary: "Prove that a later checkpoint holds all that an earlier one held",
    description:
      "RFC 6962, section 2.1.2. Whoever kept an old checkpoint sees by it that nothing was changed or taken away.",
    permission: "audit.read",
    problems: ["audit_sizes_invalid", "audit_checkpoint_not_found"],
    input: z.strictObject({
      from: Size.describe("Size of the earlier checkpoint."),
      to: Size.optional().describe("Size of the later one; without it, the latest."),
    }),
    output: z.object({
      from: Size,
      to: Size,
      hashes: z.array(Hash).max(128).describe("None where both are the same, or the earlier one is empty."),
    }),
    examples: [{ title: "From the first entry on", input: { from: 1 }, output: exampleConsistency }],
  }),
  keys: query({
    rest: "GET /audit/keys",
    summary: "List the keys that sign checkpoints or have, newest first",
    permission: "audit.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging }),
    output: page(SigningKey),
    examples: [{ title: "The first one", input: {}, output: { items: [exampleKey], nextCursor: null } }],
  }),
  rotate: command({
    rest: "POST /audit/rotate",
    summary: "Have checkpoints signed by a new key",
    description:
      "The key of now signs nothing more, and its private half is destroyed. The sealer makes the new one within a second, on record; what was signed stays good.",
    permission: "audit.rotate",
    anyVersion: true,
    status: 202,
    location: "/audit/keys",
    assurance: { mfa: true, maxAgeSeconds: 300 },
    mcp: false,
    input: z.strictObject({}),
    output: z.object({
      changed: z.boolean().describe("False where there was none: a new one is on its way already."),
      former: KeyId.nullable().describe("The key that signs nothing more."),
    }),
    examples: [{ title: "A new one", input: {}, output: { changed: true, former: exampleKey.keyId } }],
  }),
};
