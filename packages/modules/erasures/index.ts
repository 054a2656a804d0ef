import type { erasures as contract } from "@dais/contracts/erasures";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { type Move, move } from "@dais/kernel/machine";
import { movesFor } from "@dais/kernel/moves";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { request } from "./request.ts";
import { entriesOf, find, newest } from "./rows.ts";
import { show, workflow } from "./workflow.ts";

/** One function for each operation of contracts/erasures.ts, under the same name. */
export const erasures: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const before = positionOf(ctx, input) as [string, string] | null;
    const rows = await newest(ctx, input, before, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => show(await find(ctx, id)),

  entries: async (ctx, input) => {
    const [after] = (positionOf(ctx, input) ?? [null]) as [string | null];
    const [, ids] = await Promise.all([find(ctx, input.id), entriesOf(ctx, input.id, after, input.limit + 1)]);
    return pageOf(
      ctx,
      input,
      ids,
      (entryId) => ({ entryId }),
      (entryId) => [uuidOf(entryId)],
    );
  },

  moves: async (ctx, { id }) => ({ items: await movesFor(ctx, workflow, await find(ctx, id)) }),

  request,

  /** The database itself looks whether the erasure takes effect with this transaction, and of which entries it was asked for. */
  erase: async (ctx, { id, ...said }) => {
    const [after, [row]] = await Promise.all([
      decided(ctx, id, "erase", said),
      ctx.send("select erase_entries($1, $2) as gone", [uuidOf(id), ctx.now.toISOString()]),
    ]);
    if (row?.gone === null) throw new Error(`${id} is about other entries than were asked for: somebody has meddled`);
    return after;
  },

  reject: (ctx, { id, ...said }) => decided(ctx, id, "reject", said),
  withdraw: (ctx, { id, ...said }) => decided(ctx, id, "withdraw", said),
};

const decided = (ctx: Ctx, id: string, event: string, said: Move) =>
  move(ctx, workflow, id, event, { ...said, given: { by: ctx.actor.id } });
