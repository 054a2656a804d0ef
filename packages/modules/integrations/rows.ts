import { type Integration, mostIntegrations } from "@dais/contracts/integrations";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { integrations } from "@dais/drizzle/schema/amqp";
import { queuesOf } from "@dais/kernel/amqp/commands";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { type Link, standingOf } from "@dais/kernel/standing";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, sql } from "drizzle-orm";

export type Row = typeof integrations.$inferSelect;

const mine = and(eq(integrations.tenantId, sql.placeholder("tenant")), eq(integrations.id, sql.placeholder("id")));
const byId = statement((db) => db.select().from(integrations).where(mine).prepare("integrations_by_id"));
const locked = statement((db) =>
  db.select().from(integrations).where(mine).for("update").prepare("integrations_locked"),
);

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id });
  return row;
}

/** Holds the integration against others who change it, and reads it. @throws integration_not_found */
export async function hold(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await locked(ctx).execute({ tenant: ctx.tenant.id, id });
  if (!row) throw new Problem("integration_not_found");
  return row;
}

export const newest = (ctx: Ctx, before: [string, string] | null, limit: number): Promise<Row[]> =>
  ctx.db
    .select()
    .from(integrations)
    .where(
      and(
        eq(integrations.tenantId, ctx.tenant.id),
        before
          ? sql`(${integrations.createdAt}, ${integrations.id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(integrations.createdAt), desc(integrations.id))
    .limit(limit);

/** What a key is good for that a queue may be opened with, as it was made and as it stands; null where it is none. */
export async function keyOf(ctx: Ctx, id: string): Promise<{ permissions: string[]; clearance: string } | null> {
  const [row] = await ctx.send(
    `select to_json(permissions) as permissions, clearance, key_line(id) as line from api_keys
     where tenant_id = $1 and id = $2 and kind = 'client' and ip_ranges is null and revoked_at is null`,
    [ctx.tenant.id, id],
  );
  if (!row || standingOf(ctx.tenant.levels, row.line as Link[], ctx.now).over) return null;
  return { permissions: row.permissions as string[], clearance: row.clearance as string };
}

/** Those of an organisation are made one after the other, so that the limit holds. @throws integration_limit */
export async function insert(ctx: Ctx, { name, keyId }: Pick<Integration, "name" | "keyId">): Promise<Row> {
  const { id: tenantId } = ctx.tenant;
  const [, [others], [row]] = await Promise.all([
    ctx.send("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`integrations ${tenantId}`]),
    ctx.send(othersText, [tenantId, mostIntegrations]),
    ctx.db
      .insert(integrations)
      .values({
        ...{ id: ctx.newId(), tenantId, name, keyId: uuidOf(keyId) },
        ...{ createdBy: ctx.actor.id, createdAt: ctx.now, updatedAt: ctx.now },
      })
      .returning(),
  ]);
  if (Number(others?.count) >= mostIntegrations) throw new Problem("integration_limit", { limit: mostIntegrations });
  return row as Row;
}
const othersText =
  "select count(*) from (select from integrations where tenant_id = $1 and closed_at is null limit $2) as i";

/** Closes an integration that is held, one version on. */
export async function end(ctx: Ctx, before: Row): Promise<Row> {
  const [row] = await ctx.db
    .update(integrations)
    .set({ closedAt: ctx.now, problem: null, version: before.version + 1, updatedAt: ctx.now })
    .where(and(eq(integrations.tenantId, ctx.tenant.id), eq(integrations.id, before.id)))
    .returning();
  return row as Row;
}

/** The row as the contract shows it. */
export const show = (row: Row): Integration => ({
  id: idOf("int", row.id),
  name: row.name,
  keyId: idOf("key", row.keyId),
  queue: queuesOf(row).commands,
  problem: row.problem,
  closedAt: row.closedAt?.toISOString() ?? null,
  createdBy: row.createdBy,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
});
