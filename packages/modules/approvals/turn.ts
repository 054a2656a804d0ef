import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { type ApprovalRow, openSteps } from "@dais/kernel/approvals/steps";
import type { Ctx } from "@dais/kernel/context";

/**
 * The place in `steps` of the open one that the caller decides, or null: theirs by name, as its stand-in, in its group, by its permission, as
 * deputy of whom it names once a second term has passed; or, since the deadline, the first, where it was escalated to them. Who acts by a
 * delegation stands where its giver stands. The database is asked where only it knows: one exchange.
 */
export async function stepFor(ctx: Ctx, row: ApprovalRow): Promise<number | null> {
  const open = openSteps(row);
  const me = ctx.actor.delegation?.fromId ?? ctx.actor.id;
  const first = (fits: (approver: string) => boolean) => open.find((n) => fits(approverOf(row, n))) ?? null;
  const direct = first((approver) => approver === me) ?? first((approver) => holds(ctx, approver));
  if (direct !== null) return direct;
  const escalated = row.escalatedAt !== null && row.escalateTo !== null && open.length > 0 ? row.escalateTo : null;
  if (escalated !== null && (escalated === me || holds(ctx, escalated))) return open[0] as number;
  const named = [...open.map((n) => approverOf(row, n)), ...(escalated ? [escalated] : [])];
  if (!named.some((one) => /^(per|grp)_/.test(one))) return null;
  const { groups, givers } = await standing(ctx, row, me);
  const inGroup = first((approver) => groups.includes(approver)) ?? first((approver) => givers.includes(approver));
  if (inGroup !== null) return inGroup;
  return escalated !== null && groups.includes(escalated) ? (open[0] as number) : null;
}

const approverOf = ({ steps }: ApprovalRow, n: number): string => steps[n]?.standIn ?? steps[n]?.approver ?? "";

const holds = ({ actor }: Ctx, permission: string): boolean =>
  actor.permissions.has(permission) || (actor.delegation?.moves.includes(permission) ?? false);

/** The groups that somebody is in, and whose deputy they are today for whom this has waited a second term. Public ids. */
async function standing(ctx: Ctx, { id }: ApprovalRow, me: string): Promise<{ groups: string[]; givers: string[] }> {
  const params = [ctx.tenant.id, uuidOf(me), id, ctx.now.toISOString(), ctx.tenant.timeZone];
  const [found] = await ctx.send(text, params);
  const { groups, givers } = found as { groups: string[]; givers: string[] };
  return { groups: groups.map((one) => idOf("grp", one)), givers: givers.map((one) => idOf("per", one)) };
}

const text = `
  select to_json(array(select groups_of($1, $2))) as groups, to_json(array(
    select d.person_id from deputies d join waiting w on w.tenant_id = $1 and w.machine = 'approval' and w.resource_id = $3
      and w.person_id = d.person_id and w.escalates_at <= $4
    where d.tenant_id = $1 and d.deputy_id = $2 and d.ended_at is null
      and ($4::timestamptz at time zone $5)::date between d.from_day and d.to_day)) as givers`;
