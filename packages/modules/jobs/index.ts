import type { jobs as contract } from "@dais/contracts/jobs";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { find, locked, type Row, set, show, some } from "./rows.ts";

/** One function for each operation of contracts/jobs.ts, under the same name. */
export const jobs: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const [before] = positionOf(ctx, input) ?? [];
    const rows = await some(ctx, input, (before as string | undefined) ?? null);
    return pageOf(ctx, input, rows, show, (row) => [row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("job_not_found");
    return show(row);
  },

  retry: async (ctx, { id }) => {
    const before = await held(ctx, uuidOf(id), ["failed"]);
    const after = await set(ctx, before, {
      state: "waiting",
      run: ctx.newId(),
      attempts: 0,
      errorCode: null,
      errorMessage: null,
      startAfter: null,
      finishedAt: null,
    });
    const resource = { type: "job", id: after.id, version: after.version };
    record(ctx, { resource, before: show(before), after: show(after), event: "retry" });
    emit(ctx, { name: "job.retried", resource, payload: { id } });
    return show(after);
  },

  drop: async (ctx, { id, reason }) => {
    const before = await held(ctx, uuidOf(id), ["waiting", "running", "retrying", "failed", "dropped"]);
    const resource = (row: Row) => ({ type: "job", id: row.id, version: row.version });
    if (before.state === "dropped") {
      record(ctx, { resource: resource(before), changed: false, reason });
      return { changed: false, job: show(before) };
    }
    const after = await set(ctx, before, { state: "dropped", singletonKey: null, finishedAt: ctx.now });
    record(ctx, { resource: resource(after), before: show(before), after: show(after), event: "drop", reason });
    emit(ctx, { name: "job.dropped", resource: resource(after), payload: { id } });
    return { changed: true, job: show(after) };
  },
};

/** The row, in one of these states and locked: none of its steps is under way, and none begins. @throws job_not_found, job_wrong_state */
async function held(ctx: Ctx, id: string, states: readonly Row["state"][]): Promise<Row> {
  const row = await locked(ctx, id);
  if (row && states.includes(row.state)) return row;
  const seen = row ?? (await find(ctx, id));
  if (!seen) throw new Problem("job_not_found");
  throw new Problem("job_wrong_state", { state: seen.state });
}
