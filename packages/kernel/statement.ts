import type { Ctx } from "./context.ts";
import type { Db } from "./lane.ts";

/**
 * A Drizzle query that each connection builds and prepares once: `byId(ctx).execute({ id })`. With `shape`, one for each of a few
 * forms of the query, for example the filters that a list was asked with.
 */
export function statement<T, S = void>(build: (db: Db, shape: S) => T, keyOf: (shape: S) => string = () => "") {
  const made = new WeakMap<Db, Map<string, T>>();
  return (ctx: Pick<Ctx, "db">, shape: S): T => {
    const mine = made.get(ctx.db) ?? new Map<string, T>();
    made.set(ctx.db, mine);
    const key = keyOf(shape);
    const query = mine.get(key) ?? build(ctx.db, shape);
    mine.set(key, query);
    return query;
  };
}
