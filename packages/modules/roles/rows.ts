import type { RoleMapping } from "@dais/contracts/roles";
import type { Ctx } from "@dais/kernel/context";

/** Up to `limit` mappings after a position, in the order of kind, value and role. */
export async function some(
  ctx: Ctx,
  role: string | undefined,
  after: [string, string, string] | null,
  limit: number,
): Promise<RoleMapping[]> {
  const params: unknown[] = [ctx.tenant.id];
  const at = (value: unknown) => `$${params.push(value)}`;
  const where = ["tenant_id = $1", "ended_at is null"];
  if (role) where.push(`role = ${at(role)}`);
  if (after) where.push(`(kind, value, role) > (${after.map(at).join(", ")})`);
  const rows = await ctx.send(
    `select kind, value, role from directory_rules where ${where.join(" and ")} order by kind, value, role limit ${at(limit)}`,
    params,
  );
  return rows.map(({ kind, value, role }) => ({ kind, value, role }) as RoleMapping);
}

/** False where it is there already. */
export async function add(ctx: Ctx, { kind, value, role }: RoleMapping): Promise<boolean> {
  const rows = await ctx.send(
    `insert into directory_rules (tenant_id, kind, value, role) values ($1, $2, $3, $4)
     on conflict (tenant_id, kind, value, role) do update set ended_at = null where directory_rules.ended_at is not null
     returning 1`,
    [ctx.tenant.id, kind, value, role],
  );
  return rows.length > 0;
}

/**
 * Ends a mapping; says whether it was there, and whether without it somebody could still be administrator. Holds off whoever else takes
 * one away until the end of this change.
 */
export async function end(
  ctx: Ctx,
  { kind, value, role }: RoleMapping,
): Promise<{ changed: boolean; adminElsewhere: boolean }> {
  const [, ended, [row]] = await Promise.all([
    ctx.send("select pg_advisory_xact_lock(hashtextextended('admins:' || $1::text, 0))", [ctx.tenant.id]),
    ctx.send(
      `update directory_rules set ended_at = $5
       where tenant_id = $1 and kind = $2 and value = $3 and role = $4 and ended_at is null returning 1`,
      [ctx.tenant.id, kind, value, role, ctx.now.toISOString()],
    ),
    ctx.send(
      `select exists (select 1 from directory_rules where tenant_id = $1 and role = 'admin' and ended_at is null)
         or exists (
           select 1 from person_roles r join people p on p.tenant_id = r.tenant_id and p.id = r.person_id
           where r.tenant_id = $1 and r.role = 'admin' and r.source = 'granted' and r.ended_at is null and p.disabled_at is null
         ) as admin`,
      [ctx.tenant.id],
    ),
  ]);
  return { changed: ended.length > 0, adminElsewhere: row?.admin === true };
}
