import { uuidOf } from "@dais/contracts/kit/ids";
import type { signalGroups as contract } from "@dais/contracts/signalGroups";
import type { Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { capOfGroup } from "@dais/modules/signals";
import { merge, split, update } from "./change.ts";
import { known, signalsOf, some } from "./rows.ts";

/** Of a group, the newest: an alert holds far fewer. */
const mostRead = 1000;

/** One function for each operation of contracts/signalGroups.ts, under the same name. */
export const signalGroups: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const [after = null] = (positionOf(ctx, input) ?? []) as string[];
    const rows = await some(ctx, after, input.limit + 1);
    return pageOf(
      ctx,
      input,
      rows,
      (group) => group,
      ({ id }) => [uuidOf(id)],
    );
  },

  get: (ctx, { id }) => known(ctx, id),

  signals: async (ctx, input) => {
    const after = positionOf(ctx, input) as [string, string] | null;
    const [rows] = await Promise.all([signalsOf(ctx, input.id, after, input.limit + 1), known(ctx, input.id)]);
    return pageOf(
      ctx,
      input,
      rows,
      ({ signal }) => signal,
      ({ signal, uuid }) => [signal.occurredAt, uuid],
    );
  },

  cap: async (ctx, { id }) => {
    const [members, group] = await Promise.all([signalsOf(ctx, id, null, mostRead), known(ctx, id)]);
    if (group.mergedInto !== null) throw new Problem("signal_group_merged", { mergedInto: group.mergedInto });
    return capOfGroup(ctx, {
      ...group,
      title: group.name ?? group.title ?? "Signals",
      signals: members.map(({ signal }) => signal),
    });
  },

  update,
  merge,
  split,
};
