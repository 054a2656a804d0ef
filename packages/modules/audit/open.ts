import type { Rows } from "@dais/kernel/lane";
import { countAt, hashBytes, width } from "@dais/kernel/proof/tiles";
import { checkpointsBelow, noteOf } from "./log.ts";

/** Asks behind the wall of the organisation whose log is looked at. */
type Ask = (text: string, params: readonly unknown[]) => Promise<Rows>;

/** What anybody may read of a log that its organisation has opened. Null: there is no such thing, or not for everybody. */
export async function openCheckpoint(ask: Ask): Promise<string | null> {
  const [row] = await ask(opened, [Number.MAX_SAFE_INTEGER, 1]);
  return row ? noteOf(row) : null;
}

/** A tile's hashes, or the first `part` of them, as far as they are under a signature. */
export async function openTile(ask: Ask, level: number, tile: number, part: number): Promise<Buffer | null> {
  const [row] = await ask(tileOf, [level, tile]);
  if (!row?.hashes || countAt(level, Number(row.signed_size)) - tile * width < part) return null;
  return (row.hashes as Buffer).subarray(0, part * hashBytes);
}

/** What the leaves of a tile commit to, the first `part` of them, each behind its length. @see https://c2sp.org/tlog-tiles */
export async function openEntries(ask: Ask, tile: number, part: number): Promise<Buffer | null> {
  const from = tile * width;
  const [row] = await ask(entriesOf, [from, from + part]);
  return (row?.entries as Buffer | null | undefined) ?? null;
}

const mine = "current_setting('dais.tenant')::uuid";

const opened = checkpointsBelow
  .replace("c.tenant_id = $1", `c.tenant_id = ${mine} and t.tiles_open`)
  .replaceAll(/\$([23])/g, (_, n) => `$${Number(n) - 1}`);

const tileOf = `
  select t.signed_size, n.hashes from audit_trees t
    left join audit_nodes n on n.tenant_id = t.tenant_id and n.level = $1::int and n.tile = $2::bigint
  where t.tenant_id = ${mine} and t.tiles_open`;

const entriesOf = `
  select (select string_agg('\\x0040'::bytea || l.data, ''::bytea order by l.index) from audit_leaves l
    where l.tenant_id = t.tenant_id and l.index >= $1::bigint and l.index < $2::bigint) as entries
  from audit_trees t where t.tenant_id = ${mine} and t.tiles_open and t.signed_size >= $2::bigint`;
