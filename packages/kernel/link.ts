import postgres from "postgres";
import type { Connection, Rows } from "./lane.ts";
import { wire } from "./wire.ts";

/** One connection to Postgres, from its making to its loss. */
export type Link = {
  /** postgres.js's own, for Drizzle to say how values are read. */
  options: unknown;
  lost(): boolean;
  /** Sends a prepared statement, and answers with its rows, as objects or as arrays; or rejects, once the connection is lost. */
  send(text: string, params: readonly unknown[], rows: "objects" | "arrays"): Promise<Rows>;
  close(): Promise<void>;
};

/**
 * Makes a link; it connects with its first statement. Left to itself, postgres.js would connect again after a loss: it would send
 * there, outside of any transaction, what it had not sent yet, and wait for ever where a statement was half written or the server
 * could not be reached. A link that is lost stays lost, and refuses all that waits on it.
 * @param silenceMs Longer than the server lets a statement run (see lane.ts).
 */
export function link(connection: Connection, silenceMs = 15_000): Link {
  const waiting = new Set<(reason: Error) => void>();
  let over = false;
  let heard = 0;
  const line = wire(end);
  // `socket` is known to postgres.js, but not to its types.
  const sql = postgres({
    ...connection,
    max: 1,
    backoff: false,
    socket: line.open,
    onclose: () => end(),
  } as Connection);

  // Postgres ends a statement that takes too long; where nothing at all comes back, the way to it is gone without a word.
  const watch = setInterval(() => {
    if (waiting.size > 0 && Date.now() - heard > silenceMs) end();
  }, silenceMs / 10).unref();

  function end(reason: Error = gone()): void {
    over = true;
    clearInterval(watch);
    line.close();
    for (const refuse of waiting) refuse(reason);
    waiting.clear();
  }

  return {
    options: sql.options,
    lost: () => over,
    send(text, params, rows) {
      if (over) return Promise.reject(gone());
      line.together();
      const query = sql.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare: true });
      if (waiting.size === 0) heard = Date.now();
      return new Promise((resolve, reject) => {
        waiting.add(reject);
        (rows === "arrays" ? query.values() : query).then(
          (answer) => {
            waiting.delete(reject);
            heard = Date.now();
            resolve(taken(answer));
          },
          (error) => {
            waiting.delete(reject);
            reject(error);
          },
        );
      });
    },
    close: async () => void (over || (await sql.end({ timeout: 5 }))),
  };
}

/**
 * The rows out of what postgres.js answers with, which is left empty. It stays reachable longer than it is used: with its rows in it, a fifth
 * of all that is read would move on to the old generation, and a process that reads a lot would grow to twice its size.
 */
function taken(answer: postgres.RowList<postgres.Row[]>): Rows {
  const rows = answer.slice();
  answer.length = 0;
  return rows;
}

/** By the name that postgres.js gives it. */
const gone = () => Object.assign(new Error("The connection to Postgres was lost."), { code: "CONNECTION_CLOSED" });
