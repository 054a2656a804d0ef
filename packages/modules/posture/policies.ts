import type { postureChanges } from "@dais/drizzle/schema/postureChanges";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { ownerOf } from "@dais/modules/agents";
import { rankIn, standing } from "./standing.ts";

type Row = typeof postureChanges.$inferSelect;

/** The policies that the table of moves names. */
export const policies = { from_level: fromLevel, dwell, own };

/** The level that holds is still the one that the change was proposed from. */
async function fromLevel(ctx: Ctx, row: Row): Promise<Problem | null> {
  const { held } = await standing(ctx, row.entityId);
  const level = held?.level ?? null;
  return level === row.fromLevel ? null : new Problem("posture_moved", { level });
}

/** After a change down, the next one down waits. The way up is always open. */
async function dwell(ctx: Ctx, row: Row): Promise<Problem | null> {
  const { held, levels, downAt, dwellMinutes } = await standing(ctx, row.entityId);
  const down = held !== null && rankIn(levels, row) < rankIn(levels, held);
  if (!down || downAt === null) return null;
  const until = new Date(downAt.getTime() + dwellMinutes * 60_000);
  return ctx.now < until ? new Problem("posture_dwell", { until: until.toISOString() }) : null;
}

/** Who proposed it takes it back, or who answers for the agent that did. */
async function own(ctx: Ctx, { proposedBy }: Row): Promise<Problem | null> {
  if (proposedBy === ctx.actor.id) return null;
  const owner = proposedBy.startsWith("agt_") ? await ownerOf(ctx, proposedBy) : null;
  return owner !== null && owner === ctx.actor.id ? null : new Problem("posture_not_own");
}
