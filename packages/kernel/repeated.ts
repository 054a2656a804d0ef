import type { Row } from "./trail.ts";

const windowMs = 60_000;
/** So many of a kind in a minute are entries of their own; what comes after them is one. */
const single = 5;
/** So many things are named in the one. */
const mostNamed = 100;
/** Past so many kinds at once, all are written as they stand, and counted anew. */
const mostKinds = 5000;

type Seen = {
  minute: number;
  count: number;
  more: { row: Row; times: number; until: unknown; ids: Set<string> } | null;
};

/**
 * Tells refusals that repeat from others: the same problem of the same actor at the same operation, within a minute. However fast they
 * come, it makes no more entries than kinds in each minute, six times over.
 */
export function repeated() {
  const seen = new Map<string, Seen>();
  let done: Row[] = [];

  function end(key: string, { more }: Seen): void {
    seen.delete(key);
    if (more) done.push(asOne(more));
  }

  return {
    /** Whether a refusal is one of so many that it gets no entry of its own; then it is counted. */
    isOneOfMany(row: Row): boolean {
      const key = [row.tenant_id, row.actor_id, row.on_behalf_of, row.operation, row.problem].join(" ");
      const minute = Math.floor(Date.parse(row.at as string) / windowMs);
      const before = seen.get(key);
      if (before && before.minute !== minute) end(key, before);
      if (seen.size >= mostKinds) for (const [one, its] of [...seen]) end(one, its);
      const its = seen.get(key) ?? { minute, count: 0, more: null };
      seen.set(key, its);
      its.count += 1;
      if (its.count <= single) return false;
      its.more ??= { row, times: 0, until: row.at, ids: new Set() };
      its.more.times += 1;
      its.more.until = row.at;
      if (typeof row.resource_id === "string" && its.more.ids.size < mostNamed) its.more.ids.add(row.resource_id);
      return true;
    },
    /** Entries of the minutes that are over by now, or of all (null). */
    over(now: Date | null): Row[] {
      const minute = now && Math.floor(now.getTime() / windowMs);
      for (const [key, its] of [...seen]) if (minute === null || its.minute !== minute) end(key, its);
      const rows = done;
      done = [];
      return rows;
    },
  };
}

const asOne = ({ row, times, until, ids }: NonNullable<Seen["more"]>): Row => ({
  ...row,
  resource_id: ids.size === 1 ? row.resource_id : null,
  decision: { ...(row.decision as object), times, until, ...(ids.size > 1 && { resourceIds: [...ids] }) },
});
