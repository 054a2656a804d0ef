import { uuidOf } from "@dais/contracts/kit/ids";
import type { posture as contract, PostureChange } from "@dais/contracts/posture";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { move, moveAll } from "@dais/kernel/machine";
import { Problem } from "@dais/kernel/problem";
import { insertPosture } from "./rows.ts";
import { holdScopeOf, standing } from "./standing.ts";
import { workflow } from "./workflow.ts";

type Said = Parameters<Handlers<typeof contract>["confirm"]>[1];

/**
 * From now on it holds: the history gets its row under the change's own id, and what was proposed from another level is overtaken.
 * @throws what `move` does, posture_moved, posture_dwell, four_eyes
 */
export async function confirm(ctx: Ctx, { id, version, reason }: Said): Promise<PostureChange> {
  const [, change] = await Promise.all([
    holdScopeOf(ctx, uuidOf(id), version),
    move(ctx, workflow, id, "confirm", { version, reason, given: { by: ctx.actor.id } }),
  ]);
  const entity = change.entityId && uuidOf(change.entityId);
  const { held, levels } = await standing(ctx, entity);
  const level = levels.find(({ key }) => key === change.level);
  if (!level) throw new Problem("posture_level_unknown");
  await Promise.all([
    insertPosture(ctx, {
      ...{ id: uuidOf(id), entity, level: level.key, rank: level.rank, reason: change.reason },
      source: `${ctx.actor.id}, proposed by ${change.proposedBy}`,
      since: after(ctx.now, held?.since),
    }),
    supersede(ctx, entity, level.key),
  ]);
  return change;
}

/** The newest is what holds: also where the clock has gone back in between. */
const after = (now: Date, last: Date | undefined): Date => (last && now <= last ? new Date(last.getTime() + 1) : now);

const batch = 500;
const overtaken = `entity_id is not distinct from (select (along->>'entity')::uuid from given)
  and from_level is distinct from (select along->>'level' from given)`;

/** All other proposals for the same posture that start from a level which holds no longer. */
async function supersede(ctx: Ctx, entity: string | null, level: string): Promise<void> {
  const reason = "The posture has changed since.";
  for (let moved = batch; moved === batch; )
    moved = (
      await moveAll(ctx, workflow, "supersede", { where: overtaken, limit: batch, reason, given: { entity, level } })
    ).length;
}
