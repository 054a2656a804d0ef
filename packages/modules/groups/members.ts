import type { GroupMember } from "@dais/contracts/groups";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { groupMembers } from "@dais/drizzle/schema/groups";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { Problem } from "@dais/kernel/problem";

type Position = [string, string] | null;
/** A member as the list needs it: `row` is its place among those of the same name. */
type Listed = { member: GroupMember; row: string };

/** Up to `limit` of those who are in a group itself, in the order of their names, after a position. */
export async function membersOf(ctx: Ctx, id: string, after: Position, limit: number): Promise<Listed[]> {
  const beyond = after ? "where (name_en, id) > ($4, $5::uuid)" : "";
  const rows = await ctx.send(
    `select * from (
       select m.id, m.person_id, m.member_group_id, m.added_at, p.disabled_at is not null as disabled,
         coalesce(p.name_en, g.name_en) as name_en, case when p.id is null then g.name_ar else p.name_ar end as name_ar
       from group_members m
         left join people p on p.tenant_id = m.tenant_id and p.id = m.person_id
         left join groups g on g.tenant_id = m.tenant_id and g.id = m.member_group_id
       where m.tenant_id = $1 and m.group_id = $2 and m.ended_at is null
     ) as m ${beyond} order by name_en, id limit $3`,
    [ctx.tenant.id, uuidOf(id), limit, ...(after ?? [])],
  );
  return rows.map((row) => ({ member: show(row), row: row.id as string }));
}

function show(row: Rows[number]): GroupMember {
  const person = row.person_id as string | null;
  return {
    memberId: person ? idOf("per", person) : idOf("grp", row.member_group_id as string),
    kind: person ? "person" : "group",
    name: { en: row.name_en as string, ar: row.name_ar as string | null },
    disabled: row.disabled as boolean,
    addedAt: (groupMembers.addedAt.mapFromDriverValue(row.added_at) as Date).toISOString(),
  };
}

const inside = `
  with recursive inside (id) as (
    select id from groups where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null
    union select m.member_group_id from group_members m join inside i on i.id = m.group_id
    where m.tenant_id = $1 and m.member_group_id is not null and m.ended_at is null
  )
  select p.id, p.name_en, p.name_ar from people p
  where p.tenant_id = $1 and p.disabled_at is null and p.id in (
    select m.person_id from group_members m join inside i on i.id = m.group_id
    where m.tenant_id = $1 and m.person_id is not null and m.ended_at is null
  )`;

export type GroupPerson = { id: string; name: GroupMember["name"] };

/** Who is in any of these groups, by themselves or by groups in them: each once, the disabled left out, in the order of their names. */
export async function peopleIn(
  ctx: Ctx,
  ids: readonly string[],
  after: Position = null,
  limit: number | null = null,
): Promise<GroupPerson[]> {
  const beyond = after ? "and (p.name_en, p.id) > ($4, $5::uuid)" : "";
  const groups = arrayOf(ids.map(uuidOf));
  const text = `${inside} ${beyond} order by p.name_en, p.id limit $3`;
  const rows = await ctx.send(text, [ctx.tenant.id, groups, limit, ...(after ?? [])]);
  return rows.map((row) => ({
    id: idOf("per", row.id as string),
    name: { en: row.name_en as string, ar: row.name_ar as string | null },
  }));
}

/**
 * Puts a person or a group into a group that is held by `share`; false where it is in it already.
 * @throws group_member_unknown, group_cycle
 */
export async function add(ctx: Ctx, groupId: string, memberId: string): Promise<boolean> {
  const person = memberId.startsWith("per_");
  await (person ? there(ctx, "people", memberId) : outside(ctx, groupId, memberId));
  const column = person ? "person_id" : "member_group_id";
  const rows = await ctx.send(
    `insert into group_members (id, tenant_id, group_id, ${column}, added_at) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, group_id, ${column}) do update set added_at = excluded.added_at, ended_at = null
     where group_members.ended_at is not null returning 1`,
    [ctx.newId(), ctx.tenant.id, uuidOf(groupId), uuidOf(memberId), ctx.now.toISOString()],
  );
  return rows.length > 0;
}

/** Takes a person or a group out of a group; false where it is not in it. */
export async function take(ctx: Ctx, groupId: string, memberId: string): Promise<boolean> {
  const column = memberId.startsWith("per_") ? "person_id" : "member_group_id";
  const rows = await ctx.send(
    `update group_members set ended_at = $4
     where tenant_id = $1 and group_id = $2 and ${column} = $3 and ended_at is null returning 1`,
    [ctx.tenant.id, uuidOf(groupId), uuidOf(memberId), ctx.now.toISOString()],
  );
  return rows.length > 0;
}

const alive = { people: "true", groups: "deleted_at is null" };

/** Holds it against being deleted meanwhile. @throws group_member_unknown */
async function there(ctx: Ctx, table: keyof typeof alive, id: string): Promise<void> {
  const text = `select 1 from ${table} where tenant_id = $1 and id = $2 and ${alive[table]} for share`;
  const [row] = await ctx.send(text, [ctx.tenant.id, uuidOf(id)]);
  if (!row) throw new Problem("group_member_unknown");
}

/**
 * Holds groups in groups to one change at a time, then looks into the new member: meeting the group itself means a cycle. Two changes
 * that would only together make one can't pass each other.
 * @throws group_member_unknown, group_cycle
 */
async function outside(ctx: Ctx, groupId: string, memberId: string): Promise<void> {
  const [, , [found]] = await Promise.all([
    ctx.send("select pg_advisory_xact_lock(hashtextextended('groups:' || $1::text, 0))", [ctx.tenant.id]),
    there(ctx, "groups", memberId),
    ctx.send(
      `with recursive inside (id) as (
         select $2::uuid
         union select m.member_group_id from group_members m join inside i on i.id = m.group_id
         where m.tenant_id = $1 and m.member_group_id is not null and m.ended_at is null
       ) select 1 from inside where id = $3`,
      [ctx.tenant.id, uuidOf(memberId), uuidOf(groupId)],
    ),
  ]);
  if (found) throw new Problem("group_cycle");
}
