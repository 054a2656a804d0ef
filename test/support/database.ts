import { migrate } from "@dais/drizzle/migrate";
import type { PostgresConnection } from "@dais/local/postgres";
import postgres from "postgres";

/**
 * Makes a database of its own for a test run, or for a file of it, at the newest schema. Answers with its owner's connection.
 * @param template A database that is there already, which nobody is connected to: to copy it takes less time than to migrate.
 */
export async function testDatabase(server: PostgresConnection, template?: string): Promise<PostgresConnection> {
  const database = `dais_test_${process.pid}_${Date.now().toString(36)}`;
  const sql = postgres({ ...server, max: 1, onnotice: () => {} });
  await sql.unsafe(`create database ${database}${template ? ` template ${template}` : ""}`);
  await sql.end();
  const connection = { ...server, database };
  if (!template) await migrate(connection);
  return connection;
}

/** Removes it again, also where something is still connected. */
export async function dropDatabase(connection: PostgresConnection): Promise<void> {
  const sql = postgres({ ...connection, database: "postgres", max: 1, onnotice: () => {} });
  await sql.unsafe(`drop database if exists ${connection.database} with (force)`);
  await sql.end();
}
