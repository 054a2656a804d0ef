import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { exactly } from "./entry.ts";
import { must } from "./flaw.ts";
import { type Json, readJson } from "./json.ts";
import type { Key } from "./keys.ts";
import { readHash } from "./text.ts";
import { isConsistent } from "./tree.ts";

/**
 * Checks that a log has only grown from one checkpoint to a later one.
 * @param notes `proof`: hashes in base64, one a line, as an array of JSON, or in the answer of `audit.consistency`. Nothing where the sizes are equal.
 * @throws Flaw
 * @see RFC 9162, section 2.1.4
 */
export function checkConsistency(
  notes: { earlier: string; later: string; proof: string },
  keys: readonly Key[],
  witnesses = 0,
): { earlier: Checkpoint; later: Checkpoint } {
  const earlier = readCheckpoint(notes.earlier, keys, witnesses);
  const later = readCheckpoint(notes.later, keys, witnesses);
  must(earlier.origin === later.origin, "the checkpoints are of two logs");
  must(
    earlier.size <= later.size,
    "the later checkpoint is of a smaller log: entries are gone, or the two were swapped",
  );
  must(
    isConsistent(earlier, later, readHashes(notes.proof)),
    "the later log is not the earlier one grown: history was rewritten",
  );
  return { earlier, later };
}

function readHashes(proof: string): Buffer[] {
  const hashes: Json | undefined = /^\s*[[{]/.test(proof)
    ? listed(readJson(proof))
    : proof.split("\n").filter((line) => line !== "");
  must(Array.isArray(hashes) && hashes.length <= 128, "the proof is no list of hashes");
  return hashes.map((hash) => {
    must(typeof hash === "string", "a hash of the proof is no text");
    return readHash(hash, "a hash of the proof");
  });
}

/** An array, or the answer of `audit.consistency` as it is; the sizes that count are the checkpoints' own. */
const listed = (proof: Json): Json | undefined =>
  Array.isArray(proof) ? proof : exactly(proof, ["from", "to", "hashes"], "the proof").hashes;
