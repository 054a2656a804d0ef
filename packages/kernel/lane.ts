import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import { link } from "./link.ts";

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
  /**
   * Nothing that `db` and `ask` answer reaches the holder before this has resolved; where it rejects, the holder gets that instead.
   * A function is called with the holder's first statement, and never where there is none.
   */
  behind(opening: Promise<unknown> | (() => Promise<unknown>)): void;
  /** Whether its connection is gone. It never gets another: its holder is refused, and the next one needs another lane. */
  lost(): boolean;
  close(): Promise<void>;
};

/** Opens a lane lazily: the connection is made with the first statement. */
export function lane(connection: Connection, role: string): Lane {
  let opening: Promise<unknown> | (() => Promise<unknown>) | null = null;
  const line = link({
    ...connection,
    fetch_types: false,
    // Both would close a connection in the middle of a transaction that is waiting for its handler.
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 5,
    onnotice: () => {},
    connection: {
      application_name: "dais",
      // A startup parameter is what RESET ROLE goes back to: the lane can't climb out of its role.
      role,
      TimeZone: "UTC",
      // Statements here are short, also where the planner, who can't know how few delegations somebody has, expects much.
      jit: "off",
      statement_timeout: 10_000,
      idle_in_transaction_session_timeout: 10_000,
      ...connection.connection,
    },
  });
  async function held<T>(ask: () => Promise<T>): Promise<T> {
    if (typeof opening === "function") behind(opening());
    const first = opening;
    const result = ask();
    result.catch(() => {}); // where the opening fails, its reason is the one that counts
    await first;
    return result;
  }
  function behind(promise: Promise<unknown>): void {
    opening = promise;
    promise.catch(() => {}); // whoever awaits a statement gets it; with no statement, the holder asks for it itself
  }

  // What Drizzle asks of a postgres.js client. Every statement is prepared: unprepared ones cost two round trips.
  const client = {
    options: line.options,
    unsafe: (text: string, params: readonly unknown[] = []) => ({
      values: () => held(() => line.send(text, params, "arrays")),
      // biome-ignore lint/suspicious/noThenProperty: Drizzle awaits the query itself when it wants objects.
      then: (yes: (rows: unknown) => unknown, no: (error: unknown) => unknown) =>
        held(() => line.send(text, params, "objects")).then(yes, no),
    }),
  };
  const send: Lane["send"] = (text, params = []) => line.send(text, params, "objects");
  return {
    db: drizzle(client as unknown as postgres.Sql) as unknown as Db,
    send,
    ask: (text, params) => held(() => send(text, params)),
    behind(given) {
      if (typeof given === "function") opening = given;
      else behind(given);
    },
    lost: line.lost,
    close: line.close,
  };
}
