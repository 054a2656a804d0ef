import { migrate } from "@dais/drizzle/migrate";
import type { PostgresConnection } from "@dais/local/postgres";
import postgres from "postgres";

/** Makes a database of its own for a test run, and brings it to the newest schema. Answers with its owner's connection. */
export async function testDatabase(server: PostgresConnection): Promise<PostgresConnection> {
  const database = `dais_test_${process.pid}_${Date.now().toString(36)}`;
  const sql = postgres({ ...server, max: 1, onnotice: () => {} });
  await sql.unsafe(`create database ${database}`);
  await sql.end();
  const connection = { ...server, database };
  await migrate(connection);
  return connection;
}

/** Removes it again, also where something is still connected. */
export async function dropDatabase(connection: PostgresConnection): Promise<void> {
  const sql = postgres({ ...connection, database: "postgres", max: 1, onnotice: () => {} });
  await sql.unsafe(`drop database if exists ${connection.database} with (force)`);
  await sql.end();
}
