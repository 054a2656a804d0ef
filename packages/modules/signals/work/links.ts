import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { SignalLink } from "@dais/contracts/signals/work";
import { signalLinks } from "@dais/drizzle/schema/signalWork";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import type { Rows } from "@dais/kernel/lane";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { instant, pageBeside } from "../beside.ts";
import { hold, resourceOf, sees, unmerged } from "../hold.ts";
import { touch } from "../raise.ts";

/** A link to a signal that the reader doesn't see would say that it is there. */
const shown = `x.ended_at is null and (x.target_signal_id is null or exists (
  select from signals t where t.tenant_id = $1 and t.id = x.target_signal_id and t.classification = any ($4::text[])))`;

export const links = (ctx: Ctx, input: { id: string; limit: number; cursor?: string }) =>
  pageBeside(ctx, "signal_links", input, show, shown);

const insert = rowsInserter(signalLinks, []);
const sameText =
  "select * from signal_links where tenant_id = $1 and signal_id = $2 and target = $3 and ended_at is null limit 1";
const endText = `
  update signal_links set ended_at = $4
  where tenant_id = $1 and signal_id = $2 and id = $3 and ended_at is null returning *`;

/** @throws signal_not_found, signal_merged, signal_link_target_unknown */
export async function addLink(
  ctx: Ctx,
  { id, target, title }: { id: string; target: string; title: string | null },
): Promise<{ changed: boolean; link: SignalLink }> {
  const [row, [same], linkable] = await Promise.all([
    hold(ctx, id),
    ctx.send(sameText, [ctx.tenant.id, uuidOf(id), target]),
    !target.startsWith("sig_") || (target !== id && sees(ctx, target)),
  ]);
  unmerged(row);
  if (!linkable) throw new Problem("signal_link_target_unknown");
  const resource = resourceOf(row);
  if (same) {
    record(ctx, { resource, changed: false });
    return { changed: false, link: show(same) };
  }
  const kept = {
    ...{ id: ctx.newId(), tenant_id: ctx.tenant.id, signal_id: row.id, target, title },
    target_signal_id: target.startsWith("sig_") ? uuidOf(target) : null,
    ...{ by: ctx.actor.id, at: ctx.now.toISOString() },
  };
  await Promise.all([insert(ctx.send, [kept]), touch(ctx, [row.id])]);
  const link = show(kept);
  record(ctx, { resource, after: link });
  emit(ctx, { name: "signal.link_added", resource, payload: { id, linkId: link.id } });
  return { changed: true, link };
}

/** @throws signal_not_found, signal_merged */
export async function removeLink(
  ctx: Ctx,
  { id, linkId }: { id: string; linkId: string },
): Promise<{ changed: boolean }> {
  const row = await hold(ctx, id);
  unmerged(row);
  const [ended] = await ctx.send(endText, [ctx.tenant.id, row.id, uuidOf(linkId), ctx.now.toISOString()]);
  const resource = resourceOf(row);
  if (!ended) {
    record(ctx, { resource, changed: false });
    return { changed: false };
  }
  await touch(ctx, [row.id]);
  record(ctx, { resource, before: show(ended) });
  emit(ctx, { name: "signal.link_removed", resource, payload: { id, linkId } });
  return { changed: true };
}

const show = (row: Rows[number]): SignalLink => ({
  id: idOf("lnk", row.id as string),
  signalId: idOf("sig", row.signal_id as string),
  target: row.target as string,
  title: row.title as string | null,
  by: row.by as string,
  at: instant(row.at),
});
