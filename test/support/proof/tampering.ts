import type postgres from "postgres";
import { layTiles, seal } from "./database.ts";
import { chance, entryOf, uuidOf } from "./log.ts";
import { leafHashOf } from "./naive.ts";
import { columns, eraseEntry, insertEntries, type Kept, keptEntries, leafOf } from "./rows.ts";
import { checkpointOf, type Signs, signer } from "./signer.ts";

/**
 * A database as whoever owns it could change it: all triggers are off, and all rows in reach. `size` is of the checkpoint that the auditor
 * holds; `key` the log's own, where the thief has it, too.
 */
export type Reach = {
  sql: postgres.TransactionSql;
  tenantId: string;
  origin: string;
  size: number;
  key: Signs | null;
  random: () => number;
};
type Tampering = (reach: Reach, nth: number) => Promise<unknown>;

/** What can be done to a sealed log. Each leaves a database that is not what the auditor's checkpoint was signed for. */
export const tamperings: Record<string, { times: number; needsKey?: boolean; tamper: Tampering }> = {
  "a column of an entry is changed": {
    times: columns.length,
    tamper: (on, nth) => changeColumn(on, columns[nth] as string),
  },
  "a salt is changed": {
    times: 4,
    tamper: (on) => update(on, some(on), { [pick(on, ["salt", "content_salt"])]: chance(`${on.random()}`) }),
  },
  "an entry is deleted": { times: 4, tamper: (on) => deleteEntries(on, [some(on)]) },
  "an entry and its leaf are deleted": { times: 3, tamper: (on) => withLeaf(on, some(on)) },
  "an entry is deleted, and the leaves close the gap": { times: 3, tamper: closedGap },
  "two entries change places": { times: 4, tamper: swapEntries },
  "the leaves of two entries change places": { times: 3, tamper: swapLeaves },
  "what two entries say changes places": { times: 3, tamper: swapWords },
  "an entry is put in between old ones": { times: 4, tamper: putIn },
  "an entry from the past is put in as if it waited": { times: 3, tamper: inserted },
  "an entry is put in with a leaf, and the others make room": { times: 3, tamper: madeRoom },
  "the newest entries are cut off": { times: 4, tamper: cutOff },
  "a leaf is changed": { times: 4, tamper: (on) => setLeaf(on, some(on), bytes(on, 64)) },
  "an entry and its leaf are changed together": { times: 4, tamper: together },
  "an entry, its leaf and the tiles are changed together": {
    times: 4,
    tamper: (on) => together(on).then(() => relaid(on)),
  },
  "a tile is changed": { times: 3, tamper: tile },
  "a tile is gone": {
    times: 1,
    tamper: ({ sql, tenantId }) => sql`delete from audit_nodes where tenant_id = ${tenantId} and tile = 0`,
  },
  "content is erased without an erasure": { times: 3, tamper: (on) => erased(on, uuidOf(`${on.random()}`)) },
  "content is erased by what was no erasure": { times: 3, tamper: falselyErased },
  "a checkpoint has another root": { times: 2, tamper: (on) => checkpoint(on, { root: bytes(on, 32) }) },
  "a checkpoint is replaced by one of another key": { times: 2, tamper: forgedCheckpoint },
  "the checkpoint that the auditor holds is gone": {
    times: 1,
    tamper: ({ sql, tenantId, size }) =>
      sql`delete from audit_checkpoints where tenant_id = ${tenantId} and size = ${size}`,
  },
  "the tree says another size": {
    times: 1,
    tamper: ({ sql, tenantId }) => sql`update audit_trees set size = size + 1 where tenant_id = ${tenantId}`,
  },
  "the whole log is forged with another key": { times: 2, tamper: (on) => forked(on, signer(on.origin, "a thief's")) },
  "the whole log is forged with the log's own key": {
    times: 2,
    needsKey: true,
    tamper: (on) => forked(on, on.key as Signs),
  },
  "the log is made anew, shorter, with its own key": { times: 2, needsKey: true, tamper: shortened },
};

/** Runs one of them, with triggers and checks out of the way. */
export async function tamperWith(reach: Reach, kind: string, nth = 0): Promise<void> {
  await reach.sql`set local session_replication_role = replica`;
  await reach.sql.unsafe("alter table audit drop constraint if exists audit_salted");
  await tamperings[kind]?.tamper(reach, nth);
}

/** Columns that are of another type than text: what is put there instead. */
const others: Record<string, (was: unknown, on: Reach) => unknown> = {
  id: (_, on) => uuidOf(`${on.random()}`),
  tenant_id: (_, on) => uuidOf(`${on.random()}`),
  resource_id: (_, on) => uuidOf(`${on.random()}`),
  at: (was) => new Date(new Date(was as string).getTime() + 1).toISOString(),
  persons: (was) => [...(was as string[]), "usr_x"],
  resource_version: (was) => (was as number) + 1,
  changed: (was) => !was,
  outcome: (was) => (was === "done" ? "read" : "done"),
  changes: () => ({ state: ["new", "closed"] }),
  decision: () => ({ permission: "signal.dismiss", by: "nobody" }),
};

async function changeColumn(on: Reach, name: string, index = some(on)) {
  const [row] = await on.sql`select to_jsonb(a) -> ${name} as was from audit a where seq = ${seqOf(on, index)}`;
  const value = others[name]?.(row?.was, on) ?? `${row?.was ?? ""}x`;
  await on.sql`update audit a set ${on.sql(name)} = (jsonb_populate_record(null::audit, ${JSON.stringify({ [name]: value })}::text::jsonb)).${on.sql(name)}
    where a.seq = ${seqOf(on, index)}`;
}

const some = ({ random, size }: Reach): number => Math.floor(random() * size);
const pick = <T>({ random }: Reach, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const bytes = ({ random }: Reach, length: number) =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
const seqOf = ({ sql, tenantId }: Reach, index: number) =>
  sql`(select seq from audit_leaves where tenant_id = ${tenantId} and index = ${index})`;

const update = (on: Reach, index: number, values: Record<string, string>) =>
  on.sql`update audit set ${on.sql(values)} where seq = ${seqOf(on, index)}`;
const setLeaf = ({ sql, tenantId }: Reach, index: number, data: Buffer) =>
  sql`update audit_leaves set data = ${data} where tenant_id = ${tenantId} and index = ${index}`;
const deleteEntries = (on: Reach, which: number[]) =>
  on.sql`delete from audit where seq in (select seq from audit_leaves where tenant_id = ${on.tenantId} and index in ${on.sql(which)})`;

async function withLeaf(on: Reach, index: number) {
  await deleteEntries(on, [index]);
  await on.sql`delete from audit_leaves where tenant_id = ${on.tenantId} and index = ${index}`;
}

async function closedGap(on: Reach) {
  const index = some(on);
  await withLeaf(on, index);
  await shift(on, index, -1);
  await on.sql`update audit_trees set size = size - 1 where tenant_id = ${on.tenantId}`;
}

/** Renumbers leaves, past the primary key: first out of the way, then into place. */
async function shift({ sql, tenantId }: Reach, from: number, by: number) {
  await sql`update audit_leaves set index = -1000000000 - index where tenant_id = ${tenantId} and index >= ${from}`;
  await sql`update audit_leaves set index = -1000000000 - index + ${by} where tenant_id = ${tenantId} and index <= -1000000000`;
}

async function swapEntries(on: Reach) {
  const [one, other] = await twoSeqs(on);
  const max = await on.sql<{ last: string }[]>`select max(seq)::text as last from audit`;
  await on.sql.unsafe("alter table audit alter column seq drop identity");
  const free = String(Number(max[0]?.last) + 1000);
  for (const [from, to] of [
    [one, free],
    [other, one],
    [free, other],
  ] as const) {
    await on.sql`update audit set seq = ${to} where seq = ${from}`;
  }
}

async function twoSeqs(on: Reach): Promise<[string, string]> {
  const index = some(on);
  const other = (index + 1 + Math.floor(on.random() * (on.size - 1))) % on.size;
  const rows = await on.sql<{ seq: string }[]>`
    select seq::text from audit_leaves where tenant_id = ${on.tenantId} and index in (${index}, ${other})`;
  return [rows[0]?.seq as string, rows[1]?.seq as string];
}

async function swapLeaves(on: Reach) {
  const [one, other] = await twoSeqs(on);
  await on.sql`update audit_leaves l set data = o.data from audit_leaves o
    where l.tenant_id = ${on.tenantId} and o.tenant_id = l.tenant_id and l.seq in (${one}, ${other}) and o.seq in (${one}, ${other}) and o.seq <> l.seq`;
}

async function swapWords(on: Reach) {
  const [one, other] = await twoSeqs(on);
  const names = ["actor_id", "persons", "resource_id", "reason", "request_id", "address", "content_salt", "salt"];
  const list = names.map((name) => `${name} = o.${name}`).join(", ");
  await on.sql.unsafe(`update audit a set ${list} from audit o
    where a.seq in (${one}, ${other}) and o.seq in (${one}, ${other}) and o.seq <> a.seq`);
}

/** From an hour before everything else. */
async function stranger({ sql, tenantId, random }: Reach) {
  const [row] = await sql<{ first: Date }[]>`select min(at) as first from audit where tenant_id = ${tenantId}`;
  const entry = entryOf(1_000_000 + Math.floor(random() * 1e6), tenantId);
  const at = new Date((row?.first.getTime() as number) - 3_600_000).toISOString();
  return { ...entry, facts: { ...entry.facts, at } };
}

async function inserted(on: Reach): Promise<string> {
  await insertEntries(on.sql, [await stranger(on)]);
  const [row] = await on.sql<
    { seq: string }[]
  >`select max(seq)::text as seq from audit where tenant_id = ${on.tenantId}`;
  return row?.seq as string;
}

/** As if its transaction had been over long before the sealing. */
async function putIn(on: Reach) {
  const seq = await inserted(on);
  await on.sql`update audit set at = '2999-11-22T09:00:00Z',
    xid = (select xid from audit where tenant_id = ${on.tenantId} order by xid limit 1) where seq = ${seq}`;
}

async function madeRoom(on: Reach) {
  const seq = await inserted(on);
  const entry = (await keptEntries(on.sql, on.tenantId)).find((kept) => kept.seq === seq);
  const index = some(on);
  await shift(on, index, 1);
  await on.sql`insert into audit_leaves (tenant_id, index, seq, data) values (${on.tenantId}, ${index}, ${seq}, ${leafOf(entry as Kept)})`;
  await on.sql`update audit_trees set size = size + 1 where tenant_id = ${on.tenantId}`;
}

async function cutOff(on: Reach) {
  const { sql, tenantId } = on;
  const size = some(on);
  await sql`delete from audit where tenant_id = ${tenantId} and not exists (
    select from audit_leaves l where l.tenant_id = ${tenantId} and l.seq = audit.seq and l.index < ${size})`;
  await sql`delete from audit_leaves where tenant_id = ${tenantId} and index >= ${size}`;
  await sql`delete from audit_checkpoints where tenant_id = ${tenantId} and size > ${size}`;
  await sql`update audit_trees set size = ${size} where tenant_id = ${tenantId}`;
  await relaid(on);
}

async function together(on: Reach) {
  const index = some(on);
  await changeColumn(on, pick(on, ["actor_id", "reason", "request_id", "to_state"]), index);
  const [leaf] = await on.sql<
    { seq: string }[]
  >`select seq::text from audit_leaves where tenant_id = ${on.tenantId} and index = ${index}`;
  const entry = (await keptEntries(on.sql, on.tenantId)).find(({ seq }) => seq === leaf?.seq);
  await setLeaf(on, index, leafOf(entry as Kept));
}

/** Tiles that fit the leaves again. */
async function relaid({ sql, tenantId }: Reach) {
  const rows = await sql<
    { data: Buffer }[]
  >`select data from audit_leaves where tenant_id = ${tenantId} order by index`;
  await layTiles(
    sql,
    tenantId,
    rows.map(({ data }) => leafHashOf(data)),
  );
}

async function tile(on: Reach) {
  const { sql, tenantId } = on;
  const tiles = await sql<
    { level: number; tile: string; hashes: Buffer }[]
  >`select level, tile, hashes from audit_nodes where tenant_id = ${tenantId}`;
  const { level, tile: number, hashes } = pick(on, tiles);
  const at = Math.floor(on.random() * hashes.length);
  hashes[at] = (hashes[at] as number) ^ 1;
  await sql`update audit_nodes set hashes = ${hashes} where tenant_id = ${tenantId} and level = ${level} and tile = ${number}`;
}

async function erased(on: Reach, by: string) {
  const [entry] = await on.sql<{ id: string }[]>`select id::text from audit where seq = ${seqOf(on, some(on))}`;
  await eraseEntry(on.sql, entry?.id as string, by);
}

/** What somebody else's change was, or an erasure that was only asked for, is taken for one. */
async function falselyErased(on: Reach) {
  const rows = await on.sql<{ id: string }[]>`select distinct resource_id as id from audit
    where tenant_id = ${on.tenantId} and changed and operation <> 'erasures.erase' and resource_id is not null
      and not exists (select from audit e where e.resource_id = audit.resource_id and e.operation = 'erasures.erase') order by 1`;
  await erased(on, pick(on, rows).id);
}

const checkpoint = ({ sql, tenantId, size }: Reach, values: { root: Buffer; note?: string }) =>
  sql`update audit_checkpoints set ${sql(values)} where tenant_id = ${tenantId} and size = ${size}`;

async function forgedCheckpoint(on: Reach) {
  const thief = signer(on.origin, "a thief's");
  const root = bytes(on, 32);
  await checkpoint(on, { root, note: checkpointOf(thief, on.size, root) });
}

/** Changes what somebody did, and makes everything else fit it. */
async function forked(on: Reach, by: Signs) {
  await changeColumn(on, pick(on, ["actor_id", "reason"]));
  await seal(on.sql, { tenantId: on.tenantId, by, sizes: [on.size] });
}

async function shortened(on: Reach) {
  await cutOff(on);
  await on.sql`delete from audit where tenant_id = ${on.tenantId} and seq > (select max(seq) from audit_leaves where tenant_id = ${on.tenantId})`;
  await seal(on.sql, { tenantId: on.tenantId, by: on.key as Signs });
}
