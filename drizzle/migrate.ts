import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as run } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { referenceIsCurrent, writeReference } from "./reference.ts";

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));
const migrationsSchema = "dais_migrations";
type Options = postgres.Options<Record<string, never>>;
/** Any constant will do, as long as every Dais uses the same. */
const lock = 0x6461_6973;

/** Whether the database has every migration and every reference that this version knows. Needs no more than what a server may do. */
export async function isCurrent(connection: Options): Promise<boolean> {
  const sql = postgres({ ...connection, max: 1, onnotice: () => {} });
  const newest = readMigrationFiles({ migrationsFolder, migrationsSchema }).at(-1)?.folderMillis ?? 0;
  try {
    const [row] = await sql`select max(created_at)::text as newest from ${sql(migrationsSchema)}.__drizzle_migrations`;
    return Number(row?.newest) >= newest && (await referenceIsCurrent(sql));
  } catch (error) {
    // No such schema, table or right: there is something to migrate.
    if (/^(3F000|42P01|42501)$/.test((error as { code?: string }).code ?? "")) return false;
    throw error;
  } finally {
    await sql.end();
  }
}

/**
 * Brings the database to the newest schema. Two at once migrate once: the second waits for the first.
 * @param connection Options of postgres.js for a role that may create tables and, the first time, roles.
 */
export async function migrate(connection: Options): Promise<void> {
  const sql = postgres({
    ...connection,
    max: 1,
    onnotice: () => {},
    connection: { ...connection.connection, lock_timeout: 0 },
  });
  try {
    await sql`select pg_advisory_lock(${lock})`;
    await run(drizzle(sql), { migrationsFolder, migrationsSchema });
    if (!(await referenceIsCurrent(sql))) await writeReference(sql);
  } finally {
    await sql.end();
  }
}
