import { createHash } from "node:crypto";
import type { TransactionSql } from "postgres";
import { canonical } from "../canonical.ts";
import type { Findings } from "./findings.ts";
import { type ErasureRow, erasedBy, erasures, unnamed } from "./rows.ts";

/**
 * Holds each erased entry against its erasure: it is among the entries of which somebody decided that they go, and the entry that says so
 * is under a signed checkpoint. Whether that entry is what its leaf was made of is found where the leaves are walked.
 * @param signed How many leaves the caller's keys vouch for
 * @param loose Entries without a leaf that should have one
 * @returns how many entries were erased by what is still to be sealed or signed
 */
export async function checkErasures(
  tx: TransactionSql,
  id: string,
  { signed, loose, found }: { signed: number; loose: ReadonlySet<string>; found: Findings },
): Promise<number> {
  let erasing = 0;
  for (const entry of await unnamed(tx, id)) found.add("was erased by no erasure that was for it", null, entry.id);
  for await (const row of erasures(tx, id)) {
    const flaw = flawOf(row, loose);
    if (!flaw && (row.index === null || Number(row.index) >= signed)) erasing += Number(row.erased);
    if (flaw) for (const entry of await erasedBy(tx, id, row.id)) found.add(flaw, null, entry.id);
  }
  return erasing;
}

function flawOf(row: ErasureRow, loose: ReadonlySet<string>): string | null {
  const { entriesSha256, reason } = row;
  if (row.entryId === null || reason === null) return "was erased, and the log knows of no such erasure";
  if (row.entryErased) return "was erased by an erasure whose own entry was erased, so that nothing proves it any more";
  const decided = createHash("sha256").update(canonical({ entriesSha256, reason })).digest("hex");
  if (row.contentSha256 !== decided) return "was erased by an erasure that is not the one which was decided about";
  if (row.index === null && loose.has(row.entryId))
    return "was erased by an erasure whose entry was put in past the sealing";
  return null;
}
