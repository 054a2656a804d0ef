import type { Counts } from "@dais/contracts/dispatches";
import { recipientStates } from "@dais/contracts/dispatches/values";
import { uuidOf } from "@dais/contracts/kit/ids";
import { dispatches } from "@dais/drizzle/schema/dispatches";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import { and, desc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { Head, Row } from "./workflow.ts";

const { content: _c, audience: _a, policy: _p, ...head } = getTableColumns(dispatches);
const summary = {
  ...head,
  templateKey: sql<string>`${dispatches.content}->>'templateKey'`,
  category: sql<Head["category"]>`${dispatches.content}->>'category'`,
};

/** At or below the caller's clearance. */
const seen = (ctx: Ctx) =>
  and(eq(dispatches.tenantId, ctx.tenant.id), inArray(dispatches.classification, [...ctx.visible]));

/** @throws dispatch_not_found */
export async function find(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.db
    .select()
    .from(dispatches)
    .where(and(seen(ctx), eq(dispatches.id, uuidOf(id))));
  if (!row) throw new Problem("dispatch_not_found");
  return row;
}

/** The dispatch, by its uuid, held until the end of this change; undefined where it is not there. */
export async function hold(ctx: Ctx, id: string): Promise<Row | undefined> {
  const mine = and(eq(dispatches.tenantId, ctx.tenant.id), eq(dispatches.id, id));
  const [row] = await ctx.db.select().from(dispatches).where(mine).for("no key update");
  return row;
}

type Filters = { state?: Row["state"]; subjectType?: string; subjectId?: string };

/** Up to `limit` dispatches, newest first. */
export function newest(ctx: Ctx, of: Filters, before: [string, string] | null, limit: number): Promise<Head[]> {
  const { state, subjectType, subjectId, createdAt, id } = dispatches;
  return ctx.db
    .select(summary)
    .from(dispatches)
    .where(
      and(
        seen(ctx),
        of.state ? eq(state, of.state) : undefined,
        of.subjectType ? eq(subjectType, of.subjectType) : undefined,
        of.subjectId ? eq(subjectId, of.subjectId) : undefined,
        before ? sql`(${createdAt}, ${id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}

/** The uuids of those that are about a thing and go on, whoever sees them. */
export async function runningAbout(ctx: Ctx, type: string, id: string): Promise<string[]> {
  const { tenantId, subjectType, subjectId, state } = dispatches;
  const about = and(eq(tenantId, ctx.tenant.id), eq(subjectType, type), eq(subjectId, id));
  const rows = await ctx.db
    .select({ id: dispatches.id })
    .from(dispatches)
    .where(and(about, eq(state, "running")));
  return rows.map((row) => row.id);
}

/** @throws dispatch_entity_unknown */
export async function insert(ctx: Ctx, values: Omit<typeof dispatches.$inferInsert, "tenantId">): Promise<Row> {
  const [row] = await meaning(
    { dispatches_entity: () => new Problem("dispatch_entity_unknown") },
    ctx.db
      .insert(dispatches)
      .values({ ...values, tenantId: ctx.tenant.id })
      .returning(),
  );
  return row as Row;
}

/** Notes that nobody more is written down, one version on. */
export async function markAddressed(ctx: Ctx, { id, version }: Row): Promise<Row> {
  const [row] = await ctx.db
    .update(dispatches)
    .set({ addressedAt: ctx.now, version: version + 1, updatedAt: ctx.now })
    .where(and(eq(dispatches.tenantId, ctx.tenant.id), eq(dispatches.id, id)))
    .returning();
  return row as Row;
}

/** How many recipients are in each state. */
export async function countsOf(ctx: Ctx, id: string): Promise<Counts> {
  const rows = await ctx.send(
    "select state, count(*)::int as n from dispatch_recipients where tenant_id = $1 and dispatch_id = $2 group by state",
    [ctx.tenant.id, uuidOf(id)],
  );
  const found = new Map(rows.map(({ state, n }) => [state as string, n as number]));
  return Object.fromEntries(recipientStates.map((state) => [state, found.get(state) ?? 0])) as Counts;
}
