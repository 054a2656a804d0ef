import type { approvals as contract } from "@dais/contracts/approvals";
import { askApproval } from "@dais/kernel/approvals/ask";
import { showApproval } from "@dais/kernel/approvals/show";
import type { Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { movesFor } from "@dais/kernel/moves";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { find, newest } from "./rows.ts";
import { vote } from "./vote.ts";
import { workflow } from "./workflow.ts";

export { approvalJobs } from "./due.ts";
export { approversChanged } from "./events.ts";

/** One function for each operation of contracts/approvals.ts, under the same name. */
export const approvals: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, showApproval, (row) => [row.createdAt.toISOString(), row.id]);
  },
  get: async (ctx, { id }) => showApproval(await find(ctx, id)),
  moves: async (ctx, { id }) => ({ items: await movesFor(ctx, workflow, await find(ctx, id)) }),

  request: (ctx, input) => askApproval(ctx, input),
  approve: (ctx, said) => vote(ctx, { ...said, decision: "approve" }),
  refuse: (ctx, { reason, ...said }) => vote(ctx, { ...said, decision: "refuse", option: null, comment: reason }),
  withdraw: (ctx, { id, ...said }) => move(ctx, workflow, id, "withdraw", said),
};
