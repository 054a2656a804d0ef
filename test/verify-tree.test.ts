import { growingTree, isConsistent, leafHash, rootByPath } from "@dais/verify/tree";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growthOf, leafHashOf, pathOf, rootOf } from "./support/proof/naive.ts";

/** The leaves and roots that implementations of Certificate Transparency test themselves on. */
const published = {
  leaves: ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"],
  roots: [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ],
};

const leaves = fc.array(fc.uint8Array({ minLength: 0, maxLength: 4 }), { minLength: 1, maxLength: 130 });
const hashed = (data: readonly Uint8Array[]) => data.map((one) => leafHashOf(one));
const seeded = { seed: 20_261_121, numRuns: 300 };

describe("a growing tree", () => {
  test("has the published roots", () => {
    const tree = growingTree();
    for (const [at, leaf] of published.leaves.entries()) {
      tree.add(leafHash(Buffer.from(leaf, "hex")));
      expect(tree.root().toString("hex")).toBe(published.roots[at]);
    }
  });

  test("without leaves has the hash of nothing as its root", () => {
    expect(growingTree().root()).toEqual(rootOf([]));
  });

  test("has the root of the definition, at every size", () => {
    fc.assert(
      fc.property(leaves, (data) => {
        const tree = growingTree();
        for (const one of data) tree.add(leafHash(one));
        expect(tree.root()).toEqual(rootOf(hashed(data)));
      }),
      seeded,
    );
  });
});

describe("a path to the root", () => {
  const place = leaves.chain((data) => fc.tuple(fc.constant(hashed(data)), fc.nat(data.length - 1)));

  test("leads there from every leaf", () => {
    fc.assert(
      fc.property(place, ([hashes, index]) => {
        const root = rootByPath(index, hashes.length, hashes[index] as Buffer, pathOf(index, hashes));
        expect(root).toEqual(rootOf(hashes));
      }),
      seeded,
    );
  });

  test("leads nowhere where it is shorter or longer, whatever the hashes", () => {
    fc.assert(
      fc.property(place, fc.uint8Array({ minLength: 32, maxLength: 32 }), ([hashes, index], more) => {
        const path = pathOf(index, hashes);
        const leaf = hashes[index] as Buffer;
        expect(rootByPath(index, hashes.length, leaf, [...path, Buffer.from(more)])).toBeNull();
        if (path.length > 0) expect(rootByPath(index, hashes.length, leaf, path.slice(0, -1))).toBeNull();
      }),
      seeded,
    );
  });

  test("leads elsewhere from any other place, in any other order, and with any bit changed", () => {
    fc.assert(
      fc.property(place, fc.nat(), fc.nat(255), ([hashes, index], other, bit) => {
        const [path, leaf, root] = [pathOf(index, hashes), hashes[index] as Buffer, rootOf(hashes)];
        const elsewhere = other % hashes.length;
        // Two equal leaves are at home in both places.
        if (!hashes[elsewhere]?.equals(leaf)) {
          expect(rootByPath(elsewhere, hashes.length, leaf, path)).not.toEqual(root);
        }
        if (path.length === 0) return;
        const at = other % path.length;
        const bent = path.map((hash, n) => (n === at ? flipped(hash, bit) : hash));
        expect(rootByPath(index, hashes.length, leaf, bent)).not.toEqual(root);
        expect(rootByPath(index, hashes.length, flipped(leaf, bit), path)).not.toEqual(root);
      }),
      seeded,
    );
  });

  test("leads nowhere from beyond the tree, or in an empty one", () => {
    const hash = leafHash(Buffer.of(1));
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [5, 3],
      [-1, 1],
    ] as const)
      expect(rootByPath(index, size, hash, [])).toBeNull();
  });

  test("holds at sizes that no 32 bits count", () => {
    const hash = leafHash(Buffer.of(1));
    const path = Array.from({ length: 53 }, () => hash);
    expect(rootByPath(0, Number.MAX_SAFE_INTEGER, hash, path)).not.toBeNull();
    expect(rootByPath(2 ** 40 - 1, 2 ** 40, hash, path.slice(0, 40))).not.toBeNull();
    expect(rootByPath(2 ** 40 - 1, 2 ** 40, hash, path.slice(0, 39))).toBeNull();
  });
});

describe("growth from one tree to another", () => {
  const grown = leaves.chain((data) => fc.tuple(fc.constant(hashed(data)), fc.integer({ min: 1, max: data.length })));
  const trees = ([hashes, size]: [Buffer[], number]) => ({
    earlier: { size, root: rootOf(hashes.slice(0, size)) },
    later: { size: hashes.length, root: rootOf(hashes) },
    proof: growthOf(size, hashes),
  });

  test("is proven where the later one only has more leaves", () => {
    fc.assert(
      fc.property(grown, (pair) => {
        const { earlier, later, proof } = trees(pair);
        expect(isConsistent(earlier, later, proof)).toBe(true);
      }),
      seeded,
    );
  });

  test("is not where a root or a hash is another one, or a hash is missing or too much", () => {
    fc.assert(
      fc.property(grown, fc.nat(), fc.nat(255), (pair, nth, bit) => {
        const { earlier, later, proof } = trees(pair);
        const at = proof.length && nth % proof.length;
        expect(isConsistent({ ...earlier, root: flipped(earlier.root, bit) }, later, proof)).toBe(false);
        expect(isConsistent(earlier, { ...later, root: flipped(later.root, bit) }, proof)).toBe(false);
        expect(isConsistent(earlier, later, [...proof, later.root])).toBe(false);
        if (proof.length === 0) return;
        expect(isConsistent(earlier, later, proof.toSpliced(at, 1))).toBe(false);
        expect(isConsistent(earlier, later, proof.with(at, flipped(proof[at] as Buffer, bit)))).toBe(false);
      }),
      seeded,
    );
  });

  test("is not from a larger tree to a smaller one, and from nothing needs no proof", () => {
    const hashes = hashed([Buffer.of(1), Buffer.of(2), Buffer.of(3)]);
    const { earlier, later, proof } = trees([hashes, 2]);
    expect(isConsistent(later, earlier, proof)).toBe(false);
    expect(isConsistent({ size: 0, root: rootOf([]) }, later, [])).toBe(true);
    expect(isConsistent({ size: 0, root: later.root }, later, [])).toBe(false);
    expect(isConsistent({ size: 0, root: rootOf([]) }, later, [later.root])).toBe(false);
  });
});

function flipped(hash: Buffer, bit: number): Buffer {
  const bent = Buffer.from(hash);
  bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7));
  return bent;
}
