import type { Evidence } from "@dais/contracts/actions/beside";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { actionEvidence } from "@dais/drizzle/schema/actionWork";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import type { Rows } from "@dais/kernel/lane";
import { sendLast } from "@dais/kernel/last";
import { emit } from "@dais/kernel/outbox";
import { holdBeside, worked } from "../rows.ts";
import { resourceOf } from "../workflow.ts";
import { instant, pageBeside, sides } from "./pages.ts";

export const evidence = (ctx: Ctx, input: { id: string; limit: number; cursor?: string }) =>
  pageBeside(ctx, "action_evidence", input, show, "ended_at is null");

const insert = rowsInserter(actionEvidence, []);
const sameText =
  "select * from action_evidence where tenant_id = $1 and action_id = $2 and url = $3 and ended_at is null limit 1";
const endText = `
  update action_evidence set ended_at = $4 where tenant_id = $1 and action_id = $2 and id = $3 and ended_at is null returning *`;

/** Two who name the same page at once do so one after the other. @throws action_not_found */
export async function addEvidence(
  ctx: Ctx,
  { id, url, title }: { id: string; url: string; title: string | null },
): Promise<{ changed: boolean; evidence: Evidence }> {
  const [row, [same]] = await Promise.all([
    holdBeside(ctx, id, true),
    ctx.send(sameText, [ctx.tenant.id, uuidOf(id), url]),
  ]);
  const resource = resourceOf(row);
  if (same) {
    record(ctx, { resource, changed: false });
    return { changed: false, evidence: show(same) };
  }
  const kept = {
    ...{ id: ctx.newId(), tenant_id: ctx.tenant.id, action_id: row.id, url, title },
    ...{ by: ctx.actor.id, at: ctx.now.toISOString() },
  };
  sendLast(ctx, () => insert(ctx.send, [kept]));
  const after = show(kept);
  record(ctx, { resource, ...sides("evidence", after.id, [null, saidOf(after)]) });
  emit(ctx, { name: "action.evidence_added", resource, payload: { id, linkId: after.id } });
  return { changed: true, evidence: after };
}

/** What was said to be done, or was verified, keeps what shows it. @throws action_not_found, action_wrong_state */
export async function removeEvidence(
  ctx: Ctx,
  { id, linkId }: { id: string; linkId: string },
): Promise<{ changed: boolean }> {
  const [row, [ended]] = await Promise.all([
    holdBeside(ctx, id),
    ctx.send(endText, [ctx.tenant.id, uuidOf(id), uuidOf(linkId), ctx.now.toISOString()]),
  ]);
  worked(row);
  const resource = resourceOf(row);
  record(ctx, {
    resource,
    ...(ended && sides("evidence", linkId, [saidOf(show(ended)), null])),
    changed: ended !== undefined,
  });
  if (ended) emit(ctx, { name: "action.evidence_removed", resource, payload: { id, linkId } });
  return { changed: ended !== undefined };
}

const saidOf = ({ url, title }: Evidence) => ({ url, title });

const show = (row: Rows[number]): Evidence => ({
  id: idOf("lnk", row.id as string),
  actionId: idOf("act", row.action_id as string),
  url: row.url as string,
  title: row.title as string | null,
  by: row.by as string,
  at: instant(row.at),
});
