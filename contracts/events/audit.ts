import { z } from "zod";
import { event } from "../kit/event.ts";
import { typeId } from "../kit/ids.ts";
import { line } from "../kit/shapes.ts";

const id = typeId("org").describe("The organisation, whose log it is.");
const organisation = "org_01kejc8ht0e6ssypg6m30swm9a";
const keyId = line(8).describe("Id of the key: 8 hexadecimal digits.");
const witness = z.object({ id, witnessId: typeId("wit"), name: line(200) });
const exampleWitness = {
  id: organisation,
  witnessId: "wit_01kejc8ht0e6ssypg6m30swm9w",
  name: "witness.example.net/w1",
};

/** What is told of the audit log's keys, witnesses and tiles. */
export const auditEvents = {
  "audit.key_rotated": event({
    about: "The audit log's checkpoints are signed by another key from now on.",
    version: 1,
    permission: "audit.read",
    payload: z.object({
      id,
      keyId,
      formerKeyId: keyId.nullable(),
      reason: z.enum(["rotated", "lost"]).describe("`lost`: the former key could not be opened any more."),
    }),
    example: { id: organisation, keyId: "0f3b9a1c", formerKeyId: "9c01d2e4", reason: "rotated" },
  }),
  "audit.witness_added": event({
    about: "Cosignatures of another witness are taken from now on.",
    version: 1,
    permission: "audit.read",
    payload: witness,
    example: exampleWitness,
  }),
  "audit.witness_removed": event({
    about: "Cosignatures of a witness are taken no longer.",
    version: 1,
    permission: "audit.read",
    payload: witness,
    example: exampleWitness,
  }),
  "audit.tiles_set": event({
    about: "The audit log's checkpoints and tiles were opened to everybody, or closed again.",
    version: 1,
    permission: "audit.read",
    payload: z.object({ id, open: z.boolean() }),
    example: { id: organisation, open: true },
  }),
};
