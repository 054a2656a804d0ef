import type postgres from "postgres";
import { asOwner } from "./owner.ts";
import { until } from "./streams.ts";

/** Waits until somebody waits for what a backend holds. */
export const waitsFor = (sql: postgres.Sql, pid: number): Promise<unknown> =>
  until(
    async () => (await sql`select 1 from pg_stat_activity where ${pid}::int = any (pg_blocking_pids(pid))`).length > 0,
  );

/** A row that somebody else holds, until it is released. */
export async function heldRow(table: string, id: string) {
  const sql = asOwner();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: holds, reject } = Promise.withResolvers<number>();
  const holder = sql.begin(async (tx) => {
    await tx`select 1 from ${tx(table)} where id = ${id} for update`;
    const [row] = await tx`select pg_backend_pid() as pid`;
    holds(row?.pid);
    await released;
  });
  holder.catch(reject);
  const pid = await held;
  return {
    waitedFor: () => waitsFor(sql, pid),
    async release() {
      release();
      await holder;
    },
  };
}
