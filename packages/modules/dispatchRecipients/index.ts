import type { dispatchRecipients as contract } from "@dais/contracts/dispatchRecipients";
import { idOf } from "@dais/contracts/kit/ids";
import type { Handlers } from "@dais/kernel/context";
import { movesFor } from "@dais/kernel/moves";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { acknowledge } from "./acknowledge.ts";
import { message } from "./message.ts";
import { find, ledgerOf, rehearsedOf, some } from "./rows.ts";
import { show, workflow } from "./workflow.ts";

export { acknowledgeAs } from "./acknowledge.ts";
export { type AddressedTo, address } from "./address.ts";
export { shortened } from "./addresses.ts";
export { type Approved, approvedIn, type Rendered, render, withheld } from "./render.ts";
export { type Row as RecipientRow, workflow as recipientWorkflow } from "./workflow.ts";

/** One function for each operation of contracts/dispatchRecipients.ts, under the same name. */
export const dispatchRecipients: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const [after] = (positionOf(ctx, input) as [string] | null) ?? [null];
    const rows = await some(ctx, input, after, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.id]);
  },
  get: async (ctx, { id }) => {
    const [row, attempts] = await Promise.all([find(ctx, id), ledgerOf(ctx, id)]);
    return { ...show(row), attempts };
  },
  message,
  rehearsal: async (ctx, { id }) => {
    const [row, { drill, items }] = await Promise.all([find(ctx, id), rehearsedOf(ctx, id)]);
    if (!drill) throw new Problem("dispatch_recipient_no_drill");
    const { dispatchId, classification } = row;
    return { id, dispatchId: idOf("dsp", dispatchId), classification, items };
  },
  moves: async (ctx, { id }) => ({ items: await movesFor(ctx, workflow, await find(ctx, id)) }),
  acknowledge: (ctx, { id }) => acknowledge(ctx, id, "api"),
};
