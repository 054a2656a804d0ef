import { serverLogin } from "@dais/drizzle/login";
import { isCurrent, migrate } from "@dais/drizzle/migrate";
import type { Connection } from "@dais/kernel/lane";
import { readConnection } from "@dais/local/connection";
import type { LocalPostgres } from "@dais/local/postgres";
import postgres from "postgres";
import type { Config } from "../config.ts";
import { type Life, Refusal } from "./stop.ts";

export type Database = {
  /** For calls. */
  connection: Connection;
  embedded: LocalPostgres | null;
  /** A sentence about it that tells no secret. */
  about: string;
};

/**
 * The configured Postgres, or the one that Dais brings; migrated, and ready for calls.
 * @throws Refusal when it can't be reached, is too old, or doesn't let us be who we must be
 */
export async function openDatabase(config: Config, life: Life): Promise<Database> {
  const { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl } = config;
  const embedded = url
    ? null
    : await life.began(
        startEmbedded(),
        (it) => it.stop(),
        ({ pid }) => process.kill(pid, "SIGQUIT"),
      );
  const given = embedded?.connection ?? readConnection(url as string);
  const owner = ownerUrl ? readConnection(ownerUrl) : given;
  await life.began(migrated(given, owner, ownerUrl ? "DATABASE_OWNER_URL" : "DATABASE_URL"));
  const connection = embedded ? await serverLogin(given, "dais") : given;
  for (const role of ["dais_app", "dais_system"]) await ask({ ...connection, connection: { role } }, "DATABASE_URL");
  return { connection, embedded, about: embedded ? aboutEmbedded(embedded) : aboutConfigured(connection) };
}

/** Loaded only where it is needed: the bundled server has none. */
async function startEmbedded(): Promise<LocalPostgres> {
  const { startPostgres } = await import("@dais/local/postgres");
  return startPostgres();
}

async function migrated(server: Connection, owner: Connection, setting: string): Promise<void> {
  if (await isCurrent({ ...server, connection: { role: "dais_app" } }).catch(() => false)) return;
  const version = await ask(owner, setting);
  if (version < 150_000) throw new Refusal(`Dais needs Postgres 15 or later; that of ${setting} is older.`);
  await migrate(owner).catch((error) => {
    if (codeOf(error) !== "42501") throw error;
    throw new Refusal(
      `The user of ${setting} may not migrate: ${rootOf(error).message}. Set DATABASE_OWNER_URL to one who may.`,
    );
  });
}

/** Connects once and asks for the version. @throws Refusal that names the setting, never its value */
async function ask(connection: Connection, setting: string): Promise<number> {
  const sql = postgres({ ...connection, max: 1, fetch_types: false, connect_timeout: 10, onnotice: () => {} });
  try {
    const [row] = await sql`select current_setting('server_version_num')::int as version`;
    return row?.version;
  } catch (error) {
    const where = `the Postgres of ${setting} (${connection.host}:${connection.port})`;
    if (connection.connection?.role && /^(42501|22023)$/.test(codeOf(error))) {
      throw new Refusal(
        `The user of ${setting} must be a member of dais_app and dais_system: grant dais_app, dais_system to it.`,
      );
    }
    throw new Refusal(`Can't use ${where}: ${rootOf(error).message || codeOf(error)}.`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const aboutEmbedded = ({ dataDir, reused }: LocalPostgres) =>
  `Postgres: embedded (DATABASE_URL is not set), for this checkout alone${reused ? ", running since an earlier start" : ""}. Its data: ${dataDir}`;
const aboutConfigured = ({ host, port, database }: Connection) => `Postgres: ${host}:${port}, database ${database}.`;

/** The driver's own error, where Drizzle has wrapped it. */
const rootOf = (error: unknown): Error =>
  (error as Error).cause instanceof Error ? rootOf((error as Error).cause) : (error as Error);
const codeOf = (error: unknown): string => String((rootOf(error) as { code?: unknown }).code ?? "");
