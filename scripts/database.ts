import type { Connection } from "@dais/kernel/lane";
import { readConnection } from "@dais/local/connection";
import { dataHome } from "@dais/local/home";
import { claim } from "@dais/local/instance";
import { startPostgres } from "@dais/local/postgres";

export type Connections = {
  /** For who acts as dais_app. */
  app: Connection;
  /** For who may migrate. */
  owner: Connection;
};

/** Works on the database that `npm start` would use. The embedded one is started where it doesn't run, and then stopped again. */
export async function withDatabase<T>(work: (connections: Connections) => Promise<T>): Promise<T> {
  const { DATABASE_URL: url, DATABASE_OWNER_URL: owner } = process.env;
  if (url) return work({ app: readConnection(url), owner: readConnection(owner || url) });
  // Whoever has the claim is in charge of the server's end; with it, nobody else starts or stops one meanwhile.
  const mine = claim(dataHome());
  try {
    const server = await startPostgres();
    try {
      return await work({ app: server.connection, owner: server.connection });
    } finally {
      if (mine.claimed) await server.stop();
    }
  } finally {
    if (mine.claimed) mine.release();
  }
}

/** Ends with one sentence on what went wrong. Where that is Postgres' own, it names no secret. */
export function failed(error: unknown): void {
  const { cause } = error as Error;
  const { message, code } = (cause instanceof Error ? cause : error) as Error & { code?: string };
  const sentence =
    code === "42P01" || code === "42883" ? "The database has no tables yet: npm run migrate" : message || code;
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
