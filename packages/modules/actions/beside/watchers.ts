import type { ActionWatcher } from "@dais/contracts/actions/beside";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { isCleared } from "../known.ts";
import { holdBeside, sees } from "../rows.ts";
import { resourceOf } from "../workflow.ts";
import { instant, sides } from "./pages.ts";

/** Of those who begin. The list shows more, where more began before there was a most. */
const most = 200;

type Named = { id: string; personId: string };

/** @throws action_not_found */
export async function watchers(ctx: Ctx, { id }: { id: string }): Promise<{ items: ActionWatcher[] }> {
  const text = `
    select * from action_watchers where tenant_id = $1 and action_id = $2 and ended_at is null order by at, person_id limit 500`;
  const [rows, there] = await Promise.all([ctx.send(text, [ctx.tenant.id, uuidOf(id)]), sees(ctx, id)]);
  if (!there) throw new Problem("action_not_found");
  return { items: rows.map(show) };
}

const personText = "select clearance from people where tenant_id = $1 and id = $2 and disabled_at is null";
const foundText =
  "select * from action_watchers where tenant_id = $1 and action_id = $2 and person_id = $3 and ended_at is null";
const watchText = `
  insert into action_watchers as w (tenant_id, action_id, person_id, by, at)
  select $1, a.id, p.id, $4, $5 from actions a join people p on p.tenant_id = $1 and p.id = $3 where a.tenant_id = $1 and a.id = $2
  on conflict (tenant_id, action_id, person_id) do update set by = excluded.by, at = excluded.at, ended_at = null
  where w.ended_at is not null returning *`;

const countText =
  "select count(*)::int as count from action_watchers where tenant_id = $1 and action_id = $2 and ended_at is null";

/**
 * Who may not see the action doesn't watch it. Two who would be the last one begin one after the other.
 * @throws action_not_found, action_person_unknown, action_person_uncleared, action_watchers_full
 */
export async function watch(ctx: Ctx, { id, personId }: Named): Promise<{ changed: boolean; watcher: ActionWatcher }> {
  const its = [ctx.tenant.id, uuidOf(id), uuidOf(personId)];
  const [row, [person], [began], [found], [those]] = await Promise.all([
    holdBeside(ctx, id, true),
    ctx.send(personText, [ctx.tenant.id, uuidOf(personId)]),
    ctx.send(watchText, [...its, ctx.actor.id, ctx.now.toISOString()]),
    ctx.send(foundText, its),
    ctx.send(countText, its.slice(0, 2)),
  ]);
  if (!person || !found) throw new Problem("action_person_unknown", { personIds: [personId] });
  if (!isCleared(ctx, person.clearance as string, row.classification))
    throw new Problem("action_person_uncleared", { personIds: [personId] });
  const changed = began !== undefined;
  if (changed && (those?.count as number) > most) throw new Problem("action_watchers_full");
  const resource = resourceOf(row);
  const watcher = show(found);
  record(ctx, { resource, ...(changed && sides("watchers", personId, [null, { personId }])), changed });
  if (changed) emit(ctx, { name: "action.watched", resource, payload: { id, personId } });
  return { changed, watcher };
}

const endText = `
  update action_watchers set ended_at = $4 where tenant_id = $1 and action_id = $2 and person_id = $3 and ended_at is null returning *`;

/** @throws action_not_found */
export async function unwatch(ctx: Ctx, { id, personId }: Named): Promise<{ changed: boolean }> {
  const [row, [ended]] = await Promise.all([
    holdBeside(ctx, id),
    ctx.send(endText, [ctx.tenant.id, uuidOf(id), uuidOf(personId), ctx.now.toISOString()]),
  ]);
  const resource = resourceOf(row);
  const changed = ended !== undefined;
  record(ctx, { resource, ...(changed && sides("watchers", personId, [{ personId }, null])), changed });
  if (changed) emit(ctx, { name: "action.unwatched", resource, payload: { id, personId } });
  return { changed };
}

const show = (row: Rows[number]): ActionWatcher => ({
  personId: idOf("per", row.person_id as string),
  by: row.by as string,
  at: instant(row.at),
});
