import { growingTree } from "./tree.ts";

/** Hashes of a full tile. @see https://c2sp.org/tlog-tiles */
export const width = 256;

/** Where a tile lies: level 0 holds leaf hashes, each higher one the roots of full tiles below it. */
export type Tile = { level: number; number: number; hashes: Buffer[] };

/**
 * Lays leaf hashes out in tiles, and shows each tile as soon as it is full; at the end, the ones that stay partial. Keeps one tile a level.
 */
export function tiling(show: (tile: Tile) => Promise<void>): {
  add(hash: Buffer): Promise<void>;
  end(): Promise<void>;
} {
  const levels: Tile[] = [];
  const add = async (hash: Buffer, level: number): Promise<void> => {
    levels[level] ??= { level, number: 0, hashes: [] };
    const tile = levels[level];
    tile.hashes.push(hash);
    if (tile.hashes.length < width) return;
    levels[level] = { level, number: tile.number + 1, hashes: [] };
    await show(tile);
    await add(rootOf(tile.hashes), level + 1);
  };
  return {
    add: (hash) => add(hash, 0),
    end: async () => {
      for (const tile of levels) if (tile.hashes.length > 0) await show(tile);
    },
  };
}

/** A tile's path below the log's address: `tile/0/x001/x234/067`, with `.p/<width>` where it is partial. */
export function tilePath(level: number | "entries", number: number, hashes: number): string {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${name}${hashes < width ? `.p/${hashes}` : ""}`;
}

function rootOf(hashes: readonly Buffer[]): Buffer {
  const tree = growingTree();
  for (const hash of hashes) tree.add(hash);
  return tree.root();
}
