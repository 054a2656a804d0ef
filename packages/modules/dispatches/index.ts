import type { dispatches as contract, Dispatch } from "@dais/contracts/dispatches";
import type { Handlers } from "@dais/kernel/context";
import { moveMany } from "@dais/kernel/machine-many";
import { movesFor } from "@dais/kernel/moves";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { today } from "@dais/kernel/today";
import { settingsOf } from "@dais/modules/organisations";
import { addressing } from "./addressing.ts";
import { raiseCap } from "./cap.ts";
import { create } from "./create.ts";
import { dayOf } from "./day.ts";
import { estimate } from "./estimate.ts";
import { countsOf, find, newest } from "./rows.ts";
import { seen, show, summaryOf, workflow } from "./workflow.ts";

/** What goes on with dispatches in the background, beside the sending. */
export const dispatchJobs = { jobs: [addressing], schedules: [] };

/** One function for each operation of contracts/dispatches.ts, under the same name. */
export const dispatches: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, summaryOf, (row) => [row.createdAt.toISOString(), row.id]);
  },
  day: async (ctx, { day = today(ctx) }) => dayOf(ctx, day, (await settingsOf(ctx)).communications.dailyMessages),
  get: async (ctx, { id }) => seen(ctx, show(await find(ctx, id))),
  counts: async (ctx, { id }) => {
    const [counts] = await Promise.all([countsOf(ctx, id), find(ctx, id)]);
    return counts;
  },
  moves: async (ctx, { id }) => ({ items: await movesFor(ctx, workflow, await find(ctx, id)) }),
  estimate,
  create,
  stop: async (ctx, { id, reason }) => {
    const [after] = await moveMany(ctx, workflow, [{ id }], "stop", { reason });
    if (after instanceof Problem) throw after;
    return seen(ctx, after as Dispatch);
  },
  raiseCap,
};
