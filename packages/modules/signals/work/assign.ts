import { uuidOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import { record } from "@dais/kernel/audit";
import { type Ctx, visibleTo } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { atVersion, hold, resourceOf, unmerged } from "../hold.ts";
import { touch } from "../raise.ts";
import { type Row, show } from "../workflow.ts";

const personText = "select clearance from people where tenant_id = $1 and id = $2 and disabled_at is null";
const assignText =
  "update signals set assignee_id = $3, version = version + 1, updated_at = $4 where tenant_id = $1 and id = $2";

/**
 * Says who works on a signal.
 * @throws signal_not_found, signal_changed, signal_merged, signal_assignee_unknown, signal_assignee_uncleared
 */
export async function assign(
  ctx: Ctx,
  { id, version, personId }: { id: string; version: number; personId: string | null },
): Promise<Signal> {
  const uuid = personId && uuidOf(personId);
  const [row, people] = await Promise.all([hold(ctx, id), uuid && ctx.send(personText, [ctx.tenant.id, uuid])]);
  atVersion(row, version);
  unmerged(row);
  if (people) fits(ctx, row, people[0]?.clearance as string | undefined);
  const changed = row.assigneeId !== uuid;
  const after = changed ? { ...row, assigneeId: uuid, version: version + 1, updatedAt: ctx.now } : row;
  if (changed)
    await Promise.all([
      ctx.send(assignText, [ctx.tenant.id, row.id, uuid, ctx.now.toISOString()]),
      touch(ctx, [row.id]),
    ]);
  const [resource, shown] = [resourceOf(after), show(after)];
  record(ctx, { resource, before: show(row), after: shown, changed });
  if (changed) emit(ctx, { name: "signal.assigned", resource, payload: { id, assigneeId: personId } });
  return shown;
}

function fits(ctx: Ctx, row: Row, clearance: string | undefined): void {
  if (clearance === undefined) throw new Problem("signal_assignee_unknown");
  if (!visibleTo(ctx.tenant.levels, clearance).includes(row.classification))
    throw new Problem("signal_assignee_uncleared");
}
