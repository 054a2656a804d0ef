import type { actions as contract } from "@dais/contracts/actions";
import type { Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { movesFor } from "@dais/kernel/moves";
import { addItem, checklist, removeItem, tick } from "./beside/checklist.ts";
import { addEvidence, evidence, removeEvidence } from "./beside/evidence.ts";
import { addNote, notes } from "./beside/notes.ts";
import { unwatch, watch, watchers } from "./beside/watchers.ts";
import { create } from "./create.ts";
import { update, updateMany } from "./edit.ts";
import { figures } from "./find/figures.ts";
import { history } from "./find/history.ts";
import { listed, mine, team } from "./find/list.ts";
import { find } from "./rows.ts";
import { show, workflow } from "./workflow.ts";

export { actionJobs } from "./left.ts";

/** One function for each operation of contracts/actions.ts, under the same name. */
export const actions: Handlers<typeof contract> = {
  list: listed,
  mine,
  team,
  figures,
  get: async (ctx, { id }) => show(await find(ctx, id)),
  history,

  create,
  update,
  updateMany,

  moves: async (ctx, { id }) => ({ items: await movesFor(ctx, workflow, await find(ctx, id)) }),
  start: (ctx, { id, version }) => move(ctx, workflow, id, "start", { version }),
  block: (ctx, { id, ...said }) => move(ctx, workflow, id, "block", said),
  unblock: (ctx, { id, version }) => move(ctx, workflow, id, "unblock", { version }),
  complete: (ctx, { id, version }) => {
    const given = { by: ctx.actor.id, persons: ctx.actor.persons };
    return move(ctx, workflow, id, "complete", { version, given });
  },
  verify: (ctx, { id, ...said }) => move(ctx, workflow, id, "verify", { ...said, given: { by: ctx.actor.id } }),
  reopen: (ctx, { id, ...said }) => move(ctx, workflow, id, "reopen", said),
  cancel: (ctx, { id, ...said }) => move(ctx, workflow, id, "cancel", said),

  checklist,
  addItem,
  tick,
  removeItem,
  notes,
  addNote,
  evidence,
  addEvidence,
  removeEvidence,
  watchers,
  watch,
  unwatch,
};
