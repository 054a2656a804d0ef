import type { DeadLetter, deadLetterStates } from "@dais/contracts/deadLetters";
import { idOf } from "@dais/contracts/kit/ids";
import { deadLetters } from "@dais/drizzle/schema/deliveries";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, isNull, or, type SQL, sql } from "drizzle-orm";

export type Row = typeof deadLetters.$inferSelect;
type State = (typeof deadLetterStates)[number];

const p = sql.placeholder;
/** Every query's first condition: the caller's tenant, at or below the caller's clearance. */
const mine = and(
  eq(deadLetters.tenantId, p("tenant")),
  or(isNull(deadLetters.classification), sql`${deadLetters.classification} = any (${p("visible")}::text[])`),
);
const one = and(mine, eq(deadLetters.id, p("id")));
const byId = statement((db) => db.select().from(deadLetters).where(one).prepare("dead_letters_by_id"));
const forUpdate = statement((db) =>
  db.select().from(deadLetters).where(one).for("update").prepare("dead_letters_locked"),
);

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, visible: arrayOf(ctx.visible), id });
  return row;
}

export async function locked(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await forUpdate(ctx).execute({ tenant: ctx.tenant.id, visible: arrayOf(ctx.visible), id });
  return row;
}

/** What was decided last counts; where nothing was, whether it is to be tried once more. */
const state: SQL = sql`case when ${deadLetters.deliveredAt} is not null then 'delivered' when ${deadLetters.droppedAt} is not null then 'dropped'
  when ${deadLetters.retriedAt} is not null then 'retrying' else 'failed' end`;

type Filters = { state?: State[]; consumer?: string; limit: number };
const list = statement(
  (db, given: ReadonlySet<string>) =>
    db
      .select()
      .from(deadLetters)
      .where(
        and(
          mine,
          given.has("state") ? sql`${state} = any (${p("state")}::text[])` : undefined,
          given.has("consumer") ? eq(deadLetters.consumer, p("consumer")) : undefined,
          given.has("before")
            ? sql`(${deadLetters.failedAt}, ${deadLetters.id}) < (${p("at")}::timestamptz, ${p("before")}::uuid)`
            : undefined,
        ),
      )
      .orderBy(desc(deadLetters.failedAt), desc(deadLetters.id))
      .limit(p("limit"))
      .prepare("dead_letters_list"),
  (given) => [...given].sort().join(),
);

/** Up to `limit + 1` rows, those that failed last first. */
export function some(ctx: Ctx, filters: Filters, before: [string, string] | null): Promise<Row[]> {
  const { state: states, consumer, limit } = filters;
  const given = new Set([
    ...(states ? ["state"] : []),
    ...(consumer ? ["consumer"] : []),
    ...(before ? ["before"] : []),
  ]);
  return list(ctx, given).execute({
    tenant: ctx.tenant.id,
    visible: arrayOf(ctx.visible),
    state: arrayOf(states ?? []),
    consumer,
    at: before?.[0],
    before: before?.[1],
    limit: limit + 1,
  });
}

/** Notes a decision about a row that is locked. */
export async function set(ctx: Ctx, id: string, fields: Partial<Pick<Row, "retriedAt" | "droppedAt">>): Promise<Row> {
  const [row] = await ctx.db
    .update(deadLetters)
    .set(fields)
    .where(and(eq(deadLetters.tenantId, ctx.tenant.id), eq(deadLetters.id, id)))
    .returning();
  return row as Row;
}

const stateOf = ({ deliveredAt, droppedAt, retriedAt }: Row): State => {
  if (deliveredAt) return "delivered";
  if (droppedAt) return "dropped";
  return retriedAt ? "retrying" : "failed";
};

export const show = (row: Row): DeadLetter => ({
  id: idOf("dlt", row.id),
  state: stateOf(row),
  consumer: row.consumer,
  eventId: idOf("evt", row.eventId),
  event: row.eventName,
  resourceType: row.resourceType,
  classification: row.classification,
  errorCode: row.errorCode,
  attempts: row.attempts,
  requestId: row.requestId,
  occurredAt: row.occurredAt.toISOString(),
  failedAt: row.failedAt.toISOString(),
  decidedAt: (row.deliveredAt ?? row.droppedAt)?.toISOString() ?? null,
});
