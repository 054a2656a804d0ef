import type { proposals as contract } from "@dais/contracts/proposals";
import type { Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { movesFor } from "@dais/kernel/moves";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { showProposal } from "@dais/kernel/proposals/show";
import { approve } from "./approve.ts";
import { expire, expiring } from "./due.ts";
import { find, newest } from "./rows.ts";
import { workflow } from "./workflow.ts";

/** One function for each operation of contracts/proposals.ts, under the same name. Proposals are made by the kernel. */
export const proposals: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, showProposal, (row) => [row.createdAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, id);
    if (!row) throw new Problem("proposal_not_found");
    return showProposal(row);
  },

  moves: async (ctx, { id }) => {
    const row = await find(ctx, id);
    if (!row) throw new Problem("proposal_not_found");
    return { items: await movesFor(ctx, workflow, row) };
  },

  approve,
  reject: (ctx, { id, ...said }) => move(ctx, workflow, id, "reject", { ...said, given: { by: ctx.actor.id } }),
  withdraw: (ctx, { id, ...said }) => move(ctx, workflow, id, "withdraw", said),
};

/** What goes on with proposals in the background. */
export const proposalJobs = { jobs: [expire], schedules: [expiring] };
