import { uuidOf } from "@dais/contracts/kit/ids";
import { movePermissions } from "@dais/contracts/workflows/derived";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "../context.ts";
import { Problem } from "../problem.ts";

/**
 * Sees to it that each approver is there, and that behind each stands somebody who could decide: not shut out, cleared, with the permission
 * to, and none of those who ask. Which of them it isn't so of, only who may read people hears. One exchange.
 * @throws approval_approver_unknown, approval_approver_unfit
 */
export async function allFit(ctx: Ctx, approvers: readonly string[], classification: string): Promise<void> {
  const strange = approvers.filter((one) => !/^(per|grp)_/.test(one) && !movePermissions.includes(one));
  if (strange.length > 0) throw new Problem("approval_approver_unknown", { approvers: strange });
  const wanted = approvers.map((one, n) => ({
    n,
    person: one.startsWith("per_") ? uuidOf(one) : null,
    team: one.startsWith("grp_") ? uuidOf(one) : null,
    permission: /^(per|grp)_/.test(one) ? null : one,
  }));
  const { levels } = ctx.tenant;
  const cleared = levels.slice(levels.indexOf(classification));
  const rows = await ctx.send(text, [
    ctx.tenant.id,
    JSON.stringify(wanted),
    arrayOf(cleared),
    arrayOf(ctx.actor.persons.map(uuidOf)),
  ]);
  const those = (which: "known" | "fit") =>
    rows.filter((row) => row[which] !== true).map(({ n }) => approvers[n as number] as string);
  const [unknown, unfit] = [those("known"), those("fit")];
  if (unknown.length > 0) throw new Problem("approval_approver_unknown", { approvers: unknown });
  const may = ctx.actor.kind === "system" || ctx.actor.permissions.has("person.read");
  if (unfit.length > 0) throw new Problem("approval_approver_unfit", may ? { approvers: unfit } : {});
}

/** Whether the person `p` could decide what needs one of the clearances $3, and is none of $4. */
const fits = `p.tenant_id = $1 and p.disabled_at is null and p.clearance = any ($3::text[]) and p.id <> all ($4::uuid[])
  and permissions_of(roles_of(p.id)) @> '{approval.approve}'`;

const text = `
  with recursive wanted as (
    select * from json_to_recordset($2::json) as r (n int, person uuid, team uuid, permission text)
  ), inside (n, id) as (
    select w.n, g.id from wanted w join groups g on g.tenant_id = $1 and g.id = w.team and g.deleted_at is null
    union
    select i.n, m.member_group_id from inside i join group_members m on m.tenant_id = $1 and m.group_id = i.id
    where m.member_group_id is not null and m.ended_at is null
  )
  select w.n,
    case when w.person is not null then exists (select from people p where p.tenant_id = $1 and p.id = w.person)
      when w.team is not null then exists (select from inside i where i.n = w.n) else true end as known,
    case when w.person is not null then exists (select from people p where p.id = w.person and ${fits})
      when w.team is not null then exists (
        select from inside i join group_members m on m.tenant_id = $1 and m.group_id = i.id and m.ended_at is null
          join people p on p.id = m.person_id where i.n = w.n and ${fits})
      else exists (select from people p where ${fits} and permissions_of(roles_of(p.id)) @> array[w.permission]) end as fit
  from wanted w order by w.n`;
