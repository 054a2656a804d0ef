import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { Flaw, must } from "./flaw.ts";
import type { Key } from "./keys.ts";
import { type Source, tileSource } from "./tile-source.ts";
import { tilePath, tiling, width } from "./tiling.ts";
import { growingTree, leafHash } from "./tree.ts";

/** Both commitments of an entry. */
const leafBytes = 64;

/**
 * Checks a whole log from its public tiles: each entry hashes to its leaf, each tile to the one above, and all of them to the root of the
 * checkpoint that the caller holds.
 * @param where A folder, or the https address that `checkpoint` and `tile/` lie under
 * @throws Flaw, Usage
 * @see https://c2sp.org/tlog-tiles
 */
export async function checkTiles(
  where: string,
  note: string,
  keys: readonly Key[],
  witnesses = 0,
): Promise<Checkpoint> {
  const checkpoint = readCheckpoint(note, keys, witnesses);
  const source = tileSource(where);
  const tree = growingTree();
  const tiles = tiling(async ({ level, number, hashes }) => {
    const tile = await fetched(source, level, number, hashes.length, 32);
    const wrong = hashes.findIndex((hash, at) => !tile[at]?.equals(hash));
    must(wrong < 0, `hash ${wrong} of ${tilePath(level, number, hashes.length)} is not the one of what lies below it`);
  });
  for (let first = 0; first < checkpoint.size; first += width) {
    const count = Math.min(width, checkpoint.size - first);
    for (const data of await fetched(source, "entries", first / width, count, leafBytes)) {
      const hash = leafHash(data);
      tree.add(hash);
      await tiles.add(hash);
    }
  }
  await tiles.end();
  must(tree.root().equals(checkpoint.root), "the entries do not lead to the checkpoint's root");
  return checkpoint;
}

/** A tile's parts. One that was partial may have become full since, and is then longer. */
async function fetched(source: Source, level: number | "entries", number: number, count: number, bytes: number) {
  const path = tilePath(level, number, count);
  const full = tilePath(level, number, width);
  const partial = await source(path);
  const found = partial ?? (path === full ? null : await source(full));
  if (!found) throw new Flaw(`${path} is missing`);
  const parts = level === "entries" ? framed(found, path) : sliced(found, 32);
  must(parts.length === (partial ? count : width), `${path} holds ${parts.length} instead of ${count}`);
  const wrong = parts.findIndex((part) => part.length !== bytes);
  must(wrong < 0, `part ${wrong} of ${path} is not ${bytes} bytes long`);
  return parts.slice(0, count);
}

function sliced(tile: Buffer, bytes: number): Buffer[] {
  return Array.from({ length: Math.ceil(tile.length / bytes) }, (_, at) => tile.subarray(at * bytes, (at + 1) * bytes));
}

/** Entries, each behind its length in two bytes. */
function framed(bundle: Buffer, path: string): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    must(at + 2 <= bundle.length, `${path} is cut off`);
    const end = at + 2 + bundle.readUInt16BE(at);
    must(end <= bundle.length, `${path} is cut off`);
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
