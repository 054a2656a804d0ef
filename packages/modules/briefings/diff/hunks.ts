import { type Budget, budgetOf, type Part, piecesOf, wholly, wordsOf } from "./words.ts";

export type Hunk = { line: number; parts: Part[] };

/** How many lines of what is the same stand around a place that differs. */
const around = 2;

/**
 * The places where two texts differ, line by line and within lines word by word, with up to two lines around each.
 * @param budget What several texts may cost together; where it is used up, what differs is told as a whole
 */
export function hunksOf(from: string, to: string, budget: Budget = budgetOf()): Hunk[] {
  if (from === to) return [];
  const runs = piecesOf(linesOf(from), linesOf(to), budget);
  if (!runs) return [{ line: 1, parts: wholly(from, to).filter(({ text }) => text !== "") }];
  const hunks: Hunk[] = [];
  let line = 1;
  let open: Hunk | null = null;
  for (let n = 0; n < runs.length; n += 1) {
    const run = runs[n] as (typeof runs)[number];
    if (run.kind === "same") {
      const [before, after] = [run.pieces.slice(0, around), run.pieces.slice(-around)];
      const near = run.pieces.length <= 2 * around && open !== null && n < runs.length - 1;
      if (near) push(open, { kind: "same", text: run.pieces.join("") });
      else {
        if (open) push(open, { kind: "same", text: before.join("") });
        open = n < runs.length - 1 ? begin(hunks, line + run.pieces.length - after.length, after) : null;
      }
      line += run.pieces.length;
      continue;
    }
    open ??= begin(hunks, line, []);
    const next = runs[n + 1];
    const swapped = next && next.kind !== "same" && next.kind !== run.kind;
    const [gone, come] = ["removed", "added"].map((kind) =>
      [run, ...(swapped ? [next] : [])].flatMap((one) => (one.kind === kind ? one.pieces : [])),
    ) as [string[], string[]];
    for (const part of wordsOf(gone.join(""), come.join(""), budget)) push(open, part);
    line += come.length;
    if (swapped) n += 1;
  }
  return hunks;
}

function begin(hunks: Hunk[], line: number, before: readonly string[]): Hunk {
  const hunk: Hunk = { line, parts: [] };
  push(hunk, { kind: "same", text: before.join("") });
  hunks.push(hunk);
  return hunk;
}

function push(hunk: Hunk | null, part: Part): void {
  if (!hunk || part.text === "") return;
  const last = hunk.parts.at(-1);
  if (last?.kind === part.kind) last.text += part.text;
  else hunk.parts.push({ ...part });
}

/** Each with the break that ends it. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
