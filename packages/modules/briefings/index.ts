import type { Briefing, briefings as contract } from "@dais/contracts/briefings";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { movesFor } from "@dais/kernel/moves";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { today } from "@dais/kernel/today";
import { editionsOf, newestComments, newestEditions, recipientsOf } from "./beside.ts";
import { between } from "./diff/between.ts";
import { acknowledge, distribute } from "./distribute.ts";
import { printLater } from "./paper/job.ts";
import { pdf } from "./paper/pdf.ts";
import { returned } from "./return.ts";
import { find, latest, ofDay } from "./rows.ts";
import { show, summaryOf, workflow } from "./workflow.ts";
import { create, update } from "./write.ts";

export { unknownIn } from "./audience.ts";
export { expiry } from "./expire.ts";
export { type Attached, attached, withPaper } from "./paper/attach.ts";
export { paperJobs } from "./paper/job.ts";
export { type Printable, printable } from "./printable.ts";
export { classificationsOf } from "./rows.ts";

/** One briefing, for another module. @throws briefing_not_found */
export const briefingOf = async (ctx: Ctx, id: string): Promise<Briefing> => show(await find(ctx, id));

/** One function for each operation of contracts/briefings.ts, under the same name. */
export const briefings: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const before = positionOf(ctx, input) as [string, string] | null;
    const rows = await latest(ctx, input, before, input.limit + 1);
    return pageOf(ctx, input, rows, summaryOf, (row) => [row.day, row.id]);
  },
  today: async (ctx) => {
    const day = today(ctx);
    const row = await ofDay(ctx, day);
    return { day, briefing: row ? show(row) : null };
  },
  get: async (ctx, { id }) => show(await find(ctx, id)),
  pdf,
  moves: async (ctx, { id }) => ({ items: await movesFor(ctx, workflow, await find(ctx, id)) }),

  editions: async (ctx, input) => {
    const [before] = (positionOf(ctx, input) as [number] | null) ?? [null];
    const [rows] = await Promise.all([newestEditions(ctx, input.id, before, input.limit + 1), find(ctx, input.id)]);
    return pageOf(
      ctx,
      input,
      rows,
      (one) => one,
      (one) => [one.edition],
    );
  },
  edition: async (ctx, { id, edition }) => {
    const [[found]] = await Promise.all([editionsOf(ctx, id, [edition]), find(ctx, id)]);
    if (!found) throw new Problem("briefing_edition_not_found");
    return found;
  },
  diff: async (ctx, { id, from, to }) => {
    const [found] = await Promise.all([editionsOf(ctx, id, [from, to]), find(ctx, id)]);
    const [before, after] = [from, to].map((n) => found.find(({ edition }) => edition === n));
    if (!before || !after) throw new Problem("briefing_edition_not_found");
    return between(before, after);
  },
  comments: async (ctx, input) => {
    const before = positionOf(ctx, input) as [string, string] | null;
    const [rows] = await Promise.all([newestComments(ctx, input.id, before, input.limit + 1), find(ctx, input.id)]);
    return pageOf(
      ctx,
      input,
      rows,
      (one) => one,
      (one) => [one.createdAt, uuidOf(one.id)],
    );
  },
  recipients: async (ctx, input) => {
    const after = positionOf(ctx, input) as [string, string] | null;
    const [rows] = await Promise.all([recipientsOf(ctx, input, after, input.limit + 1), find(ctx, input.id)]);
    return pageOf(
      ctx,
      input,
      rows,
      (one) => one,
      (one) => [one.name.en, uuidOf(one.personId)],
    );
  },

  create,
  update,
  submit: (ctx, { id, ...said }) => move(ctx, workflow, id, "submit", { ...said, given: { by: ctx.actor.id } }),
  return: returned,
  approve: async (ctx, { id, ...said }) => {
    const after = await move(ctx, workflow, id, "approve", { ...said, given: { by: ctx.actor.id } });
    printLater(ctx, { briefingId: uuidOf(id), version: after.version });
    return after;
  },
  revise: (ctx, { id, ...said }) => move(ctx, workflow, id, "revise", said),
  distribute,
  withdraw: (ctx, { id, ...said }) => move(ctx, workflow, id, "withdraw", said),
  acknowledge,
};
