import { must } from "./flaw.ts";
import { readCount, readHash } from "./text.ts";

/** At this many levels a tree would hold more leaves than a double can count. */
const longest = 64;

/**
 * Takes a proof apart: the leaf's place, the path to the root, and the checkpoint's note. Data beside it (`extra`) is refused: nothing
 * of ours needs any, and nobody could vouch for it.
 * @throws Flaw
 * @see https://c2sp.org/tlog-proof
 */
export function readProof(text: string): { index: number; path: Buffer[]; note: string } {
  const end = text.indexOf("\n\n");
  must(end >= 0, "the proof holds no checkpoint");
  const [header, place = "", ...hashes] = text.slice(0, end).split("\n");
  must(header === "c2sp.org/tlog-proof@v1", "the proof is not a c2sp.org/tlog-proof@v1");
  must(place.startsWith("index "), "the proof has no index");
  must(hashes.length <= longest, "the proof's path is too long");
  return {
    index: readCount(place.slice("index ".length), "the proof's index"),
    path: hashes.map((hash) => readHash(hash, "a hash of the proof")),
    note: text.slice(end + 2),
  };
}
