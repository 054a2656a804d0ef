import type { briefingRequests as contract } from "@dais/contracts/briefingRequests";
import type { Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { find, latest } from "./rows.ts";
import { show } from "./workflow.ts";

export { dayStart } from "./day.ts";

/** One function for each operation of contracts/briefingRequests.ts, under the same name. */
export const briefingRequests: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const [before] = (positionOf(ctx, input) as [string] | null) ?? [null];
    return pageOf(ctx, input, await latest(ctx, input, before, input.limit + 1), show, (row) => [row.day]);
  },
  get: async (ctx, { id }) => {
    const row = await find(ctx, id);
    if (!row) throw new Problem("briefing_request_not_found");
    return show(row);
  },
};
