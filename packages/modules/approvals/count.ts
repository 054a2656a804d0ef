import type { StepRow } from "@dais/drizzle/schema/approvals";
import type { ApprovalRow } from "@dais/kernel/approvals/steps";
import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { z } from "zod";
import { holdUnchanged, waitingOn } from "./able.ts";
import { nobodyFor } from "./left.ts";
import { restate } from "./stuck.ts";

/** What one step of the job looks at. */
const batch = 100;

/**
 * Looks whether the groups and the holders of permissions for whom approvals wait are still enough to grant them. Where they aren't, it is
 * told of each step that nobody is left for, once; where they are again, it is noted, so that it is told the next time. Nothing is decided by
 * it: somebody may yet join.
 */
export const count = job({
  name: "approvals.count",
  action: "approval.pass",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 5, delaySeconds: 5, backoff: true },
  expireSeconds: 120,
  async run(ctx: Ctx, _data, { position }): Promise<Step | undefined> {
    const after = (position as { after: string } | null)?.after ?? null;
    const last = await counted(ctx, { after }, batch);
    return last === null ? undefined : { next: { after: last } };
  },
});

/** @returns uuid of the last one that it looked at, where there may be more */
export async function counted(
  ctx: Ctx,
  of: { id?: string; after?: string | null },
  limit: number,
): Promise<string | null> {
  const found = await waitingOn(ctx, of, limit);
  const news = found.flatMap(({ row, able }) => {
    const alone = new Set(nobodyFor(row, able));
    const steps = row.steps.map((step, n) => (isNamed(step) ? step : { ...step, stuck: alone.has(n) }));
    return steps.some(({ stuck }, n) => stuck !== row.steps[n]?.stuck) ? [{ row, steps }] : [];
  });
  if (news.length > 0) {
    // What has changed since, another event has told of.
    const held = await holdUnchanged(
      ctx,
      news.map(({ row }) => row),
    );
    for (const { row, steps } of news) if (held.has(row.id)) await say(ctx, row, steps);
  }
  return found.length === limit ? (found.at(-1)?.row.id ?? null) : null;
}

const isNamed = ({ approver, decision }: StepRow): boolean => approver.startsWith("per_") || decision !== null;

async function say(ctx: Ctx, before: ApprovalRow, steps: StepRow[]): Promise<void> {
  const lost = steps.flatMap(({ stuck }, n) => (stuck && !before.steps[n]?.stuck ? [n + 1] : []));
  const reason = lost.length > 0 ? "Too few are left who can decide it." : "Enough can decide it again.";
  await restate(ctx, before, steps, {
    reason,
    told: lost.map((step) => ({ step, toId: null })),
  });
}
