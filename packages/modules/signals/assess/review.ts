import type { Signal } from "@dais/contracts/signals";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { pageBeside } from "../beside.ts";
import { mapped } from "../columns.ts";
import { atVersion, hold, resourceOf } from "../hold.ts";
import { show } from "../workflow.ts";
import { show as showAssessment, waiting, writeJudged } from "./rows.ts";

export const assessments = (ctx: Ctx, input: { id: string; limit: number; cursor?: string }) =>
  pageBeside(ctx, "signal_assessments", input, showAssessment);

/** The review queue. */
export async function review(ctx: Ctx, input: { limit: number; cursor?: string }) {
  const rows = (await waiting(ctx, positionOf(ctx, input), input.limit + 1)).map(mapped);
  return pageOf(ctx, input, rows, show, (row) => [(row.reviewSince as Date).toISOString(), row.id]);
}

/** @throws signal_not_found, signal_changed */
export async function settleReview(
  ctx: Ctx,
  { id, version }: { id: string; version: number },
): Promise<{ changed: boolean; signal: Signal }> {
  const row = await hold(ctx, id);
  atVersion(row, version);
  const changed = row.review !== null;
  const after = changed ? { ...row, review: null, reviewSince: null, version: version + 1, updatedAt: ctx.now } : row;
  if (changed) await writeJudged(ctx, [after]);
  const [resource, signal] = [resourceOf(after), show(after)];
  record(ctx, { resource, before: show(row), after: signal, changed });
  if (changed) emit(ctx, { name: "signal.review_settled", resource, payload: { id } });
  return { changed, signal };
}
