import type { Audience } from "@dais/contracts/briefings";
import { builtInRoles } from "@dais/contracts/roles/builtIn";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";

/** What an audience names that isn't there: groups, entities and people by their ids, roles by their keys. One statement, or none. */
export async function unknownIn(ctx: Ctx, { groupIds, roles, entityIds, personIds }: Audience): Promise<string[]> {
  const lost = roles.filter((role) => !builtInRoles.some(({ key }) => key === role));
  const ids = [...groupIds, ...entityIds, ...personIds];
  if (ids.length === 0) return lost;
  const rows = await ctx.send(missing, [ctx.tenant.id, arrayOf(ids)]);
  return [...rows.map((row) => row.name as string), ...lost];
}

const missing = `
  select name from unnest($2::text[]) as name cross join lateral uuid_of(name) as its
  where not exists (select from groups where tenant_id = $1 and id = its and deleted_at is null and name like 'grp%')
    and not exists (select from entities where tenant_id = $1 and id = its and name like 'ent%')
    and not exists (select from people where tenant_id = $1 and id = its and name like 'per%')
  order by name`;
