import { uuidOf } from "@dais/contracts/kit/ids";
import type { posture as contract } from "@dais/contracts/posture";
import type { Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { newest } from "./rows.ts";

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
};
