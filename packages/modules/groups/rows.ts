import type { Group } from "@dais/contracts/groups";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { groups } from "@dais/drizzle/schema/groups";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import type { Rows } from "@dais/kernel/lane";
import { Problem } from "@dais/kernel/problem";

/** By text, so that statements of one turn arrive in their order: what is locked is read behind the lock. */
const byId = "select * from groups where tenant_id = $1 and id = $2 and deleted_at is null";

export async function find(ctx: Ctx, id: string): Promise<Group | undefined> {
  const [row] = await ctx.send(byId, [ctx.tenant.id, uuidOf(id)]);
  return row && show(row);
}

/**
 * Holds the group until the end of this change: against everybody who would change it, or, by `share`, only against being changed or
 * deleted: several may put something into it at once.
 * @throws group_not_found
 */
export async function hold(ctx: Ctx, id: string, how: "no key update" | "share" = "no key update"): Promise<Group> {
  const [row] = await ctx.send(`${byId} for ${how}`, [ctx.tenant.id, uuidOf(id)]);
  if (!row) throw new Problem("group_not_found");
  return show(row);
}

type Filters = { q?: string; ownerId?: string; personId?: string };

/** Up to `limit` groups in the order of their names, after a position. */
export async function some(ctx: Ctx, of: Filters, after: [string, string] | null, limit: number): Promise<Group[]> {
  const params: unknown[] = [ctx.tenant.id];
  const at = (value: unknown) => `$${params.push(value)}`;
  const where = ["g.tenant_id = $1", "g.deleted_at is null"];
  if (of.ownerId) where.push(`g.owner_id = ${at(uuidOf(of.ownerId))}`);
  if (of.q) {
    const start = at(of.q);
    where.push(`(starts_with(lower(g.name_en), lower(${start})) or starts_with(lower(g.name_ar), lower(${start})))`);
  }
  if (of.personId)
    where.push(`exists (select 1 from group_members m
      where m.tenant_id = g.tenant_id and m.group_id = g.id and m.person_id = ${at(uuidOf(of.personId))} and m.ended_at is null)`);
  if (after) where.push(`(g.name_en, g.id) > (${at(after[0])}, ${at(after[1])}::uuid)`);
  const text = `select g.* from groups g where ${where.join(" and ")} order by g.name_en, g.id limit ${at(limit)}`;
  return (await ctx.send(text, params)).map(show);
}

export type Fields = Pick<Group, "name" | "about" | "ownerId">;

/** @throws group_owner_unknown */
export async function insert(ctx: Ctx, fields: Fields): Promise<Group> {
  const [row] = await owned(
    ctx,
    fields.ownerId,
    `insert into groups (id, tenant_id, name_en, name_ar, about, owner_id, created_at, updated_at)
     values ($2, $1, $3, $4, $5, $6, $7, $7) returning *`,
    [ctx.tenant.id, ctx.newId(), ...valuesOf(ctx, fields)],
  );
  return show(row as Rows[number]);
}

/** Writes a group that is held, one version on. @throws group_owner_unknown */
export async function write(ctx: Ctx, before: Group, fields: Fields): Promise<Group> {
  const [row] = await owned(
    ctx,
    fields.ownerId === before.ownerId ? null : fields.ownerId,
    `update groups set name_en = $3, name_ar = $4, about = $5, owner_id = $6, updated_at = $7, version = version + 1
     where tenant_id = $1 and id = $2 returning *`,
    [ctx.tenant.id, uuidOf(before.id), ...valuesOf(ctx, fields)],
  );
  return show(row as Rows[number]);
}

/** Ends a group that is held: it leaves what it is in, and lets go of who is in it. */
export async function remove(ctx: Ctx, { id }: Group): Promise<Group> {
  const its = [ctx.tenant.id, uuidOf(id), ctx.now.toISOString()];
  const [, [row]] = await Promise.all([
    ctx.send(
      `update group_members set ended_at = $3
       where tenant_id = $1 and (group_id = $2 or member_group_id = $2) and ended_at is null`,
      its,
    ),
    ctx.send(
      `update groups set deleted_at = $3, updated_at = $3, version = version + 1
       where tenant_id = $1 and id = $2 returning *`,
      its,
    ),
  ]);
  return show(row as Rows[number]);
}

/** A statement that gives a group to an owner, who must be there and not shut out. Null: the owner is the one before. */
async function owned(ctx: Ctx, ownerId: string | null, text: string, params: unknown[]): Promise<Rows> {
  const unknown = () => new Problem("group_owner_unknown");
  const [owners, rows] = await Promise.all([
    ownerId && ctx.send(enabled, [ctx.tenant.id, uuidOf(ownerId)]),
    meaning({ groups_owner: unknown }, ctx.send(text, params)),
  ]);
  if (owners && owners.length === 0) throw unknown();
  return rows;
}
const enabled = "select 1 from people where tenant_id = $1 and id = $2 and disabled_at is null";

const valuesOf = (ctx: Ctx, { name, about, ownerId }: Fields) => [
  name.en,
  name.ar,
  about,
  uuidOf(ownerId),
  ctx.now.toISOString(),
];

function show(row: Rows[number]): Group {
  const kept = row as Record<"id" | "name_en" | "owner_id", string> & Record<"name_ar" | "about", string | null>;
  return {
    id: idOf("grp", kept.id),
    name: { en: kept.name_en, ar: kept.name_ar },
    about: kept.about,
    ownerId: idOf("per", kept.owner_id),
    version: row.version as number,
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
  };
}

const instant = (text: unknown): string => (groups.createdAt.mapFromDriverValue(text) as Date).toISOString();
