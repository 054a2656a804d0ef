import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { commitment, exactly, readHalf } from "./entry.ts";
import { must } from "./flaw.ts";
import { type Json, readJson } from "./json.ts";
import type { Key } from "./keys.ts";
import { readHex, readText } from "./text.ts";
import { readProof } from "./tlog-proof.ts";
import { leafHash, rootByPath } from "./tree.ts";

/** What is proven: this entry stands at this place of the log that the checkpoint speaks of. */
export type Proven = {
  index: number;
  facts: Record<string, Json>;
  /** Null where it was erased, or left out of the bundle: the commitment to it is the same. */
  content: Record<string, Json> | null;
  checkpoint: Checkpoint;
};

export const largestBundle = 16 * 1024 * 1024;

/**
 * Checks a bundle against keys that the caller got some other way, with nothing else.
 * @param witnesses How many witnesses must have signed the checkpoint, too
 * @throws Flaw
 */
export function checkBundle(bytes: Uint8Array, keys: readonly Key[], witnesses = 0): Proven {
  must(bytes.length <= largestBundle, "the bundle is larger than 16 MiB");
  const bundle = exactly(readJson(readText(bytes)), ["format", "origin", "index", "entry", "proof"], "the bundle");
  must(bundle.format === "dais-proof/1", "the bundle is not of the format dais-proof/1");
  const { facts, content, data } = readEntry(bundle.entry);
  must(typeof bundle.proof === "string", '"proof" is no text');
  const { index, path, note } = readProof(bundle.proof);
  must(bundle.index === index, "the bundle names another index than its proof");
  const checkpoint = readCheckpoint(note, keys, witnesses);
  must(bundle.origin === checkpoint.origin, "the bundle names another origin than its checkpoint");
  must(index < checkpoint.size, `there is no entry ${index} in a log of ${checkpoint.size}`);
  const root = rootByPath(index, checkpoint.size, leafHash(data), path);
  must(root !== null, "the proof's path has another length than the tree");
  must(root.equals(checkpoint.root), "the entry is not in the log: its path does not lead to the checkpoint's root");
  return { index, facts, content, checkpoint };
}

const members = ["facts", "factsSalt", "content", "contentSalt", "contentCommitment"];

/** An entry, and the 64 bytes of its leaf: both commitments; that to the content is made anew where it is shown, and else taken as it is. */
function readEntry(value: Json | undefined) {
  const entry = exactly(value, members, '"entry"');
  const facts = readHalf("facts", entry.facts);
  const first = commitment(readHex(entry.factsSalt, '"factsSalt"'), facts);
  if (entry.content === null) {
    must(entry.contentSalt === null, "the content is not shown, and yet has a salt");
    const second = readHex(entry.contentCommitment, '"contentCommitment"');
    return { facts, content: null, data: Buffer.concat([first, second]) };
  }
  must(entry.contentCommitment === null, "the content is there, and yet has a commitment as if it were not shown");
  const content = readHalf("content", entry.content);
  const second = commitment(readHex(entry.contentSalt, '"contentSalt"'), content);
  return { facts, content, data: Buffer.concat([first, second]) };
}
