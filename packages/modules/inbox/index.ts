import type { inbox as contract } from "@dais/contracts/inbox";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { countWaiting, waitingFor } from "@dais/kernel/waiting-for";

/** One function for each operation of contracts/inbox.ts, under the same name. */
export const inbox: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await waitingFor(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(
      ctx,
      input,
      rows,
      (item) => item,
      ({ since, id }) => [since, uuidOf(id)],
    );
  },
  counts: (ctx) => countWaiting(ctx),
};
