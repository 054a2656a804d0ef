import { diffArrays } from "diff";

export type Part = { kind: "same" | "added" | "removed"; text: string };

/** Edits after which two texts count as altogether different. The work grows with their square. */
const mostEdits = 1500;

/** What is left of the work for one diff, in squares of edits: it is done while others wait. */
export type Budget = { left: number };
export const budgetOf = (): Budget => ({ left: 2 * mostEdits ** 2 });

/** What differs between two lists of pieces; null where they have too little in common to say, or the budget is used up. */
export function piecesOf(
  from: readonly string[],
  to: readonly string[],
  budget: Budget,
): { kind: Part["kind"]; pieces: string[] }[] | null {
  const most = Math.min(mostEdits, Math.floor(Math.sqrt(budget.left)));
  if (most === 0) return null;
  const found = diffArrays([...from], [...to], { maxEditLength: most });
  const edits = found?.reduce((sum, { added, removed, count }) => sum + (added || removed ? count : 0), 0) ?? most;
  budget.left -= edits ** 2;
  if (!found) return null;
  return found.map(({ value, added, removed }) => ({
    kind: added ? "added" : removed ? "removed" : "same",
    pieces: value,
  }));
}

/** What differs between two texts, word by word in any script. */
export function wordsOf(from: string, to: string, budget: Budget): Part[] {
  const found = piecesOf(split(from), split(to), budget);
  const parts = found?.map(({ kind, pieces }): Part => ({ kind, text: pieces.join("") })) ?? wholly(from, to);
  return parts.filter(({ text }) => text !== "");
}

export const wholly = (from: string, to: string): Part[] => [
  { kind: "removed", text: from },
  { kind: "added", text: to },
];

/** Words, what stands between them, and each sign by itself: joined again they are the text. */
const split = (text: string): string[] => text.match(/[\p{L}\p{M}\p{N}_]+|\s+|[^\p{L}\p{M}\p{N}_\s]/gu) ?? [];
