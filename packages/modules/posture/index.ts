import { uuidOf } from "@dais/contracts/kit/ids";
import type { posture as contract } from "@dais/contracts/posture";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { type Move, move } from "@dais/kernel/machine";
import { movesFor } from "@dais/kernel/moves";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { find, newestChanges } from "./changes.ts";
import { confirm } from "./confirm.ts";
import { levels, setLevels } from "./levels.ts";
import { propose } from "./propose.ts";
import { newest } from "./rows.ts";
import { show, workflow } from "./workflow.ts";

export { classificationsOf } from "./changes.ts";

/** One function for each operation of contracts/posture.ts, under the same name. */
export const posture: Handlers<typeof contract> = {
  current: async (ctx, { entityId }) => {
    const [change] = await newest(ctx, { entityId, limit: 1 });
    if (!change) throw new Problem("posture_not_found");
    return change;
  },

  history: async (ctx, input) => {
    const position = positionOf(ctx, input) as [string, string] | null;
    const rows = await newest(ctx, { entityId: input.entityId, before: position ?? undefined, limit: input.limit + 1 });
    return pageOf(
      ctx,
      input,
      rows,
      (change) => change,
      (change) => [change.since, uuidOf(change.id)],
    );
  },

  levels,
  setLevels,

  changes: async (ctx, input) => {
    const before = positionOf(ctx, input) as [string, string] | null;
    const rows = await newestChanges(ctx, input, before, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },
  change: async (ctx, { id }) => show(await find(ctx, id)),
  moves: async (ctx, { id }) => ({ items: await movesFor(ctx, workflow, await find(ctx, id)) }),

  propose,
  confirm,
  reject: (ctx, { id, ...said }) => decided(ctx, id, "reject", said),
  withdraw: (ctx, { id, ...said }) => decided(ctx, id, "withdraw", said),
};

const decided = (ctx: Ctx, id: string, event: string, said: Move) =>
  move(ctx, workflow, id, event, { ...said, given: { by: ctx.actor.id } });
