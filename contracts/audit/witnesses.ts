import { z } from "zod";
import { exampleCheckpoint, exampleCosignature, exampleWitness, exampleWitnessId as id } from "../examples/proofs.ts";
import { typeId } from "../kit/ids.ts";
import { page, paging } from "../kit/paging.ts";
import { Instant, line } from "../kit/shapes.ts";
import { command, query } from "./capability.ts";
import { Checkpoint, KeyId, Size } from "./checkpoint.ts";

export const Witness = z
  .object({
    id: typeId("wit"),
    name: line(200).describe("The name of its key."),
    keyId: KeyId,
    vkey: line(400).describe("The key as verifiers are given it."),
    addedBy: line(200),
    addedAt: Instant,
    removedAt: Instant.nullable().describe("What it signed before stays with its checkpoints."),
  })
  .meta({
    id: "AuditWitness",
    description: "Somebody outside who signs checkpoints, too, once they have seen that the log only grew.",
  });
export type Witness = z.infer<typeof Witness>;

const { vkey } = exampleWitness;
const Tiles = z.object({
  open: z.boolean(),
  url: z.string().max(500).describe("Where they are served while they are open: `checkpoint` and `tile/…` below it."),
});
const url = "https://dais.example.org/audit/rimal";

/** Who else vouches for the audit log, and what everybody may see of it. */
export const witnessOperations = {
  witnesses: query({
    rest: "GET /audit/witnesses",
    summary: "List the witnesses of the audit log, newest first",
    permission: "audit.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging }),
    output: page(Witness),
    examples: [{ title: "One of them", input: {}, output: { items: [exampleWitness], nextCursor: null } }],
  }),
  addWitness: command({
    rest: "POST /audit/witnesses",
    summary: "Say whose cosignatures are taken",
    permission: "audit.add_witness",
    problems: ["audit_witness_key_invalid", "audit_witnesses_full"],
    anyVersion: true,
    assurance: { mfa: true, maxAgeSeconds: 300 },
    mcp: false,
    input: z.strictObject({ vkey: line(400).describe("The witness's verifier key of type 4, as it publishes it.") }),
    output: z.object({ changed: z.boolean().describe("False where it is one already."), witness: Witness }),
    examples: [{ title: "A witness", input: { vkey }, output: { changed: true, witness: exampleWitness } }],
  }),
  removeWitness: command({
    rest: "POST /audit/witnesses/{id}/remove",
    summary: "Say whose cosignatures are taken no longer",
    permission: "audit.remove_witness",
    problems: ["audit_witness_not_found"],
    anyVersion: true,
    assurance: { mfa: true, maxAgeSeconds: 300 },
    mcp: false,
    input: z.strictObject({ id: typeId("wit") }),
    output: z.object({ changed: z.boolean().describe("False where it was removed already."), witness: Witness }),
    examples: [
      {
        title: "No longer",
        input: { id },
        output: { changed: true, witness: { ...exampleWitness, removedAt: "2026-02-02T04:00:00.000Z" } },
      },
    ],
  }),
  cosign: command({
    rest: "POST /audit/cosign",
    summary: "Hand in a witness's cosignature of a checkpoint",
    description:
      "Taken where it verifies under the key of a witness of the organisation. From then on it stands with the checkpoint.",
    permission: "audit.cosign",
    problems: ["audit_checkpoint_not_found", "audit_cosignature_invalid"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({
      size: Size.describe("Of the checkpoint."),
      line: line(1000).describe("The line of signature, from its dash on: a C2SP tlog-cosignature."),
    }),
    output: z.object({
      changed: z.boolean().describe("False where the witness has signed it before."),
      checkpoint: Checkpoint,
    }),
    examples: [
      {
        title: "By a witness",
        input: { size: exampleCheckpoint.size, line: exampleCosignature.line },
        output: { changed: true, checkpoint: exampleCosignature.checkpoint },
      },
    ],
  }),
  tiles: query({
    rest: "GET /audit/tiles",
    summary: "Say whether everybody may read the audit log's checkpoints and tiles",
    permission: "audit.read",
    input: z.strictObject({}),
    output: Tiles,
    examples: [{ title: "Nobody but the organisation", input: {}, output: { open: false, url } }],
  }),
  setTiles: command({
    rest: "PUT /audit/tiles",
    summary: "Open the audit log's checkpoints and tiles to everybody, or close them",
    description:
      "Open, they can be read without a credential (C2SP tlog-tiles), so that others can watch the log grow. They say how many entries there are and when, and nothing of what is in them: commitments are all that anybody sees.",
    permission: "audit.set_tiles",
    anyVersion: true,
    assurance: { mfa: true, maxAgeSeconds: 300 },
    mcp: false,
    input: z.strictObject({ open: z.boolean() }),
    output: z.object({ changed: z.boolean().describe("False where it was so already."), ...Tiles.shape }),
    examples: [{ title: "For witnesses", input: { open: true }, output: { changed: true, open: true, url } }],
  }),
};
