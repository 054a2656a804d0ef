import { randomBytes } from "node:crypto";
import type { ApiKey } from "@dais/contracts/apiKeys";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { apiKeys } from "@dais/drizzle/schema/apiKeys";
import { sha256 } from "@dais/kernel/canonical";
import type { Ctx } from "@dais/kernel/context";
import { newKeyText } from "@dais/kernel/keys";
import { Problem } from "@dais/kernel/problem";
import { type Link, standingOf } from "@dais/kernel/standing";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, getTableColumns, sql } from "drizzle-orm";

/** A key with what stands behind it. */
export type Row = typeof apiKeys.$inferSelect & { line: Link[] };
type Wanted = Pick<ApiKey, "name" | "kind" | "agentId" | "permissions" | "clearance" | "ipRanges" | "expiresAt">;

const shown = { ...getTableColumns(apiKeys), line: sql<Link[]>`key_line(${apiKeys.id})` };
const mine = and(eq(apiKeys.tenantId, sql.placeholder("tenant")), eq(apiKeys.id, sql.placeholder("id")));
const byId = statement((db) => db.select(shown).from(apiKeys).where(mine).prepare("api_keys_by_id"));
const locked = statement((db) => db.select(shown).from(apiKeys).where(mine).for("update").prepare("api_keys_locked"));

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id });
  return row;
}

/** Holds a key against others who change it, and reads it. @throws api_key_not_found */
export async function hold(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await locked(ctx).execute({ tenant: ctx.tenant.id, id });
  if (!row) throw new Problem("api_key_not_found");
  return row;
}

export function newest(
  ctx: Ctx,
  { agentId }: { agentId?: string },
  before: [string, string] | null,
  limit: number,
): Promise<Row[]> {
  return ctx.db
    .select(shown)
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.tenantId, ctx.tenant.id),
        agentId ? eq(apiKeys.agentId, uuidOf(agentId)) : undefined,
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
  const id = ctx.newId();
  await ctx.db.insert(apiKeys).values({
    ...wanted,
    id,
    tenantId: ctx.tenant.id,
    hash: sha256(text),
    agentId: wanted.agentId && uuidOf(wanted.agentId),
    permissions: [...new Set(wanted.permissions)].sort(),
    createdBy: ctx.actor.id,
    expiresAt: wanted.expiresAt ? new Date(wanted.expiresAt) : null,
    createdAt: ctx.now,
  });
  return { row: (await find(ctx, id)) as Row, text };
}

/** Gives a key that is held another text, which is returned this once. The one before works until `graceEndsAt`. */
export async function renew(ctx: Ctx, before: Row, graceEndsAt: Date | null): Promise<{ row: Row; text: string }> {
  const text = newKeyText(ctx.tenant.slug, randomBytes);
  const previousHash = graceEndsAt && before.hash;
  return { row: await write(ctx, before, { hash: sha256(text), previousHash, graceEndsAt, rotatedAt: ctx.now }), text };
}

/** Ends a key that is held. */
export const end = (ctx: Ctx, before: Row): Promise<Row> => write(ctx, before, { revokedAt: ctx.now });

async function write(ctx: Ctx, { id, version }: Row, fields: Partial<typeof apiKeys.$inferInsert>): Promise<Row> {
  await ctx.db
    .update(apiKeys)
    .set({ ...fields, version: version + 1 })
    .where(and(eq(apiKeys.tenantId, ctx.tenant.id), eq(apiKeys.id, id)));
  return (await find(ctx, id)) as Row;
}

/** What a key is good for now. */
export const standing = (ctx: Ctx, { line }: Row) => standingOf(ctx.tenant.levels, line, ctx.now);

/** The row as the contract shows it. */
export function show(ctx: Ctx, row: Row): ApiKey {
  const { over, permissions } = standing(ctx, row);
  const inGrace = row.graceEndsAt !== null && row.graceEndsAt > ctx.now;
  return {
    id: idOf("key", row.id),
    name: row.name,
    kind: row.kind,
    agentId: row.agentId && idOf("agt", row.agentId),
    permissions: row.permissions,
    effectivePermissions: over ? [] : [...permissions],
    clearance: row.clearance,
    ipRanges: row.ipRanges,
    createdBy: row.createdBy,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    rotatedAt: row.rotatedAt?.toISOString() ?? null,
    graceEndsAt: inGrace ? (row.graceEndsAt?.toISOString() ?? null) : null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
}
