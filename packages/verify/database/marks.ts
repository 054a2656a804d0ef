import type { TransactionSql } from "postgres";
import { type Checkpoint, readCheckpoint } from "../checkpoint.ts";
import { Flaw } from "../flaw.ts";
import type { Key } from "../keys.ts";
import { readNote } from "../note.ts";
import type { Findings } from "./findings.ts";
import { type CheckpointRow, checkpoints } from "./rows.ts";

type Root = () => Buffer;

/**
 * The database's own checkpoints, held against the tree while it grows, and the one that the caller holds.
 * A signature counts where its key is held; where it isn't, the root alone must fit.
 */
export async function marks(
  tx: TransactionSql,
  tenantId: string,
  held: Checkpoint,
  keys: readonly Key[],
  found: Findings,
): Promise<{
  reached(size: number, root: Root): Promise<void>;
  /** @returns the size of the largest that fits and is signed by a key that is held */
  end(size: number): Promise<number>;
}> {
  const rows = checkpoints(tx, tenantId);
  const next = async (): Promise<CheckpointRow | undefined> => (await rows.next()).value ?? undefined;
  let waiting = await next();
  let kept = false;
  let astray = false;
  let signed = held.size;
  return {
    async reached(size, root) {
      if (size === held.size && !root().equals(held.root)) {
        found.add(`the first ${size} entries do not lead to the root of the checkpoint that you hold`);
      }
      for (; waiting && Number(waiting.size) <= size; waiting = await next()) {
        if (Number(waiting.size) === held.size) kept = true;
        const { flaw, ours } = judged(waiting, held.origin, keys);
        const fits = root().equals(waiting.root);
        if (flaw) found.add(`the database's checkpoint of size ${waiting.size} ${flaw}`);
        // From where the entries are others, no later root can fit: the first one says it all.
        else if (!fits && !astray)
          found.add(`the database's checkpoint of size ${waiting.size} does not fit the entries`);
        astray ||= !fits;
        if (!astray && !flaw && ours) signed = Math.max(signed, Number(waiting.size));
      }
    },
    async end(size) {
      for (; waiting; waiting = await next())
        found.add(`the database's checkpoint of size ${waiting.size} is of more than the ${size} entries there are`);
      if (!kept) found.add(`the database has no checkpoint of size ${held.size}, which you hold`);
      if (size < held.size) found.add(`the log ends after ${size} entries: ${held.size - size} are gone`);
      return signed;
    },
  };
}

/** What is wrong with it, and whether a key that is held has signed it. */
function judged({ note, size, root }: CheckpointRow, origin: string, keys: readonly Key[]) {
  try {
    const { text, signatures } = readNote(note);
    if (text !== `${origin}\n${size}\n${root.toString("base64")}\n`)
      return { flaw: "says something else than its row", ours: false };
    const signs = (key: Key) => signatures.some(({ name, id }) => name === key.name && id === key.id);
    const ours = keys.some((key) => key.role === "log" && signs(key));
    if (ours) readCheckpoint(note, keys);
    return { flaw: null, ours };
  } catch (error) {
    if (error instanceof Flaw) return { flaw: `is false: ${error.message}`, ours: false };
    throw error;
  }
}
