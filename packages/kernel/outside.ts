import type { Ctx } from "./context.ts";

/**
 * Does what takes long and needs no database: the read's connection goes to others first, and the read gets no other. Asking the
 * database after that throws. Only for reads: a command's transaction stays open until it ends.
 */
export function outside<T>(ctx: Ctx, work: () => Promise<T>): Promise<T> {
  ctx.leave();
  return work();
}

/** Lets a read give its connection back. Resolves when it has: by then the connection may be another organisation's, and the context refuses it. */
export function leaving(ctx: Ctx): Promise<true> {
  const { promise, resolve } = Promise.withResolvers<true>();
  const gone = (): never => {
    throw new Error(`${ctx.operation.path} asked the database after it had left it`);
  };
  Object.assign(ctx, {
    leave() {
      Object.defineProperties(ctx, { db: { get: gone }, send: { value: gone } });
      resolve(true);
    },
  });
  return promise;
}
