import { setImmediate } from "node:timers/promises";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Lane, Rows } from "../lane.ts";
import { halves, halvesOf, leafData } from "./entry.ts";
import { checkpointText, signedNote } from "./note.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { grow, hashesIn, type Tile } from "./tiles.ts";
import { leafHash, rootOf } from "./tree.ts";

/** What a batch is made of. */
export type Batch = {
  tenantId: string;
  /** Entries at most; fewer where they are large. */
  most: number;
  /** Whether to sign also where entries are left over. */
  last: boolean;
  keys: Pick<SigningKeys, "open">;
  now: Date;
};

/** The key that should have signed; its id, and null where the organisation has none now. */
export type Keyless = { keyId: string | null };
export type Sealed = {
  entries: number;
  size: number;
  /** There is more at once. */
  more: boolean;
  /** As many as fitted, though more were asked for: they were large. */
  large: boolean;
  /** Present where a checkpoint was due and could not be signed. */
  keyless?: Keyless;
};

/** Of the texts of a batch together. One entry may be larger by itself. */
const mostBytes = 8 * 1024 * 1024;
/** Entries that are worked on in one turn of the event loop, which calls share with the sealer. */
const atOnce = 24;

/**
 * Seals the next entries of an organisation, all or none, and signs what the log has become. Two who do it at once: the second finds nothing to do.
 *
 * The order. A writer's transaction takes its number (`xid`) when it first writes, and any may end before any other. Below the lowest number
 * that is still under way nobody will ever write again: what lies below it, in the order of (xid, seq), can't have gaps.
 * @returns null where another process is at it, or there is no tree
 */
export async function sealBatch(lane: Lane, batch: Batch): Promise<Sealed | null> {
  try {
    const [, [tree], edge, [key]] = await Promise.all([
      lane.send("begin"),
      lane.send(held, [batch.tenantId]),
      lane.send(edges, [batch.tenantId]),
      lane.send(currentKey, [batch.tenantId]),
    ]);
    if (!tree) {
      await lane.send("rollback");
      return null;
    }
    const position = [batch.tenantId, tree.sealed_through, tree.after_seq];
    const rows = await lane.send(tree.restored ? foreign : committed, [...position, batch.most, mostBytes]);
    return await written(lane, batch, tree, edge.map(tileOf), key, rows);
  } catch (error) {
    await lane.send("rollback").catch(() => {});
    throw error;
  }
}

type Row = Rows[number];

async function written(
  lane: Lane,
  { tenantId, most, last, keys, now }: Batch,
  tree: Row,
  edge: readonly Tile[],
  key: Row | undefined,
  rows: Rows,
): Promise<Sealed> {
  const looked = Number(rows[0]?.looked ?? 0);
  const more = looked === most || rows.length < looked || (tree.restored === true && rows.length > 0);
  const fresh = rows.filter((row) => !row.sealed);
  const data: Buffer[] = [];
  for (const [n, row] of fresh.entries()) {
    if (n % atOnce === atOnce - 1) await setImmediate();
    data.push(leafData(halvesOf(row)));
  }
  const before = Number(tree.size);
  const size = before + data.length;
  const grown = grow(edge, before, data.map(leafHash));

  const due = size > Number(tree.signed_size) && (!more || last);
  const private_ = due && key ? keys.open(tenantId, key.key_id as string, key.sealed_private as string | null) : null;
  const signs = due && private_ !== null;
  const statements = [
    ...(data.length > 0 ? [lane.send(addLeaves, [tenantId, before, seqsOf(fresh), Buffer.concat(data)])] : []),
    ...(data.length > 0 ? [lane.send(keepTiles, [tenantId, tilesText(grown.changed)])] : []),
    lane.send(moveOn, [tenantId, size, ...positionAfter(tree, rows, more), signs ? size : Number(tree.signed_size)]),
  ];
  if (signs && key) {
    const root = rootOf(hashesIn(grown.edge), size);
    const text = checkpointText(tree.origin as string, size, root);
    const note = signedNote(text, key.name as string, key.key_id as string, private_);
    statements.push(lane.send(addCheckpoint, [tenantId, size, root, note, key.key_id, now.toISOString()]));
  }
  await Promise.all([...statements, lane.send("commit")]);
  return {
    ...{ entries: data.length, size, more, large: rows.length < looked },
    ...(due && !signs && { keyless: { keyId: (key?.key_id as string | undefined) ?? null } }),
  };
}

/** Behind the last entry; with none left over, behind everybody who has ended. A database that was restored begins anew, once. */
function positionAfter(tree: Row, rows: Rows, more: boolean): [xid: unknown, seq: unknown] {
  const final = rows.at(-1);
  if (!final) return tree.restored ? ["0", 0] : [tree.sealed_through, tree.after_seq];
  return more ? [final.xid, final.seq] : [final.horizon, 0];
}

const tileOf = (row: Row): Tile => ({
  level: row.level as number,
  tile: Number(row.tile),
  hashes: row.hashes as Buffer,
});
const seqsOf = (rows: Rows): string => arrayOf(rows.map(({ seq }) => String(seq)));
const tilesText = (tiles: readonly Tile[]): string =>
  JSON.stringify(tiles.map(({ hashes, ...place }) => ({ ...place, hashes: hashes.toString("hex") })));

/** Whoever holds the row lets the tree grow. Transactions with a number that is still to come: the database is a copy out of another one. */
const held = `
  select origin, size, signed_size, sealed_through::text, after_seq, sealed_through > pg_snapshot_xmax(pg_current_snapshot()) as restored
  from audit_trees where tenant_id = $1 for update skip locked`;

const edges = `
  select n.level, n.tile, n.hashes from audit_trees t cross join generate_series(0, 6) as l (level)
    join audit_nodes n on n.tenant_id = t.tenant_id and n.level = l.level and n.tile = t.size >> (8 * (l.level + 1))
  where t.tenant_id = $1 order by n.level`;

const currentKey = `select key_id, name, sealed_private from audit_keys where tenant_id = $1 and until_at is null`;

/** The texts of a column that may be large, in bytes. What is short is compressed to less than this, and not opened for being counted. */
const bytesOf = (column: string) =>
  `case when pg_column_size(${column}) > 256 then octet_length(${column}::text) else 256 end`;

const entries = (bound: string) => `
  select a.seq, a.xid::text, a.looked, a.horizon::text, ${halves},
    exists (select from audit_leaves l where l.tenant_id = a.tenant_id and l.seq = a.seq) as sealed
  from (
    select p.*, count(*) over () as looked, sum(p.bytes) over (order by p.xid, p.seq) - p.bytes as before
    from (
      select a.*, pg_snapshot_xmin(pg_current_snapshot()) as horizon, ${bytesOf("a.changes")} + ${bytesOf("a.decision")} as bytes
      from audit a where a.tenant_id = $1 and (a.xid, a.seq) > ($2::xid8, $3::bigint) ${bound}
      order by a.xid, a.seq limit $4::int
    ) p
  ) a
  where a.before < $5::bigint order by a.xid, a.seq`;

/** In their order, what nobody can add to any more. */
const committed = entries("and a.xid < pg_snapshot_xmin(pg_current_snapshot())");
/** What came unsealed out of another database: nobody writes it here. */
const foreign = entries("");

const addLeaves = `
  insert into audit_leaves (tenant_id, index, seq, data)
  select $1, $2::bigint + n - 1, seq, substring($4::bytea from ((n - 1) * 64 + 1)::int for 64)
  from unnest($3::bigint[]) with ordinality as s (seq, n)`;

const keepTiles = `
  insert into audit_nodes (tenant_id, level, tile, hashes)
  select $1, level, tile, decode(hashes, 'hex') from json_to_recordset($2::json) as t (level int, tile bigint, hashes text)
  on conflict (tenant_id, level, tile) do update set hashes = excluded.hashes`;

const moveOn = `
  update audit_trees set size = $2, sealed_through = $3::xid8, after_seq = $4, signed_size = $5 where tenant_id = $1`;

const addCheckpoint = `
  insert into audit_checkpoints (tenant_id, size, root, note, key_id, made_at) values ($1, $2, $3, $4, $5, $6)`;
