import type { Entity } from "@dais/contracts/entities";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { entities } from "@dais/drizzle/schema/entities";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, asc, eq, gt, sql } from "drizzle-orm";

type Row = typeof entities.$inferSelect;
type Wanted = { name?: Entity["name"]; kind?: Entity["kind"]; parentId?: string | null };

const mine = and(eq(entities.tenantId, sql.placeholder("tenant")), eq(entities.id, sql.placeholder("id")));
const byId = statement((db) => db.select().from(entities).where(mine).prepare("entities_by_id"));
/** As an update locks it, and no stronger: who puts something below it at the same time doesn't wait, nor the two for each other. */
const locked = statement((db) =>
  db.select().from(entities).where(mine).for("no key update").prepare("entities_locked"),
);

export async function find(ctx: Ctx, id: string): Promise<Entity | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) });
  return row && show(row);
}

/** In the order of their keys, after `after`. */
export async function some(ctx: Ctx, of: { parentId?: string; after?: string; limit: number }): Promise<Entity[]> {
  const rows = await ctx.db
    .select()
    .from(entities)
    .where(
      and(
        eq(entities.tenantId, ctx.tenant.id),
        of.parentId ? eq(entities.parentId, uuidOf(of.parentId)) : undefined,
        of.after === undefined ? undefined : gt(entities.key, of.after),
      ),
    )
    .orderBy(asc(entities.key))
    .limit(of.limit);
  return rows.map(show);
}

/** @throws entity_key_taken, entity_parent_unknown */
export async function insert(
  ctx: Ctx,
  input: Required<Wanted> & { key: string; name: Entity["name"]; kind: Entity["kind"] },
): Promise<Entity> {
  const rows = await meaning(
    {
      entities_tenant_key: () => new Problem("entity_key_taken"),
      entities_parent: () => new Problem("entity_parent_unknown"),
    },
    ctx.db
      .insert(entities)
      .values({
        id: ctx.newId(),
        tenantId: ctx.tenant.id,
        key: input.key,
        nameEn: input.name.en,
        nameAr: input.name.ar,
        kind: input.kind,
        parentId: input.parentId && uuidOf(input.parentId),
        createdAt: ctx.now,
        updatedAt: ctx.now,
      })
      .returning()
      .execute(),
  );
  return show(rows[0] as Row);
}

/** @throws entity_not_found, entity_changed, entity_parent_unknown, entity_cycle */
export async function change(
  ctx: Ctx,
  id: string,
  version: number,
  wanted: Wanted,
): Promise<{ before: Entity; after: Entity }> {
  const [row] = await locked(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) });
  if (!row) throw new Problem("entity_not_found");
  if (row.version !== version) throw new Problem("entity_changed", { version: row.version });
  const parentId = wanted.parentId === undefined ? row.parentId : wanted.parentId && uuidOf(wanted.parentId);
  if (parentId && parentId !== row.parentId) await outside(ctx, row.id, parentId);
  const next = {
    nameEn: wanted.name?.en ?? row.nameEn,
    nameAr: wanted.name ? wanted.name.ar : row.nameAr,
    kind: wanted.kind ?? row.kind,
    parentId,
  };
  const before = show(row);
  if (JSON.stringify(show({ ...row, ...next })) === JSON.stringify(before)) return { before, after: before };
  const rows = await meaning(
    { entities_parent: () => new Problem("entity_parent_unknown") },
    ctx.db
      .update(entities)
      .set({ ...next, version: version + 1, updatedAt: ctx.now })
      .where(and(eq(entities.tenantId, ctx.tenant.id), eq(entities.id, row.id)))
      .returning()
      .execute(),
  );
  return { before, after: show(rows[0] as Row) };
}

/**
 * Holds the tree's moves to one at a time, then climbs from the new parent: meeting the entity itself means a cycle. Two moves that
 * would only together make one can't pass each other.
 * @throws entity_cycle
 */
async function outside(ctx: Ctx, id: string, parentId: string): Promise<void> {
  await ctx.send("select pg_advisory_xact_lock(hashtextextended('entities:' || $1::text, 0))", [ctx.tenant.id]);
  const [found] = await ctx.send(
    `with recursive up as (
       select id, parent_id from entities where tenant_id = $1 and id = $2
       union select e.id, e.parent_id from entities e join up on e.id = up.parent_id where e.tenant_id = $1
     ) select 1 from up where id = $3`,
    [ctx.tenant.id, parentId, id],
  );
  if (found) throw new Problem("entity_cycle");
}

const show = (row: Row): Entity => ({
  id: idOf("ent", row.id),
  key: row.key,
  name: { en: row.nameEn, ar: row.nameAr },
  kind: row.kind,
  parentId: row.parentId && idOf("ent", row.parentId),
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
