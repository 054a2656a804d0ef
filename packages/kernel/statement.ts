import type { Ctx } from "./context.ts";
import type { Db } from "./lane.ts";

/**
 * A Drizzle query that each connection builds and prepares once: `byId(ctx).execute({ id })`. With `shape`, one for each of a few
 * forms of the query, for example the filters that a list was asked with.
 */
export function statement<T, S = void>(build: (db: Db, shape: S) => T, keyOf: (shape: S) => string = () => "") {
  const made = new WeakMap<Db, Map<string, T>>();
  return (ctx: Pick<Ctx, "db">, shape: S): T => {
    let mine = made.get(ctx.db);
    if (!mine) made.set(ctx.db, (mine = new Map()));
    const key = keyOf(shape);
    let query = mine.get(key);
    if (!query) mine.set(key, (query = build(ctx.db, shape)));
    return query;
  };
}
