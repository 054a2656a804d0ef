import type { TransactionSql } from "postgres";
import { type Checkpoint, readCheckpoint } from "../checkpoint.ts";
import { Flaw, Usage } from "../flaw.ts";
import type { Key } from "../keys.ts";
import { tiling, width } from "../tiling.ts";
import { growingTree, leafHash } from "../tree.ts";
import { leafOf } from "./entry.ts";
import { checkErasures } from "./erasures.ts";
import { type Finding, type Findings, findings } from "./findings.ts";
import { marks } from "./marks.ts";
import { type LeafRow, leaves, tile, treeSize, unsealed } from "./rows.ts";

export type Checked = {
  checkpoint: Checkpoint;
  /** Entries under the checkpoint. */
  entries: number;
  /** Sealed after the checkpoint, which does not vouch for them. */
  later: number;
  /** Written, and not sealed yet. */
  waiting: number;
  /** Of those that are sealed, how many were erased. */
  erased: number;
  /** Entries that were erased by what no checkpoint is signed for yet, by a key that the caller holds: nothing proves it so far. */
  erasing: number;
  /** How much was found to be wrong, and the first of it. */
  wrong: number;
  findings: Finding[];
};

type Asked = { slug: string; note: string; keys: readonly Key[]; witnesses?: number };

/**
 * Compares an organisation's entries with the checkpoint that the caller holds: every commitment is made anew from the raw columns. Then
 * the stored tree with them, and whether there are entries beside it.
 * @param tx A transaction of one snapshot, by a role that sees all rows
 * @throws Flaw where the checkpoint itself is false; Usage where it is not of this organisation
 */
export async function checkDatabase(tx: TransactionSql, { slug, note, keys, witnesses }: Asked): Promise<Checked> {
  const checkpoint = readCheckpoint(note, keys, witnesses);
  const id = await organisationOf(tx, slug, checkpoint.origin);
  const found = findings();
  const { signed, ...sealed } = await checkLeaves(tx, id, checkpoint, keys, found);
  const size = sealed.entries + sealed.later;
  const said = await treeSize(tx, id);
  if (said !== size) found.add(`the database says that ${said ?? "none"} entries are sealed, and has ${size}`);
  const loose = await unsealed(tx, id);
  for (const entry of loose.found) {
    found.add(
      entry.late ? "was put in later: it claims to be older than what is sealed" : "was put in past the sealing",
      null,
      entry.id,
    );
  }
  const erasing = await checkErasures(tx, id, { signed, loose: new Set(loose.found.map((entry) => entry.id)), found });
  return { checkpoint, ...sealed, waiting: Number(loose.count), erasing, wrong: found.count, findings: found.first };
}

async function organisationOf(tx: TransactionSql, slug: string, origin: string): Promise<string> {
  if (!origin.endsWith(`/audit/${slug}`)) throw new Usage(`the checkpoint is not of ${slug}, but of ${origin}`);
  const [organisation] = await tx<{ id: string }[]>`select id::text from organisations where slug = ${slug}`;
  if (!organisation) throw new Usage(`there is no organisation ${slug} in this database`);
  return organisation.id;
}

/** One walk over all leaves: each against its entry, and all of them against the checkpoints and the stored tiles. */
async function checkLeaves(tx: TransactionSql, id: string, held: Checkpoint, keys: readonly Key[], found: Findings) {
  const counted = { entries: 0, later: 0, erased: 0 };
  const tree = growingTree();
  const flawed = new Set<number>();
  const tiles = tiling(async ({ level, number, hashes }) => {
    const stored = await tile(tx, id, level, number);
    const wrong = hashes.flatMap((hash, at) => (stored?.subarray(at * 32, at * 32 + 32).equals(hash) ? [] : [at]));
    const known = level === 0 ? wrong.every((at) => flawed.has(number * width + at)) : found.count > 0;
    if (wrong.length > 0 && !known) {
      const first = level === 0 ? number * width + (wrong[0] as number) : null;
      found.add(`the stored tree has another hash (tile ${level}/${number}, from hash ${wrong[0]})`, first);
    }
    if (level === 0) flawed.clear();
  });
  const checkpoints = await marks(tx, id, held, keys, found);
  await checkpoints.reached(0, tree.root);
  let whole = true;
  for await (const row of leaves(tx, id)) {
    const at = counted.entries + counted.later;
    if (whole && Number(row.index) !== at) {
      found.add(`leaf ${row.index} stands where leaf ${at} should`, at);
      whole = false;
    }
    const { data, flaw } = leafFrom(row);
    if (flaw) {
      found.add(flaw, Number(row.index), row.id as string | null);
      flawed.add(at);
    }
    counted[at < held.size ? "entries" : "later"] += 1;
    if (row.erased) counted.erased += 1;
    if (!whole) continue;
    const hash = leafHash(data);
    tree.add(hash);
    await tiles.add(hash);
    await checkpoints.reached(tree.size, tree.root);
  }
  if (whole) await tiles.end();
  const signed = await checkpoints.end(tree.size);
  return { ...counted, signed };
}

/** What the leaf should hold by its entry's columns, and what is wrong with it. */
function leafFrom(row: LeafRow): { data: Buffer; flaw: string | null } {
  if (!row.found) return { data: row.data, flaw: `its entry (seq ${row.seq}) is gone` };
  try {
    const data = leafOf(row);
    const facts = data.subarray(0, 32).equals(row.data.subarray(0, 32));
    const content = data.subarray(32).equals(row.data.subarray(32));
    if (facts && content) return { data, flaw: null };
    const what = facts ? "content is" : content ? "facts are" : "facts and its content are";
    return { data, flaw: `its ${what} not what its leaf was made of` };
  } catch (error) {
    if (error instanceof Flaw) return { data: row.data, flaw: error.message };
    throw error;
  }
}
