import { createHash } from "node:crypto";

/** The hash of the complete subtree with `2 ** height` leaves that begins at leaf `index * 2 ** height`. */
export type HashAt = (height: number, index: number) => Buffer;

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const [leaf, node] = [Buffer.of(0), Buffer.of(1)];

/** @see RFC 6962, section 2.1 */
export const leafHash = (data: Uint8Array): Buffer => sha256(leaf, data);
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(node, left, right);

/** The Merkle tree hash of the first `size` leaves; of none, that of nothing. */
export const rootOf = (hashAt: HashAt, size: number): Buffer => (size === 0 ? sha256() : hashOf(hashAt, 0, size));

/**
 * The audit path of the leaf at `index` in the tree of the first `size` leaves, from the leaf up.
 * @throws RangeError where the tree has no such leaf
 * @see RFC 6962, section 2.1.1
 */
export function inclusion(hashAt: HashAt, index: number, size: number): Buffer[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`a tree of ${size} has no leaf ${index}`);
  const path: Buffer[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    const left = index < middle;
    path.push(left ? hashOf(hashAt, middle, to) : hashOf(hashAt, from, middle));
    [from, to] = left ? [from, middle] : [middle, to];
  }
  return path.reverse();
}

/**
 * Shows that the tree of the first `size` leaves begins with the tree of the first `earlier` ones. Empty where both are the same, and where
 * the earlier one is empty: every tree begins with it.
 * @throws RangeError where the earlier one is larger
 * @see RFC 6962, section 2.1.2
 */
export function consistency(hashAt: HashAt, earlier: number, size: number): Buffer[] {
  if (!(earlier >= 0 && earlier <= size))
    throw new RangeError(`a tree of ${size} doesn't begin with one of ${earlier}`);
  if (earlier === 0 || earlier === size) return [];
  const proof: Buffer[] = [];
  let [from, to] = [0, size];
  // Down to where the earlier tree ends with this part of the later one.
  while (earlier < to) {
    const middle = from + split(to - from);
    const left = earlier <= middle;
    proof.push(left ? hashOf(hashAt, middle, to) : hashOf(hashAt, from, middle));
    [from, to] = left ? [from, middle] : [middle, to];
  }
  // A part that is the whole earlier tree is known to whoever asks.
  if (from > 0) proof.push(hashOf(hashAt, from, to));
  return proof.reverse();
}

function hashOf(hashAt: HashAt, from: number, to: number): Buffer {
  const size = to - from;
  const left = split(size);
  if (size === 1 || size === left * 2) return hashAt(Math.round(Math.log2(size)), from / size);
  return nodeHash(hashOf(hashAt, from, from + left), hashOf(hashAt, from + left, to));
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}
