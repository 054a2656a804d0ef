import type { ActionItem } from "@dais/contracts/actions/beside";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { actionItems } from "@dais/drizzle/schema/actionWork";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import type { Rows } from "@dais/kernel/lane";
import { sendLast } from "@dais/kernel/last";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { holdBeside, sees, worked } from "../rows.ts";
import { resourceOf } from "../workflow.ts";
import { instant, sides } from "./pages.ts";

const most = 100;
const ofAction = "from action_items where tenant_id = $1 and action_id = $2 and ended_at is null";

/** @throws action_not_found */
export async function checklist(ctx: Ctx, { id }: { id: string }): Promise<{ items: ActionItem[] }> {
  const [rows, there] = await Promise.all([
    ctx.send(`select * ${ofAction} order by place, id`, [ctx.tenant.id, uuidOf(id)]),
    sees(ctx, id),
  ]);
  if (!there) throw new Problem("action_not_found");
  return { items: rows.map(show) };
}

const insert = rowsInserter(actionItems, []);
const endText =
  "select count(*)::int as count, coalesce(max(place), 0) as place from action_items where tenant_id = $1 and action_id = $2";

/** At the end, one after the other. @throws action_not_found, action_wrong_state, action_checklist_full */
export async function addItem(ctx: Ctx, { id, text }: { id: string; text: string }): Promise<ActionItem> {
  const [row, [end]] = await Promise.all([
    holdBeside(ctx, id, true),
    ctx.send(`${endText} and ended_at is null`, [ctx.tenant.id, uuidOf(id)]),
  ]);
  worked(row);
  const { count, place } = end as { count: number; place: number };
  if (count >= most) throw new Problem("action_checklist_full");
  const kept = {
    ...{ id: ctx.newId(), tenant_id: ctx.tenant.id, action_id: row.id, place: place + 1, text, done: false },
    ...{ by: ctx.actor.id, at: ctx.now.toISOString() },
  };
  sendLast(ctx, () => insert(ctx.send, [kept]));
  const after = show(kept);
  const resource = resourceOf(row);
  record(ctx, { resource, ...sides("checklist", after.id, [null, saidOf(after)]) });
  emit(ctx, { name: "action.item_added", resource, payload: { id, itemId: after.id } });
  return after;
}

const tickText = `
  update action_items t set done = $4, by = $5, at = $6 where tenant_id = $1 and action_id = $2 and id = $3 and ended_at is null and done <> $4
  returning *`;

/** @throws action_not_found, action_wrong_state, action_item_unknown */
export async function tick(
  ctx: Ctx,
  { id, itemId, done }: { id: string; itemId: string; done: boolean },
): Promise<{ changed: boolean; item: ActionItem }> {
  const its = [ctx.tenant.id, uuidOf(id), uuidOf(itemId)];
  const [row, [ticked], [found]] = await Promise.all([
    holdBeside(ctx, id),
    ctx.send(tickText, [...its, done, ctx.actor.id, ctx.now.toISOString()]),
    ctx.send(`select * ${ofAction} and id = $3`, its),
  ]);
  worked(row);
  if (!found) throw new Problem("action_item_unknown");
  const item = show(found);
  const resource = resourceOf(row);
  const changed = ticked !== undefined;
  record(ctx, { resource, ...sides("checklist", itemId, [!done, done]), changed });
  if (changed) emit(ctx, { name: "action.item_ticked", resource, payload: { id, itemId, done } });
  return { changed, item };
}

const removeText = `
  update action_items set ended_at = $4 where tenant_id = $1 and action_id = $2 and id = $3 and ended_at is null returning *`;

/** @throws action_not_found, action_wrong_state */
export async function removeItem(
  ctx: Ctx,
  { id, itemId }: { id: string; itemId: string },
): Promise<{ changed: boolean }> {
  const [row, [removed]] = await Promise.all([
    holdBeside(ctx, id),
    ctx.send(removeText, [ctx.tenant.id, uuidOf(id), uuidOf(itemId), ctx.now.toISOString()]),
  ]);
  worked(row);
  const resource = resourceOf(row);
  const changed = removed !== undefined;
  record(ctx, { resource, ...(removed && sides("checklist", itemId, [saidOf(show(removed)), null])), changed });
  if (changed) emit(ctx, { name: "action.item_removed", resource, payload: { id, itemId } });
  return { changed };
}

const saidOf = ({ text, done }: ActionItem) => ({ text, done });

const show = (row: Rows[number]): ActionItem => ({
  id: idOf("chk", row.id as string),
  actionId: idOf("act", row.action_id as string),
  text: row.text as string,
  done: row.done as boolean,
  by: row.by as string,
  at: instant(row.at),
});
