import type { TransactionSql } from "postgres";
import { type Half, halves } from "../entry.ts";
import { tidy } from "./memory.ts";

/** A leaf as the database keeps it, and the columns of its entry as text; those are null throughout where there is no such entry. */
export type LeafRow = {
  index: string;
  seq: string;
  data: Buffer;
  found: boolean;
  factsSalt: string | null;
  contentSalt: string | null;
  erased: boolean;
  erasureId: string | null;
} & Record<string, unknown>;
export type CheckpointRow = { size: string; root: Buffer; note: string };
export type Unsealed = { count: string; found: { seq: string; id: string; late: boolean }[] };

/** Small: an entry may be as large as a megabyte. */
const batch = 50;
/** Batches from one clearing away to the next. */
const untidy = 6;

export const columnOf = (member: string): string => member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Each column so that nothing of it is lost on the way: moments to the microsecond, JSON as its text. */
function read(half: Half): string {
  return Object.entries(halves[half])
    .map(([member, kind]) => {
      const column = `a.${columnOf(member)}`;
      if (kind === "moment") return `extract(epoch from ${column})::text as "${member}"`;
      if (kind === "texts") return `to_json(${column})::text as "${member}"`;
      if (kind === "flag") return `${column} as "${member}"`;
      return `${column}::text as "${member}"`;
    })
    .join(", ");
}

/** An organisation's leaves in order, each with its entry. */
export const leaves = (tx: TransactionSql, tenantId: string) =>
  streamed<LeafRow>(
    tx,
    "leaves",
    `select l.index::text, l.seq::text, l.data, a.seq is not null as found, ${read("facts")}, ${read("content")},
       a.salt as "factsSalt", a.content_salt as "contentSalt", a.erased_at is not null as erased, a.erasure_id::text as "erasureId"
     from audit_leaves l left join audit a on a.tenant_id = l.tenant_id and a.seq = l.seq
     where l.tenant_id = '${tenantId}' order by l.index`,
  );

export const checkpoints = (tx: TransactionSql, tenantId: string) =>
  streamed<CheckpointRow>(
    tx,
    "checkpoints",
    `select c.size::text, c.root, c.note from audit_checkpoints c where c.tenant_id = '${tenantId}' order by c.size`,
  );

export async function tile(
  tx: TransactionSql,
  tenantId: string,
  level: number,
  number: number,
): Promise<Buffer | null> {
  const [row] = await tx<{ hashes: Buffer }[]>`
    select hashes from audit_nodes where tenant_id = ${tenantId} and level = ${level} and tile = ${number}`;
  return row?.hashes ?? null;
}

export async function treeSize(tx: TransactionSql, tenantId: string): Promise<number | null> {
  const [row] = await tx<{ size: string }[]>`select size::text from audit_trees where tenant_id = ${tenantId}`;
  return row ? Number(row.size) : null;
}

/**
 * Entries without a leaf that should have one, for entries are sealed in the order of their transactions: others are sealed that come after
 * them; or the sealing says that it is past them; or they claim to be five minutes older than what was sealed last, where none waits
 * longer than its transaction takes. The rest only waits to be sealed. In a database that was restored, where transactions are counted
 * anew, what came out of the other one says nothing about the order of what is written here.
 */
export async function unsealed(tx: TransactionSql, tenantId: string): Promise<Unsealed> {
  const [row] = await tx<[Unsealed]>`
    with sealed as (
      select l.index, a.xid::text::numeric as xid, a.seq, a.at from audit_leaves l
      join audit a on a.tenant_id = l.tenant_id and a.seq = l.seq where l.tenant_id = ${tenantId}
    ), waiting as (
      select a.seq, a.id, coalesce(
          (a.xid::text::numeric, a.seq) < (select xid, seq from sealed
            where xid < pg_snapshot_xmax(pg_current_snapshot())::text::numeric order by xid desc, seq desc limit 1)
          or a.xid::text::numeric < (select sealed_through::text::numeric from audit_trees where tenant_id = ${tenantId}
            and sealed_through <= pg_snapshot_xmax(pg_current_snapshot())), false) as past,
        coalesce(a.at < (select at from sealed order by index desc limit 1) - interval '5 minutes', false) as late
      from audit a
      where a.tenant_id = ${tenantId}
        and not exists (select from audit_leaves l where l.tenant_id = a.tenant_id and l.seq = a.seq)
    )
    select (select count(*) from waiting where not past and not late)::text as count,
      coalesce((select json_agg(json_build_object('seq', seq::text, 'id', id, 'late', late) order by seq)
        from (select * from waiting where past or late order by seq limit 1000) of), '[]') as found`;
  return row;
}

/** Erased entries that the erasure which they name was not for. */
export async function unnamed(tx: TransactionSql, tenantId: string): Promise<{ id: string }[]> {
  return tx<{ id: string }[]>`
    select a.id::text from audit a
    where a.tenant_id = ${tenantId} and a.erased_at is not null and not exists (
      select from erasure_entries n where n.tenant_id = a.tenant_id and n.erasure_id = a.erasure_id and n.entry_id = a.id)
    order by a.seq limit 100`;
}

/** Those that name an erasure which was for them, by it. */
export async function erasedBy(tx: TransactionSql, tenantId: string, erasureId: string): Promise<{ id: string }[]> {
  return tx<{ id: string }[]>`
    select a.id::text from audit a join erasure_entries n
      on n.tenant_id = a.tenant_id and n.erasure_id = a.erasure_id and n.entry_id = a.id
    where a.tenant_id = ${tenantId} and a.erased_at is not null and a.erasure_id = ${erasureId} order by a.seq limit 100`;
}

/** An erasure by which entries were erased, and the entry that says so. Of several that say it, the one that was sealed first. */
export type ErasureRow = {
  id: string;
  /** How many entries name it. */
  erased: string;
  reason: string | null;
  /** Over the uuids of all entries that it was for, in their order, each with a comma behind it. */
  entriesSha256: string;
  entryId: string | null;
  entryErased: boolean | null;
  contentSha256: string | null;
  index: string | null;
};

export const erasures = (tx: TransactionSql, tenantId: string) =>
  streamed<ErasureRow>(
    tx,
    "erasures",
    `select u.erasure_id::text as id, u.erased::text, e.reason, b.id::text as "entryId", b.erased_at is not null as "entryErased",
       b.decision ->> 'contentSha256' as "contentSha256", b.index::text,
       (select encode(sha256(convert_to(string_agg(n.entry_id || ',', '' order by n.entry_id), 'UTF8')), 'hex') from erasure_entries n
         where n.tenant_id = '${tenantId}' and n.erasure_id = u.erasure_id) as "entriesSha256"
     from (
       select a.erasure_id, count(*) as erased from audit a join erasure_entries n
         on n.tenant_id = a.tenant_id and n.erasure_id = a.erasure_id and n.entry_id = a.id
       where a.tenant_id = '${tenantId}' and a.erased_at is not null group by a.erasure_id
     ) u
     left join erasures e on e.tenant_id = '${tenantId}' and e.id = u.erasure_id
     left join lateral (
       select b.id, b.erased_at, b.decision, l.index from audit b left join audit_leaves l on l.tenant_id = b.tenant_id and l.seq = b.seq
       where b.tenant_id = '${tenantId}' and b.resource_type = 'erasure' and b.resource_id = u.erasure_id
         and b.operation = 'erasures.erase' and b.outcome = 'done' and b.changed
       order by l.index nulls last, b.seq limit 1
     ) b on true
     order by u.erasure_id`,
  );

/** A cursor, so that memory holds a batch and no more. The statement can't take parameters: the tenant is a checked uuid. */
async function* streamed<Row>(tx: TransactionSql, name: string, query: string): AsyncGenerator<Row> {
  await tx.unsafe(`declare verify_${name} no scroll cursor for ${query}`);
  for (let read = 1; ; read += 1) {
    const rows = (await tx.unsafe(`fetch ${batch} from verify_${name}`)) as unknown as Row[];
    if (rows.length === 0) break;
    yield* rows;
    if (read % untidy === 0) tidy();
  }
  await tx.unsafe(`close verify_${name}`);
}
