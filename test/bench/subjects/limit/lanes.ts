import type { PostgresConnection } from "@dais/local/postgres";
import postgres from "postgres";

export type Rows = readonly Record<string, unknown>[];
export type Send = (text: string, params?: readonly unknown[]) => Promise<Rows>;
export type Hold = <T>(work: (send: Send) => Promise<T>) => Promise<T>;

/** Connections that one call holds at a time, so that a tenant's setting can't meet another's statement. */
export function lanes(connection: PostgresConnection, size: number): Hold {
  const open = (): Send => {
    const sql = postgres({
      ...connection,
      max: 1,
      fetch_types: false,
      onnotice: () => {},
      connection: { role: "dais_app" } as never,
    });
    // JSON is given as text.
    Object.assign(sql.options.serializers, { 114: (text: string) => text, 3802: (text: string) => text });
    return (text, params = []) =>
      sql.unsafe(text, params as never[], { prepare: true }).execute() as unknown as Promise<Rows>;
  };
  const free = Array.from({ length: size }, open);
  const waiting: ((send: Send) => void)[] = [];
  return async (work) => {
    const send = free.pop() ?? (await new Promise<Send>((resolve) => waiting.push(resolve)));
    try {
      return await work(send);
    } finally {
      const next = waiting.shift();
      if (next) next(send);
      else free.push(send);
    }
  };
}
