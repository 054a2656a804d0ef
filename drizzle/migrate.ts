import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as run } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));
/** Any constant will do, as long as every Dais uses the same. */
const lock = 0x6461_6973;

/**
 * Brings the database to the newest schema. Two at once migrate once: the second waits for the first.
 * @param connection Options of postgres.js for a role that may create tables and, the first time, roles.
 */
export async function migrate(connection: postgres.Options<Record<string, never>>): Promise<void> {
  const sql = postgres({
    ...connection,
    max: 1,
    onnotice: () => {},
    connection: { ...connection.connection, lock_timeout: 0 },
  });
  try {
    await sql`select pg_advisory_lock(${lock})`;
    await run(drizzle(sql), { migrationsFolder, migrationsSchema: "dais_migrations" });
  } finally {
    await sql.end();
  }
}
