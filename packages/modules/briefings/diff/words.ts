import { diffArrays } from "diff";

export type Part = { kind: "same" | "added" | "removed"; text: string };

/** Edits after which two texts count as altogether different. The work grows with their square. */
const mostEdits = 1500;

/** What differs between two lists of pieces; null where they have too little in common to say. */
export function piecesOf(
  from: readonly string[],
  to: readonly string[],
): { kind: Part["kind"]; pieces: string[] }[] | null {
  const found = diffArrays([...from], [...to], { maxEditLength: mostEdits });
  if (!found) return null;
  return found.map(({ value, added, removed }) => ({
    kind: added ? "added" : removed ? "removed" : "same",
    pieces: value,
  }));
}

/** What differs between two texts, word by word in any script. */
export function wordsOf(from: string, to: string): Part[] {
  const found = piecesOf(split(from), split(to));
  const parts = found?.map(({ kind, pieces }): Part => ({ kind, text: pieces.join("") })) ?? wholly(from, to);
  return parts.filter(({ text }) => text !== "");
}

export const wholly = (from: string, to: string): Part[] => [
  { kind: "removed", text: from },
  { kind: "added", text: to },
];

/** Words, what stands between them, and each sign by itself: joined again they are the text. */
const split = (text: string): string[] => text.match(/[\p{L}\p{M}\p{N}_]+|\s+|[^\p{L}\p{M}\p{N}_\s]/gu) ?? [];
