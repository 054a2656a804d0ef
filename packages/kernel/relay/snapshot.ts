/** What a transaction saw, as `pg_current_snapshot()` says it: everything before `xmin`, nothing from `xmax` on, and none of `running`. */
export type Snapshot = { xmin: bigint; xmax: bigint; running: readonly bigint[] };

/**
 * How far a stream has come. It has seen all that `seen` could see, and of what came into sight between that and `next`, the events up
 * to `seq`. `next` null: the former is all.
 *
 * Numbers of events alone can't say that: one with a low number may be committed after one with a high number. What a snapshot could
 * see, never changes.
 */
export type Position = { seen: Snapshot; next: { seen: Snapshot; seq: number } | null };

/** @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT */
export function readSnapshot(text: string): Snapshot {
  const [xmin = "", xmax = "", running = ""] = text.split(":");
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), running: running ? running.split(",").map(BigInt) : [] };
}

const writeSnapshot = ({ xmin, xmax, running }: Snapshot): string => `${xmin}:${xmax}:${running.join(",")}`;

/** In the letters of base64url, colons, commas and `~` only. */
export const writePosition = ({ seen, next }: Position): string =>
  next ? `${writeSnapshot(seen)}~${writeSnapshot(next.seen)}~${next.seq}` : writeSnapshot(seen);

const snapshotForm = "\\d{1,20}:\\d{1,20}:(?:\\d{1,20}(?:,\\d{1,20}){0,2000})?";
const form = new RegExp(`^(${snapshotForm})(?:~(${snapshotForm})~(\\d{1,16}))?$`);

/** @returns null where it isn't one */
export function readPosition(text: string): Position | null {
  const parts = form.exec(text);
  if (!parts) return null;
  const [, seen = "", next, seq] = parts;
  const position = {
    seen: readSnapshot(seen),
    next: next === undefined ? null : { seen: readSnapshot(next), seq: Number(seq) },
  };
  return sane(position.seen) && (!position.next || sane(position.next.seen)) ? position : null;
}

const most = 2n ** 63n;
const sane = ({ xmin, xmax, running }: Snapshot): boolean =>
  xmin <= xmax && xmax < most && running.every((xid) => xmin <= xid && xid < xmax);

/** Whether the snapshot could see what that transaction wrote, once it was committed. */
export const sees = ({ xmin, xmax, running }: Snapshot, xid: bigint): boolean =>
  xid < xmin || (xid < xmax && !running.includes(xid));

/** Whether who is at the position has seen the event. */
export const passed = ({ seen, next }: Position, of: { xid: bigint; seq: number }): boolean =>
  sees(seen, of.xid) || (next !== null && sees(next.seen, of.xid) && of.seq <= next.seq);
