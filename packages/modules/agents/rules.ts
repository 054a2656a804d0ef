import { permissions } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { type Ctx, visibleTo } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { peopleOf } from "@dais/modules/people";

/** Nobody gives an agent what they don't have. @throws agent_exceeds_caller, agent_permission_unknown */
export function withinCaller(ctx: Ctx, wanted: { permissions: readonly string[]; clearance: string }): void {
  const tooMany = wanted.permissions.filter((one) => one in permissions && !ctx.actor.permissions.has(one));
  if (tooMany.length > 0 || visibleTo(ctx.visible, wanted.clearance).length === 0)
    throw new Problem("agent_exceeds_caller", { permissions: tooMany });
  const unknown = wanted.permissions.filter((one) => !(one in permissions));
  if (unknown.length > 0) throw new Problem("agent_permission_unknown", { permissions: unknown });
}

/** @throws agent_person_unknown */
export async function known(ctx: Ctx, personIds: readonly string[]): Promise<void> {
  if (personIds.length === 0) return;
  const found = await peopleOf(ctx, personIds);
  const unknown = personIds.filter((id) => !found.has(id));
  if (unknown.length > 0) throw new Problem("agent_person_unknown", { personIds: unknown });
}

/**
 * Who answers for an agent is there, and not shut out. Held against being shut out in the same moment.
 * @throws agent_owner_unknown
 */
export async function enabled(ctx: Ctx, ownerId: string): Promise<void> {
  const text = "select 1 from people where tenant_id = $1 and id = $2 and disabled_at is null for share";
  const [row] = await ctx.send(text, [ctx.tenant.id, uuidOf(ownerId)]);
  if (!row) throw new Problem("agent_owner_unknown");
}
