import { canonical, sha256 } from "./canonical.ts";

/** Field -> what it was, what it is. */
export type Changes = Record<string, [unknown, unknown]>;

/** Field -> [before, after], for the fields that differ. */
export function differences(before: object, after: object): Changes {
  const was = before as Record<string, unknown>;
  const is = after as Record<string, unknown>;
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return Object.fromEntries(
    fields
      .filter((field) => canonical(was[field]) !== canonical(is[field]))
      .map((field) => [field, [was[field] ?? null, is[field] ?? null]]),
  );
}

/** In bytes of JSON: what one entry keeps of changes as they are. */
const mostBytes = 1024 * 1024;

/** The changes as an entry keeps them: whole, or where they are too large, the largest fields by their SHA-256 and size in bytes. */
export function bounded(changes: Changes): Changes {
  const sizes = Object.entries(changes).map(([field, sides]) => ({ field, bytes: sizeOf(sides) }));
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= mostBytes) return changes;
  const kept = { ...changes };
  for (const { field, bytes } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    if (total <= mostBytes) break;
    kept[field] = (changes[field] as [unknown, unknown]).map(instead) as [unknown, unknown];
    total -= bytes;
  }
  return kept;
}

const instead = (value: unknown): unknown => {
  if (value === null) return null;
  const text = canonical(value);
  return { sha256: sha256(text), bytes: Buffer.byteLength(text) };
};

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
