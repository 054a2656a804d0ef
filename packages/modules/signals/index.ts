import { uuidOf } from "@dais/contracts/kit/ids";
import type { signals as contract, Signal } from "@dais/contracts/signals";
import type { Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { movesFor } from "@dais/kernel/moves";
import { Problem } from "@dais/kernel/problem";
import { assess } from "./assess/assess.ts";
import { reclassify, reclassifying } from "./assess/reclassify.ts";
import { assessments, review, settleReview } from "./assess/review.ts";
import { alerts } from "./cap/alerts.ts";
import { ingestCap } from "./cap/index.ts";
import { cap } from "./cap/out.ts";
import { mapped } from "./columns.ts";
import { ingestAll, ingestOne } from "./ingest.ts";
import { picture } from "./picture.ts";
import { find } from "./rows.ts";
import { searched } from "./search/search.ts";
import { assign } from "./work/assign.ts";
import { comeBack, comingBack } from "./work/due.ts";
import { addLink, links, removeLink } from "./work/links.ts";
import { addNote, notes } from "./work/notes.ts";
import { snooze } from "./work/snooze.ts";
import { show, workflow } from "./workflow.ts";

export { capOfGroup } from "./cap/out.ts";
export { readDocument as readAlerts } from "./cap/reading.ts";
export { take as takeAlerts } from "./cap/take.ts";
export { membersOf as groupMembers } from "./groups/read.ts";
export { refer } from "./groups/refer.ts";
export type { Node as Member } from "./groups/rule.ts";
export { regroupAnew } from "./groups/settle.ts";
export { holdSignals } from "./known.ts";
export { classificationsOf } from "./rows.ts";
export { searched as searchedSignals } from "./search/search.ts";

/** One function for each operation of contracts/signals.ts, under the same name. */
export const signals: Handlers<typeof contract> = {
  list: (ctx, input) => searched(ctx, input, input, input.sort),
  picture,

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("signal_not_found");
    return show(row);
  },

  moves: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("signal_not_found");
    return { items: await movesFor(ctx, workflow, row) };
  },

  ingest: ingestOne,
  ingestBatch: ingestAll,
  ingestCap,
  alerts,
  cap,

  acknowledge: (ctx, { id, version }) => move(ctx, workflow, id, "acknowledge", { version }),
  snooze,
  reopen: (ctx, { id, ...said }) => move(ctx, workflow, id, "reopen", said),
  dismiss: (ctx, { id, ...said }) => move(ctx, workflow, id, "dismiss", said),
  escalate: (ctx, { id, ...said }) => move(ctx, workflow, id, "escalate", said),

  assign,
  notes,
  addNote,
  links,
  addLink,
  removeLink,

  assess,
  assessments,
  review,
  settleReview,
  reclassify,
};

/** What goes on with signals in the background. */
export const signalJobs = { jobs: [comeBack, reclassifying], schedules: [comingBack] };

/** A row of `select * from signals`, as the contract shows it. */
export const shownSignal = (row: Record<string, unknown>): Signal => show(mapped(row));
