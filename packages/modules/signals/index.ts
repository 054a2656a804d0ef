import { uuidOf } from "@dais/contracts/kit/ids";
import type { signals as contract } from "@dais/contracts/signals";
import type { Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { ingestAll, ingestOne } from "./ingest.ts";
import { movesFor } from "./moves.ts";
import { find, some } from "./rows.ts";
import { show, workflow } from "./workflow.ts";

/** One function for each operation of contracts/signals.ts, under the same name. */
export const signals: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await some(ctx, input, positionOf(ctx, input) as [string, string] | null);
    return pageOf(ctx, input, rows, show, (row) => [row.occurredAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("signal_not_found");
    return show(row);
  },

  moves: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("signal_not_found");
    return { items: movesFor(ctx, row.state) };
  },

  ingest: ingestOne,
  ingestBatch: ingestAll,

  acknowledge: (ctx, { id, version }) => move(ctx, workflow, id, "acknowledge", { version }),
  dismiss: (ctx, { id, ...said }) => move(ctx, workflow, id, "dismiss", said),
  escalate: (ctx, { id, ...said }) => move(ctx, workflow, id, "escalate", said),
};
