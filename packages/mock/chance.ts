/** Chance without a memory: the same words always give the same number, so no answer depends on which calls came before it. */
export type Chance = {
  /** In [0, 1). */
  fraction(...words: readonly unknown[]): number;
  /** A whole number in [0, n). */
  below(n: number, ...words: readonly unknown[]): number;
  pick<T>(from: readonly T[], ...words: readonly unknown[]): T;
};

/** Another seed is another chance. */
export function chance(seed: string): Chance {
  const fraction = (...words: readonly unknown[]) => hash([seed, ...words].join("\n")) / 2 ** 32;
  const below = (n: number, ...words: readonly unknown[]) => Math.floor(fraction(...words) * n);
  return { fraction, below, pick: (from, ...words) => from[below(from.length, ...words)] as (typeof from)[number] };
}

/** FNV-1a, and the finish of MurmurHash3: texts that differ in one letter must not give neighbours. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
