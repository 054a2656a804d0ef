import type { Job } from "@dais/contracts/jobs";
import { idOf } from "@dais/contracts/kit/ids";
import { jobs } from "@dais/drizzle/schema/jobs";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, getTableColumns, lt, sql } from "drizzle-orm";

// What a job works on may lie above the reader's clearance: it is not even read here.
const { data: _data, position: _position, ...columns } = getTableColumns(jobs);
export type Row = Omit<typeof jobs.$inferSelect, "data" | "position">;

const p = sql.placeholder;
const mine = and(eq(jobs.tenantId, p("tenant")), eq(jobs.id, p("id")));
const byId = statement((db) => db.select(columns).from(jobs).where(mine).prepare("jobs_by_id"));
const unless = statement((db) =>
  db.select(columns).from(jobs).where(mine).for("update", { skipLocked: true }).prepare("jobs_locked"),
);

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id });
  return row;
}

/** The row, locked; undefined also while a step of the job has it. */
export async function locked(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await unless(ctx).execute({ tenant: ctx.tenant.id, id });
  return row;
}

type Filters = { state?: Row["state"][]; name?: string; limit: number };
const list = statement(
  (db, given: ReadonlySet<string>) =>
    db
      .select(columns)
      .from(jobs)
      .where(
        and(
          eq(jobs.tenantId, p("tenant")),
          given.has("state") ? sql`${jobs.state} = any (${p("state")}::text[])` : undefined,
          given.has("name") ? eq(jobs.name, p("name")) : undefined,
          given.has("before") ? lt(jobs.id, p("before")) : undefined,
        ),
      )
      .orderBy(desc(jobs.id))
      .limit(p("limit"))
      .prepare("jobs_list"),
  (given) => [...given].sort().join(),
);

/** Up to `limit + 1` rows, newest first: ids grow with time. */
export function some(ctx: Ctx, { state, name, limit }: Filters, before: string | null): Promise<Row[]> {
  const given = new Set([...(state ? ["state"] : []), ...(name ? ["name"] : []), ...(before ? ["before"] : [])]);
  return list(ctx, given).execute({
    tenant: ctx.tenant.id,
    state: arrayOf(state ?? []),
    name,
    before,
    limit: limit + 1,
  });
}

/** Changes a row that is locked. One that is set to wait is queued by the database, under its new `run`. */
export async function set(ctx: Ctx, row: Row, fields: Partial<Row>): Promise<Row> {
  const [after] = await ctx.db
    .update(jobs)
    .set({ ...fields, version: row.version + 1 })
    .where(and(eq(jobs.tenantId, ctx.tenant.id), eq(jobs.id, row.id)))
    .returning(columns);
  return after as Row;
}

export const show = (row: Row): Job => ({
  id: idOf("job", row.id),
  name: row.name,
  state: row.state,
  attempts: row.attempts,
  maxAttempts: row.retryLimit + 1,
  error: row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? "" },
  progress: row.done === null ? null : { done: row.done, total: row.total },
  onBehalfOf: row.onBehalfOf,
  requestId: row.requestId,
  startAfter: row.startAfter?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  startedAt: row.startedAt?.toISOString() ?? null,
  finishedAt: row.finishedAt?.toISOString() ?? null,
  version: row.version,
});
