import type { signalViews as contract, SignalView } from "@dais/contracts/signalViews";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { searchedSignals } from "@dais/modules/signals";
import { find, hold, insert, type Row, show, some, write } from "./rows.ts";

/** One function for each operation of contracts/signalViews.ts, under the same name. */
export const signalViews: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await some(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.name, row.id]);
  },

  get: async (ctx, { id }) => show(await seen(ctx, id)),

  signals: async (ctx, input) => {
    const { filters, sort } = searchOf(await seen(ctx, input.id));
    // What it looks for is part of the cursor: one of before a change would go on in another list.
    return searchedSignals(ctx, { ...input, filters, sort }, filters, sort);
  },

  create: async (ctx, input) => {
    const row = await insert(ctx, input);
    const view = show(row);
    record(ctx, { resource: resourceOf(row), after: view });
    return view;
  },

  update: async (ctx, { id, version, ...wanted }) => {
    const before = await own(ctx, id, version);
    const was = searchOf(before);
    const { name = before.name, filters = was.filters, sort = was.sort } = wanted;
    return kept(ctx, before, await write(ctx, before, { name, filters: { ...filters, sort } }));
  },

  delete: async (ctx, { id, version }) => {
    const before = await own(ctx, id, version);
    const after = await write(ctx, before, { deletedAt: ctx.now });
    record(ctx, { resource: resourceOf(after), before: show(before) });
    return show(after);
  },

  share: async (ctx, { id, version, shared }) => {
    const before = await own(ctx, id, version);
    const changed = before.shared !== shared;
    return { changed, view: kept(ctx, before, changed ? await write(ctx, before, { shared }) : before) };
  },
};

/** A search as it is kept: filters and order, each checked when it was saved. */
const searchOf = ({ filters: { sort, ...filters } }: Pick<Row, "filters">) => ({ filters, sort });

function kept(ctx: Ctx, before: Row, after: Row): SignalView {
  const view = show(after);
  record(ctx, { resource: resourceOf(after), before: show(before), after: view, changed: after !== before });
  return view;
}

/** @throws signal_view_not_found */
async function seen(ctx: Ctx, id: string): Promise<Row> {
  const row = await find(ctx, id);
  if (!row) throw new Problem("signal_view_not_found");
  return row;
}

/** The caller's own, held until the end of the change. @throws signal_view_not_found, signal_view_not_owner, signal_view_changed */
async function own(ctx: Ctx, id: string, version: number): Promise<Row> {
  const row = await hold(ctx, id);
  if (!row) throw new Problem("signal_view_not_found");
  if (row.ownerId !== ctx.actor.id) throw new Problem("signal_view_not_owner");
  if (row.version !== version) throw new Problem("signal_view_changed", { version: row.version });
  return row;
}

const resourceOf = ({ id, version }: Row) => ({ type: "signal_view", id, version });
