import { halves } from "@dais/verify/entry";
import type postgres from "postgres";
import { committed, type Entry, erasureOf, leafDataOf, type Members } from "./log.ts";

type Sql = postgres.Sql | postgres.TransactionSql;

const column = (member: string) => member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const membersOf = (half: "facts" | "content") => Object.keys(halves[half]);
/** Every column of an entry that a leaf commits to. */
export const columns = [...membersOf("facts"), ...membersOf("content")].map(column);
const written = [...columns, "salt", "content_salt"];

/** Writes entries as the product's own writer would. */
export async function insertEntries(sql: Sql, entries: readonly Entry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += 5000) {
    const rows = entries.slice(from, from + 5000).map(({ facts, factsSalt, content, contentSalt }) => ({
      ...Object.fromEntries(Object.entries({ ...facts, ...content }).map(([member, value]) => [column(member), value])),
      salt: factsSalt,
      content_salt: contentSalt,
    }));
    const list = written.join(", ");
    await sql.unsafe(
      `insert into audit (${list}) select ${list} from jsonb_populate_recordset(null::audit, $1::text::jsonb)`,
      [JSON.stringify(rows)],
    );
  }
}

/** Erases an entry, by whom its owner says. Triggers are out of the way. */
export const eraseEntry = (sql: Sql, entryId: string, erasureId: string) =>
  sql`update audit set session_id = null, address = null, before_digest = null, after_digest = null, changes = null,
    reason = null, decision = null, trace_id = null, idempotency_key = null, content_salt = null,
    erased_at = '2026-11-21T12:00:00Z', erasure_id = ${erasureId} where id = ${entryId}`;

/** Writes down an erasure as the product's own writer would, and of which entries it is. */
export async function insertErasure(sql: Sql, tenantId: string, n: number): Promise<void> {
  const { id, entryIds, entriesSha256, reason } = erasureOf(n);
  await sql`insert into erasures (id, tenant_id, entries, entries_sha256, reason, requested_by, classification, state, version, created_at,
      updated_at)
    values (${id}, ${tenantId}, ${entryIds.length}, ${entriesSha256}, ${reason}, 'usr_01jd1', 'internal', 'erased', 2,
      '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z')`;
  for (const entryId of entryIds) await nameEntry(sql, tenantId, id, entryId);
}

export const nameEntry = (sql: Sql, tenantId: string, erasureId: string, entryId: string) =>
  sql`insert into erasure_entries (tenant_id, erasure_id, entry_id) values (${tenantId}, ${erasureId}, ${entryId})`;

/** `left`: of what was erased, the commitment that its leaf keeps. */
export type Kept = Entry & { seq: string; left: Buffer | null };

/** Reads an organisation's entries back, in the order of their leaves, and then in that in which they were written. */
export async function keptEntries(sql: Sql, tenantId: string): Promise<Kept[]> {
  const rows = await sql<{ seq: string; row: Members; data: Buffer | null }[]>`
    select a.seq::text, to_jsonb(a) as row, l.data from audit a
    left join audit_leaves l on l.tenant_id = a.tenant_id and l.seq = a.seq
    where a.tenant_id = ${tenantId} order by l.index nulls last, a.xid, a.seq`;
  return rows.map(({ seq, row, data }) => {
    const half = (name: "facts" | "content") =>
      Object.fromEntries(membersOf(name).map((member) => [member, row[column(member)] ?? null]));
    const facts = { ...half("facts"), at: new Date(row.at as string).toISOString() };
    return {
      seq,
      facts,
      content: half("content"),
      factsSalt: row.salt as string,
      contentSalt: row.content_salt as string,
      left: row.erased_at === null ? null : (data?.subarray(32) ?? Buffer.alloc(32)),
    };
  });
}

/** The leaf of an entry that was read back. */
export const leafOf = (entry: Kept): Buffer =>
  entry.left ? Buffer.concat([committed(entry.factsSalt, entry.facts), entry.left]) : leafDataOf(entry);
