import { randomBytes } from "node:crypto";
import type { ApiKey } from "@dais/contracts/apiKeys";
import { idOf } from "@dais/contracts/kit/ids";
import { apiKeys } from "@dais/drizzle/schema/apiKeys";
import { sha256 } from "@dais/kernel/canonical";
import type { Ctx } from "@dais/kernel/context";
import { newKeyText } from "@dais/kernel/keys";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, sql } from "drizzle-orm";

export type Row = typeof apiKeys.$inferSelect;
type Wanted = { name: string; kind: Row["kind"]; permissions: string[]; clearance: string; expiresAt: string | null };

const mine = and(eq(apiKeys.tenantId, sql.placeholder("tenant")), eq(apiKeys.id, sql.placeholder("id")));
const byId = statement((db) => db.select().from(apiKeys).where(mine).prepare("api_keys_by_id"));
const locked = statement((db) => db.select().from(apiKeys).where(mine).for("update").prepare("api_keys_locked"));

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id });
  return row;
}

export function newest(ctx: Ctx, before: [string, string] | null, limit: number): Promise<Row[]> {
  return ctx.db
    .select()
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.tenantId, ctx.tenant.id),
        before
          ? sql`(${apiKeys.createdAt}, ${apiKeys.id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(limit);
}

/** Makes a key. Its text is returned this once; the row holds the hash. */
export async function insert(ctx: Ctx, wanted: Wanted): Promise<{ row: Row; text: string }> {
  const text = newKeyText(ctx.tenant.slug, randomBytes);
  const [row] = await ctx.db
    .insert(apiKeys)
    .values({
      ...wanted,
      id: ctx.newId(),
      tenantId: ctx.tenant.id,
      hash: sha256(text),
      permissions: [...new Set(wanted.permissions)].sort(),
      createdBy: ctx.actor.id,
      expiresAt: wanted.expiresAt ? new Date(wanted.expiresAt) : null,
      createdAt: ctx.now,
    })
    .returning();
  return { row: row as Row, text };
}

/** Ends a key; one that has ended already stays as it is. @throws api_key_not_found */
export async function end(ctx: Ctx, id: string): Promise<{ before: Row; after: Row }> {
  const [before] = await locked(ctx).execute({ tenant: ctx.tenant.id, id });
  if (!before) throw new Problem("api_key_not_found");
  if (before.revokedAt) return { before, after: before };
  const [after] = await ctx.db
    .update(apiKeys)
    .set({ revokedAt: ctx.now, version: before.version + 1 })
    .where(and(eq(apiKeys.tenantId, ctx.tenant.id), eq(apiKeys.id, id)))
    .returning();
  return { before, after: after as Row };
}

export const show = (row: Row): ApiKey => ({
  id: idOf("key", row.id),
  name: row.name,
  kind: row.kind,
  permissions: row.permissions,
  clearance: row.clearance,
  createdBy: row.createdBy,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
});
