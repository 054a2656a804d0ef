import type { deadLetters as contract } from "@dais/contracts/deadLetters";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { find, locked, type Row, set, show, some } from "./rows.ts";

/** One function for each operation of contracts/deadLetters.ts, under the same name. The relay does what they ask for. */
export const deadLetters: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await some(ctx, input, positionOf(ctx, input) as [string, string] | null);
    return pageOf(ctx, input, rows, show, (row) => [row.failedAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("dead_letter_not_found");
    return show(row);
  },

  retry: async (ctx, { id }) => {
    const before = await held(ctx, uuidOf(id), ["failed", "retrying"]);
    const changed = before.retriedAt === null;
    const after = changed ? await set(ctx, before.id, { retriedAt: ctx.now }) : before;
    record(ctx, { resource: resourceOf(before), before: show(before), after: show(after), event: "retry", changed });
    // It also wakes the relay.
    if (changed) emit(ctx, { name: "dead_letter.retried", resource: resourceOf(before), payload: { id } });
    return { changed, deadLetter: show(after) };
  },

  drop: async (ctx, { id, reason }) => {
    const before = await held(ctx, uuidOf(id), ["failed", "retrying", "dropped"]);
    const changed = before.droppedAt === null;
    const after = changed ? await set(ctx, before.id, { droppedAt: ctx.now }) : before;
    record(ctx, {
      resource: resourceOf(before),
      before: show(before),
      after: show(after),
      event: "drop",
      changed,
      reason,
    });
    if (changed) emit(ctx, { name: "dead_letter.dropped", resource: resourceOf(before), payload: { id } });
    return { changed, deadLetter: show(after) };
  },
};

/** The row, locked and in one of these states. @throws dead_letter_not_found, dead_letter_wrong_state */
async function held(ctx: Ctx, id: string, states: readonly string[]): Promise<Row> {
  const row = await locked(ctx, id);
  if (!row) throw new Problem("dead_letter_not_found");
  const { state } = show(row);
  if (!states.includes(state)) throw new Problem("dead_letter_wrong_state", { state });
  return row;
}

const resourceOf = ({ id, classification }: Row) => ({ type: "dead_letter", id, classification });
