import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { wire } from "./wire.ts";

export type Db = PostgresJsDatabase<Record<string, never>>;
export type Connection = postgres.Options<Record<string, never>>;

export type Rows = readonly Record<string, unknown>[];

/**
 * One connection with its own Drizzle, held by one call at a time. Statements that are sent in the same turn of the event loop
 * go out together, so a lane's opening statements cost no round trip of their own.
 */
export type Lane = {
  db: Db;
  /** Sends a prepared statement now; what it answers is not held back. For the kernel's own statements. */
  send(text: string, params?: readonly unknown[]): Promise<Rows>;
  /** The same, held back behind the opening as `db` is. For the holder's statements. */
  ask(text: string, params: readonly unknown[]): Promise<Rows>;
  /** Nothing that `db` and `ask` answer reaches the holder before this has resolved; where it rejects, the holder gets that instead. */
  behind(opening: Promise<unknown>): void;
  /** Grows whenever the connection is lost: postgres.js reconnects silently, outside of any transaction. */
  losses(): number;
  close(): Promise<void>;
};

/** Opens a lane lazily: the connection is made with the first statement. */
export function lane(connection: Connection, role: string): Lane {
  let losses = 0;
  let opening: Promise<unknown> | null = null;
  const line = wire();
  const options = {
    ...connection,
    max: 1,
    socket: line.open, // known to postgres.js, but not to its types
    fetch_types: false,
    // Both would close a connection in the middle of a transaction that is waiting for its handler.
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 5,
    backoff: false,
    onnotice: () => {},
    onclose: () => {
      losses += 1;
    },
    connection: {
      application_name: "dais",
      // A startup parameter is what RESET ROLE goes back to: the lane can't climb out of its role.
      role,
      statement_timeout: 10_000,
      idle_in_transaction_session_timeout: 10_000,
      ...connection.connection,
    },
  };
  const sql = postgres(options as Connection);
  function prepared(text: string, params: readonly unknown[]) {
    line.together();
    return sql.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare: true });
  }
  async function held<T>(result: Promise<T>): Promise<T> {
    result.catch(() => {}); // where the opening fails, its reason is the one that counts
    await opening;
    return result;
  }

  // What Drizzle asks of a postgres.js client. Every statement is prepared: unprepared ones cost two round trips.
  const client = {
    options: sql.options,
    unsafe(text: string, params: readonly unknown[] = []) {
      const query = prepared(text, params);
      return {
        values: () => held(query.values() as Promise<unknown>),
        // biome-ignore lint/suspicious/noThenProperty: Drizzle awaits the query itself when it wants objects.
        then: (yes: (rows: unknown) => unknown, no: (error: unknown) => unknown) =>
          held(query as Promise<unknown>).then(yes, no),
      };
    },
  };
  const send: Lane["send"] = (text, params = []) => prepared(text, params).execute() as unknown as Promise<Rows>;
  return {
    db: drizzle(client as unknown as postgres.Sql) as unknown as Db,
    send,
    ask: (text, params) => held(send(text, params)),
    behind(promise) {
      opening = promise;
      promise.catch(() => {}); // whoever awaits a statement gets it; with no statement, the holder asks for it itself
    },
    losses: () => losses,
    close: () => sql.end({ timeout: 5 }),
  };
}
