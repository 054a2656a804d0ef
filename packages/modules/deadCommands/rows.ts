import type { DeadCommand, deadCommandStates } from "@dais/contracts/deadCommands";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { deadCommands, integrations } from "@dais/drizzle/schema/amqp";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, inArray, type SQL, sql } from "drizzle-orm";

export type Row = typeof deadCommands.$inferSelect;
export type State = (typeof deadCommandStates)[number];

const p = sql.placeholder;
const mine = eq(deadCommands.tenantId, p("tenant"));
const byId = statement((db) =>
  db
    .select()
    .from(deadCommands)
    .where(and(mine, eq(deadCommands.id, p("id"))))
    .prepare("dead_commands_by_id"),
);
const forUpdate = statement((db) =>
  db
    .select({ row: deadCommands, closedAt: integrations.closedAt })
    .from(deadCommands)
    .innerJoin(
      integrations,
      and(eq(integrations.tenantId, deadCommands.tenantId), eq(integrations.id, deadCommands.integrationId)),
    )
    .where(and(mine, sql`${deadCommands.id} = any (${p("ids")}::uuid[])`))
    // In one order, so that two who decide about the same don't wait for each other.
    .orderBy(deadCommands.id)
    .for("update", { of: deadCommands })
    .prepare("dead_commands_locked"),
);

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id });
  return row;
}

/** A row that is held, and whether its integration is closed: nobody reads its queue then. */
export type Held = Row & { closed: boolean };

export async function locked(ctx: Ctx, ids: readonly string[]): Promise<Held[]> {
  const rows = await forUpdate(ctx).execute({ tenant: ctx.tenant.id, ids: arrayOf(ids) });
  return rows.map(({ row, closedAt }) => ({ ...row, closed: closedAt !== null }));
}

const state: SQL = sql`case when ${deadCommands.doneAt} is not null then 'done' when ${deadCommands.droppedAt} is not null then 'dropped'
  when ${deadCommands.replayedAt} is not null then 'replaying' else 'failed' end`;

type Filters = { state?: State[]; integrationId?: string; limit: number };

/** Up to `limit + 1` rows, those that failed last first. */
export const some = (ctx: Ctx, filters: Filters, before: [string, string] | null): Promise<Row[]> =>
  ctx.db
    .select()
    .from(deadCommands)
    .where(
      and(
        eq(deadCommands.tenantId, ctx.tenant.id),
        filters.integrationId ? eq(deadCommands.integrationId, uuidOf(filters.integrationId)) : undefined,
        filters.state ? sql`${state} = any (${arrayOf(filters.state)}::text[])` : undefined,
        before
          ? sql`(${deadCommands.failedAt}, ${deadCommands.id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(deadCommands.failedAt), desc(deadCommands.id))
    .limit(filters.limit + 1);

/** Notes a decision about rows that are locked. */
export const set = (
  ctx: Ctx,
  ids: readonly string[],
  fields: Partial<Pick<Row, "replayedAt" | "sentAt" | "droppedAt">>,
): Promise<unknown> =>
  ctx.db
    .update(deadCommands)
    .set(fields)
    .where(and(eq(deadCommands.tenantId, ctx.tenant.id), inArray(deadCommands.id, [...ids])));

export const stateOf = ({ doneAt, droppedAt, replayedAt }: Row): State => {
  if (doneAt) return "done";
  if (droppedAt) return "dropped";
  return replayedAt ? "replaying" : "failed";
};

/** The row as the contract shows it. */
export const show = (row: Row): DeadCommand => ({
  id: idOf("dlc", row.id),
  integrationId: idOf("int", row.integrationId),
  state: stateOf(row),
  messageId: row.messageId,
  operation: row.operation,
  idempotencyKey: row.idempotencyKey,
  bytes: row.bytes,
  replayable: row.body !== null,
  errorCode: row.errorCode,
  attempts: row.attempts,
  failedAt: row.failedAt.toISOString(),
  decidedAt: (row.doneAt ?? row.droppedAt)?.toISOString() ?? null,
});
