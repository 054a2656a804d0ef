import { createHash } from "node:crypto";
import { grow, hashesIn, type Tile, tilesAround } from "@dais/kernel/proof/tiles";
import { consistency, inclusion, leafHash, rootOf } from "@dais/kernel/proof/tree";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const sha256 = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1, as it is written, over all leaves at once. */
function mth(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0] as Uint8Array);
  const k = half(leaves.length);
  return sha256(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}
function path(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = half(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}
function subproof(m: number, leaves: readonly Uint8Array[], whole: boolean): Buffer[] {
  if (m === leaves.length) return whole ? [] : [mth(leaves)];
  const k = half(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}
const half = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);

/** A tree that has grown by these numbers of leaves, one after the other. */
function grown(steps: readonly number[]) {
  const leaves: Buffer[] = [];
  const kept = new Map<string, Tile>();
  let edge: Tile[] = [];
  for (const step of steps) {
    const added = Array.from({ length: step }, (_, n) => Buffer.from(`leaf ${leaves.length + n}`));
    const next = grow(edge, leaves.length, added.map(leafHash));
    for (const tile of next.changed) kept.set(`${tile.level}/${tile.tile}`, tile);
    leaves.push(...added);
    edge = next.edge;
  }
  /** Only the tiles that proofs about these places are said to need. */
  const around = (...places: number[]) =>
    hashesIn(tilesAround(places, leaves.length).flatMap(({ level, tile }) => kept.get(`${level}/${tile}`) ?? []));
  return { leaves, kept: [...kept.values()], edge, around };
}

/** What the standard's reference implementation (certificate-transparency) is tested with: eight leaves. */
const published = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((hex) => Buffer.from(hex, "hex"));
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

describe("the tree", () => {
  test("has the published roots, for each size up to eight", () => {
    for (const [n, root] of roots.entries()) {
      const { edge } = grow([], 0, published.slice(0, n + 1).map(leafHash));
      const said = hashesIn(grow([], 0, published.slice(0, n + 1).map(leafHash)).edge);
      expect(edge).toHaveLength(1);
      expect(rootOf(said, n + 1).toString("hex")).toBe(root);
    }
  });

  test("has the published proofs", () => {
    const tree = hashesIn(grow([], 0, published.map(leafHash)).edge);
    const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString("hex"));
    expect(hex(inclusion(tree, 0, 8))).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect(hex(consistency(tree, 1, 8))).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect(hex(consistency(tree, 6, 8))).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
  });

  test("of nothing is the hash of nothing, and of one its leaf's", () => {
    expect(rootOf(hashesIn([]), 0).toString("hex")).toBe(sha256().toString("hex"));
    expect(consistency(hashesIn([]), 0, 0)).toEqual([]);
    expect(() => inclusion(hashesIn([]), 0, 0)).toThrow(RangeError);
    const { around } = grown([1]);
    expect(rootOf(around(0), 1)).toEqual(leafHash(Buffer.from("leaf 0")));
    expect(inclusion(around(0), 0, 1)).toEqual([]);
  });

  test("refuses sizes swapped, leaves beyond its end, and what is no number", () => {
    const { around } = grown([9]);
    expect(() => consistency(around(9), 9, 3)).toThrow(RangeError);
    for (const index of [9, -1, Number.NaN]) expect(() => inclusion(around(0), index, 9)).toThrow(RangeError);
  });

  const steps = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 8 });
  test("roots and proofs are those of the standard, however it grew, from the tiles around their places alone", () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.nat(), (by, a, b) => {
        const { leaves, around, edge } = grown(by);
        const size = leaves.length;
        expect(rootOf(hashesIn(edge), size)).toEqual(mth(leaves));
        if (size === 0) return;
        const to = 1 + (a % size);
        const [from, index] = [b % (to + 1), b % to];
        expect(rootOf(around(to), to)).toEqual(mth(leaves.slice(0, to)));
        expect(inclusion(around(index, to), index, to)).toEqual(path(index, leaves.slice(0, to)));
        const said = from === 0 ? [] : subproof(from, leaves.slice(0, to), true);
        expect(consistency(around(from, to), from, to)).toEqual(said);
      }),
      { numRuns: 60, seed: 6962 },
    );
  });

  test("keeps proofs right across full tiles of both levels", () => {
    const { leaves, around } = grown([65_536 + 700]);
    const size = leaves.length;
    const hashes = new Map<string, Buffer>();
    // Remembers what it has hashed: the standard's way would hash everything over and over.
    const known = (from: number, to: number): Buffer => {
      const key = `${from}-${to}`;
      const k = from + half(to - from);
      const hash =
        hashes.get(key) ??
        (to - from === 1 ? leafHash(leaves[from] as Buffer) : sha256(Buffer.of(1), known(from, k), known(k, to)));
      hashes.set(key, hash);
      return hash;
    };
    expect(rootOf(around(size), size)).toEqual(known(0, size));
    for (const index of [0, 255, 256, 65_535, 65_536, 65_791, 65_792, size - 1]) {
      let hash = leafHash(leaves[index] as Buffer);
      let [from, to] = [0, size];
      const turns: boolean[] = [];
      while (to - from > 1) {
        const k = from + half(to - from);
        turns.push(index < k);
        [from, to] = index < k ? [from, k] : [k, to];
      }
      for (const beside of inclusion(around(index, size), index, size))
        hash = turns.pop() ? sha256(Buffer.of(1), hash, beside) : sha256(Buffer.of(1), beside, hash);
      expect([index, hash]).toEqual([index, known(0, size)]);
    }
    for (const from of [256, 65_536, 65_792, 65_793])
      expect(consistency(around(from, size), from, size).length).toBeGreaterThan(0);
  });

  test("tiles are 256 hashes wide, level by level, as tlog-tiles says of 70 000 entries", () => {
    const { kept } = grown([69_000, 1000]);
    const widths = (level: number) => kept.filter((one) => one.level === level).map(({ hashes }) => hashes.length / 32);
    const count = (level: number, width: number) => widths(level).filter((one) => one === width).length;
    expect([widths(0).length, count(0, 256), count(0, 112)]).toEqual([274, 273, 1]);
    expect(widths(1).sort((a, b) => a - b)).toEqual([17, 256]);
    expect(widths(2)).toEqual([1]);
  });
});
