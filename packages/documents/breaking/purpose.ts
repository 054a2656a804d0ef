import type { Change } from "../breaking.ts";

/** A change that happened to one operation or to several. */
export type Group = Omit<Change, "operation"> & {
  /** Names of operations; empty where it concerns all. */
  operations: string[];
};

/** A break that is meant, as `contracts/released/on-purpose.json` lists it. */
export type Declared = { change: string; operations: string[]; why: string };

/** The same changes, each told once. */
export function grouped(changes: readonly Change[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { operation, what, impact } of changes) {
    const group = groups.get(what) ?? { what, impact, operations: [] };
    if (operation) group.operations.push(operation);
    groups.set(what, group);
  }
  return [...groups.values()];
}

/**
 * Holds what breaks against what was declared: every break has an entry with a reason and exactly its operations, and every entry
 * is a break. An entry that is right for more than what it was written for would let the next break through.
 */
export function judge(
  changes: readonly Change[],
  declared: readonly Declared[],
): { undeclared: Group[]; stale: Declared[] } {
  const breaks = grouped(changes.filter(({ impact }) => impact === "breaks"));
  const fits = (group: Group, entry: Declared) =>
    entry.why.trim() !== "" &&
    entry.change === group.what &&
    [...entry.operations].sort().join() === [...group.operations].sort().join();
  return {
    undeclared: breaks.filter((group) => !declared.some((entry) => fits(group, entry))),
    stale: declared.filter((entry) => !breaks.some((group) => fits(group, entry))),
  };
}

/**
 * The version that comes after. Before 1.0 a break counts up the second part and all else the third; from then on a break counts
 * up the first, and what was added the second.
 * @see https://semver.org/spec/v2.0.0.html
 */
export function nextVersion(version: string, changes: readonly Change[]): string {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const has = (impact: Change["impact"]) => changes.some((change) => change.impact === impact);
  if (has("breaks")) return major === 0 ? `0.${minor + 1}.0` : `${major + 1}.0.0`;
  if (major > 0 && (has("adds") || has("deprecates"))) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}
