import { hash as digest } from "node:crypto";

/** The root of the tree without leaves: the hash of nothing. */
export const emptyRoot: Buffer = digest("sha256", "", "buffer");

/** @see RFC 6962, section 2.1: a leaf and a node can't be taken for each other */
export const leafHash = (data: Uint8Array): Buffer => digest("sha256", Buffer.concat([leaf, data]), "buffer");
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer =>
  digest("sha256", Buffer.concat([node, left, right]), "buffer");
const leaf = Uint8Array.of(0);
const node = Uint8Array.of(1);

/**
 * The root that a path leads to from a leaf; null where the path has another length than the tree's shape asks for.
 * @param path From the leaf's sibling to the root's child
 * @see RFC 9162, section 2.1.3.2
 */
export function rootByPath(index: number, size: number, hash: Buffer, path: readonly Buffer[]): Buffer | null {
  if (index < 0 || index >= size) return null;
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  let root = hash;
  for (const sibling of path) {
    if (last === 0n) return null;
    if (at & 1n || at === last) {
      root = nodeHash(sibling, root);
      for (; !(at & 1n) && at !== 0n; last >>= 1n) at >>= 1n;
    } else root = nodeHash(root, sibling);
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
}

type Tree = { size: number; root: Buffer };

/**
 * Whether the later tree is the earlier one with leaves added at its end, and nothing else.
 * @see RFC 9162, section 2.1.4.2; of two trees of one size, or an empty one, the proof is empty
 */
export function isConsistent(earlier: Tree, later: Tree, proof: readonly Buffer[]): boolean {
  if (earlier.size > later.size) return false;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root.equals(later.root);
  if (earlier.size === 0) return proof.length === 0 && earlier.root.equals(emptyRoot);
  const powerOfTwo = (BigInt(earlier.size) & (BigInt(earlier.size) - 1n)) === 0n;
  const [seed, ...path] = powerOfTwo ? [earlier.root, ...proof] : proof;
  if (!seed) return false;
  let at = BigInt(earlier.size) - 1n;
  let last = BigInt(later.size) - 1n;
  for (; at & 1n; last >>= 1n) at >>= 1n;
  let was = seed;
  let is = seed;
  for (const hash of path) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      was = nodeHash(hash, was);
      is = nodeHash(hash, is);
      for (; !(at & 1n) && at !== 0n; last >>= 1n) at >>= 1n;
    } else is = nodeHash(is, hash);
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && was.equals(earlier.root) && is.equals(later.root);
}

/** A tree that grows leaf by leaf, and keeps no more than one hash for each of its levels. */
export function growingTree(): { size: number; add(hash: Buffer): void; root(): Buffer } {
  // The full subtrees from the left, largest first: one for each bit of the size.
  const full: Buffer[] = [];
  const tree = {
    size: 0,
    add(hash: Buffer): void {
      let merged = hash;
      for (let size = tree.size; size % 2 === 1; size = (size - 1) / 2) merged = nodeHash(full.pop() as Buffer, merged);
      full.push(merged);
      tree.size += 1;
    },
    root: () => (full.length === 0 ? emptyRoot : full.reduceRight((right, left) => nodeHash(left, right))),
  };
  return tree;
}
