import { type HashAt, nodeHash } from "./tree.ts";

/** A tile's place and its hashes, as far as there are any. */
export type Tile = { level: number; tile: number; hashes: Buffer };

/** Hashes in a full tile, and bytes of a hash. */
export const width = 256;
export const hashBytes = 32;

/** How many hashes the level has in a tree of `size` leaves. */
export const countAt = (level: number, size: number): number => Math.floor(size / width ** level);

/**
 * Where the hashes lie that proofs about the leaves or sizes `places` of a tree of at most `size` leaves ask for: in one tile for each level
 * and place, at which the place lies.
 */
export function tilesAround(places: readonly number[], size: number): { level: number; tile: number }[] {
  const wanted = new Map<string, { level: number; tile: number }>();
  for (let level = 0; countAt(level, size) > 0; level += 1)
    for (const place of places) {
      const tile = Math.floor(place / width ** (level + 1));
      wanted.set(`${level}/${tile}`, { level, tile });
    }
  return [...wanted.values()];
}

/** Reads subtrees out of tiles. @throws Error for one that isn't there: a bug, or a log that was tampered with */
export function hashesIn(tiles: readonly Tile[]): HashAt {
  const known = new Map(tiles.map((one) => [`${one.level}/${one.tile}`, one.hashes]));
  return (height, index) => {
    const level = Math.floor(height / 8);
    const count = 2 ** (height % 8);
    const first = index * count;
    const hashes = known.get(`${level}/${Math.floor(first / width)}`);
    const at = (first % width) * hashBytes;
    const part = hashes?.subarray(at, at + count * hashBytes);
    if (part?.length !== count * hashBytes) throw new Error(`the audit log lacks hash ${index} at height ${height}`);
    return folded(part);
  };
}

/**
 * Lets a tree of `size` leaves grow by the hashes of more leaves.
 * @param edge The last tile of each level, where it isn't full
 * @returns the tiles that are other than before, full ones included, and the new edge
 */
export function grow(
  edge: readonly Tile[],
  size: number,
  leaves: readonly Buffer[],
): { changed: Tile[]; edge: Tile[] } {
  const changed: Tile[] = [];
  const next: Tile[] = [];
  let added: readonly Buffer[] = leaves;
  for (let level = 0; added.length > 0 || edge.some((one) => one.level >= level); level += 1) {
    const before = edge.find((one) => one.level === level);
    if (added.length === 0) {
      if (before) next.push(before);
      continue;
    }
    const up: Buffer[] = [];
    let tile = Math.floor(countAt(level, size) / width);
    let hashes = Buffer.concat([before?.hashes ?? Buffer.alloc(0), ...added]);
    for (; hashes.length > 0; tile += 1) {
      const part = Buffer.from(hashes.subarray(0, width * hashBytes));
      hashes = hashes.subarray(part.length);
      changed.push({ level, tile, hashes: part });
      if (part.length === width * hashBytes) up.push(folded(part));
      else next.push({ level, tile, hashes: part });
    }
    added = up;
  }
  return { changed, edge: next };
}

/** The root of a complete subtree, from the hashes of its parts. */
function folded(hashes: Buffer): Buffer {
  let row = hashes;
  while (row.length > hashBytes) {
    const above = Buffer.allocUnsafe(row.length / 2);
    for (let at = 0; at < above.length; at += hashBytes)
      nodeHash(row.subarray(2 * at, 2 * at + hashBytes), row.subarray(2 * at + hashBytes, 2 * at + 2 * hashBytes)).copy(
        above,
        at,
      );
    row = above;
  }
  return Buffer.from(row);
}
