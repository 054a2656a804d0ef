import { createHash } from "node:crypto";

/** The tree as the standard defines it: recursive, slow, and shared with nobody. */
const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const leafHashOf = (data: Uint8Array): Buffer => sha256(Uint8Array.of(0), data);

/** The largest power of two below n. */
const half = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1);

/** MTH over leaf hashes. @see RFC 6962, section 2.1 */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] as Buffer;
  const k = half(leaves.length);
  return sha256(Uint8Array.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** PATH(m, D[n]). @see RFC 6962, section 2.1.1 */
export function pathOf(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length <= 1) return [];
  const k = half(leaves.length);
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), rootOf(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

/** PROOF(m, D[n]). @see RFC 6962, section 2.1.2 */
export function growthOf(m: number, leaves: readonly Buffer[], whole = true): Buffer[] {
  if (m === leaves.length) return whole ? [] : [rootOf(leaves)];
  const k = half(leaves.length);
  return m <= k
    ? [...growthOf(m, leaves.slice(0, k), whole), rootOf(leaves.slice(k))]
    : [...growthOf(m - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}
