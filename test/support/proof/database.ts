import type { PostgresConnection } from "@dais/local/postgres";
import postgres from "postgres";
import { inject } from "vitest";
import { dropDatabase } from "../database.ts";
import { place } from "../place.ts";
import { afterwards } from "../programs.ts";
import { entryOf } from "./log.ts";
import { leafHashOf, rootOf } from "./naive.ts";
import { insertEntries, keptEntries, leafOf } from "./rows.ts";
import { checkpointOf, type Signer, type Signs, signer } from "./signer.ts";

type Sql = postgres.Sql | postgres.TransactionSql;

/** What sealing keeps, where the schema doesn't have it. */
const tables = `
  alter table audit add column if not exists content_salt text, add column if not exists erased_at timestamptz,
    add column if not exists erasure_id uuid;
  create table if not exists audit_leaves (tenant_id uuid not null, index bigint not null, seq bigint not null, data bytea not null,
    primary key (tenant_id, index), unique (tenant_id, seq));
  create table if not exists audit_nodes (tenant_id uuid not null, level int not null, tile bigint not null, hashes bytea not null,
    primary key (tenant_id, level, tile));
  create table if not exists audit_checkpoints (tenant_id uuid not null, size bigint not null, root bytea not null, note text not null,
    key_id text not null, made_at timestamptz not null, primary key (tenant_id, size));
  create table if not exists audit_trees (tenant_id uuid primary key, origin text not null, size bigint not null, sealed_through xid8 not null);
`;

/** An organisation whose log was sealed, in a database of its own. */
export type Sealed = { sql: postgres.Sql; url: string; tenantId: string; slug: string; by: Signer; note: string };

/** A database of its own, dropped after the test: a copy of another one, by default of what has the newest schema and nothing else. */
async function database(template = inject("template")): Promise<PostgresConnection> {
  const server = inject("postgres");
  const connection = { ...server, database: `dais_verify_${process.pid}_${crypto.randomUUID().slice(0, 8)}` };
  const sql = postgres({ ...server, max: 1, onnotice: () => {} });
  await sql.unsafe(`create database ${connection.database} template ${template}`);
  await sql.end();
  afterwards(() => dropDatabase(connection));
  return connection;
}

function opened(connection: PostgresConnection): { sql: postgres.Sql; url: string } {
  const { username, host, port, database: name, password = "" } = connection;
  const sql = postgres({ ...connection, max: 2, idle_timeout: 1, onnotice: () => {} });
  afterwards(() => sql.end());
  return { sql, url: `postgres://${username}:${password}@localhost:${port}/${name}?host=${encodeURIComponent(host)}` };
}

/** The same log in another database, where it can be tampered with for good. */
export async function copyOf(log: Sealed): Promise<Sealed> {
  const [{ name } = { name: "" }] = await log.sql<{ name: string }[]>`select current_database() as name`;
  // A database that somebody is connected to can't be copied.
  await log.sql.end();
  const copy = { ...log, ...opened(await database(name)) };
  Object.assign(log, opened({ ...inject("postgres"), database: name }));
  return copy;
}

/**
 * Fills a database with entries, and seals them.
 * @param sizes Where checkpoints were signed; `held` is the one that the auditor took home.
 * @param waiting How many entries were written, and not sealed yet
 */
export async function sealedDatabase({
  entries,
  sizes = [entries],
  held = entries,
  waiting = 0,
}: {
  entries: number;
  sizes?: number[];
  held?: number;
  waiting?: number;
}): Promise<Sealed> {
  const connection = await database();
  const { sql, url } = opened(connection);
  await sql.unsafe(tables);
  const { tenantId, slug } = await place({ owner: sql });
  const by = signer(`dais.test/audit/${slug}`, "the log's own key");
  await insertEntries(
    sql,
    Array.from({ length: entries }, (_, n) => entryOf(n, tenantId)),
  );
  const notes = await seal(sql, { tenantId, by, sizes });
  await insertEntries(
    sql,
    Array.from({ length: waiting }, (_, n) => entryOf(entries + n, tenantId)),
  );
  return { sql, url, tenantId, slug, by, note: notes.get(held) as string };
}

/** Seals all entries there are, as if nothing had been sealed before. Answers with the checkpoint of each size. */
export async function seal(sql: Sql, { tenantId, by, sizes }: { tenantId: string; by: Signs; sizes?: number[] }) {
  const entries = await keptEntries(sql, tenantId);
  for (const table of ["audit_leaves", "audit_nodes", "audit_checkpoints", "audit_trees"]) {
    await sql`delete from ${sql(table)} where tenant_id = ${tenantId}`;
  }
  const data = entries.map(leafOf);
  const hashes = data.map(leafHashOf);
  for (let from = 0; from < entries.length; from += 10_000) {
    const rows = entries
      .slice(from, from + 10_000)
      .map(({ seq }, n) => ({ index: from + n, seq, data: data[from + n]?.toString("hex") }));
    await sql`insert into audit_leaves (tenant_id, index, seq, data)
      select ${tenantId}, index, seq, decode(data, 'hex') from json_to_recordset(${JSON.stringify(rows)}::text::json)
        as leaf (index bigint, seq bigint, data text)`;
  }
  await layTiles(sql, tenantId, hashes);
  const notes = new Map<number, string>();
  for (const size of sizes ?? [entries.length]) {
    const root = rootOf(hashes.slice(0, size));
    const note = checkpointOf(by, size, root);
    notes.set(size, note);
    await sql`insert into audit_checkpoints (tenant_id, size, root, note, key_id, made_at)
      values (${tenantId}, ${size}, ${root}, ${note}, ${by.id}, '2026-11-21T12:00:00Z')`;
  }
  // Past the last of them, also while a transaction of somebody else is open in this Postgres.
  await sql`insert into audit_trees (tenant_id, origin, size, sealed_through) select ${tenantId}, ${by.name}, ${entries.length},
    coalesce((select (max(xid::text::numeric) + 1)::text::xid8 from audit where tenant_id = ${tenantId}), pg_snapshot_xmin(pg_current_snapshot()))`;
  return notes;
}

/** Lays the tiles of a tree anew. */
export async function layTiles(sql: Sql, tenantId: string, leaves: readonly Buffer[]): Promise<void> {
  await sql`delete from audit_nodes where tenant_id = ${tenantId}`;
  let hashes = leaves;
  for (let level = 0; hashes.length > 0; level += 1) {
    const above: Buffer[] = [];
    for (let tile = 0; tile * 256 < hashes.length; tile += 1) {
      const part = hashes.slice(tile * 256, tile * 256 + 256);
      await sql`insert into audit_nodes (tenant_id, level, tile, hashes) values (${tenantId}, ${level}, ${tile}, ${Buffer.concat(part)})`;
      if (part.length === 256) above.push(rootOf(part));
    }
    hashes = above;
  }
}
