import type { deadCommands as contract } from "@dais/contracts/deadCommands";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { find, type Held, locked, type Row, set, show, some, stateOf } from "./rows.ts";

/** One function for each operation of contracts/deadCommands.ts, under the same name. The worker does what they ask for. */
export const deadCommands: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await some(ctx, input, positionOf(ctx, input) as [string, string] | null);
    return pageOf(ctx, input, rows, show, (row) => [row.failedAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("dead_command_not_found");
    return show(row);
  },

  replay: (ctx, { ids }) =>
    decide(ctx, ids, {
      event: "replay",
      needsQueue: true,
      already: (row) => stateOf(row) === "replaying" && !lost(ctx, row),
      may: (row) => row.body !== null && ["failed", "replaying"].includes(stateOf(row)),
      fields: { replayedAt: ctx.now, sentAt: null },
      reason: null,
      tell: (resource, id) => emit(ctx, { name: "dead_command.replayed", resource, payload: { id } }),
    }),

  drop: (ctx, { ids, reason }) =>
    decide(ctx, ids, {
      event: "drop",
      needsQueue: false,
      already: (row) => stateOf(row) === "dropped",
      // What is in a queue that is read may be done at any moment.
      may: (row) => stateOf(row) !== "done" && (stateOf(row) !== "replaying" || row.sentAt === null || row.closed),
      fields: { droppedAt: ctx.now },
      reason,
      tell: (resource, id) => emit(ctx, { name: "dead_command.dropped", resource, payload: { id } }),
    }),
};

/** How long a command that was put into its queue again may take, before it may be put there once more. */
const sentMs = 60_000;
const lost = (ctx: Ctx, { sentAt }: Row): boolean => sentAt !== null && ctx.now.getTime() - sentAt.getTime() > sentMs;

type Decision = {
  event: string;
  /** Whether it comes to nothing where nobody reads the queue. */
  needsQueue: boolean;
  already(row: Row): boolean;
  may(row: Held): boolean;
  fields: Partial<Pick<Row, "replayedAt" | "sentAt" | "droppedAt">>;
  reason: string | null;
  tell(resource: { type: string; id: string }, id: string): void;
};

/** Decides about all of them, or about none. @throws dead_command_not_found, dead_command_wrong_state, dead_command_integration_closed */
async function decide(ctx: Ctx, ids: readonly string[], decision: Decision): Promise<{ changed: string[] }> {
  const rows = await locked(ctx, ids.map(uuidOf));
  const there = new Set(rows.map((row) => idOf("dlc", row.id)));
  const missing = ids.filter((id) => !there.has(id));
  if (missing.length > 0) throw new Problem("dead_command_not_found", { ids: missing });
  const decided = rows.filter((row) => !decision.may(row)).map((row) => idOf("dlc", row.id));
  if (decided.length > 0) throw new Problem("dead_command_wrong_state", { ids: decided });
  const closed = rows.filter((row) => decision.needsQueue && row.closed).map((row) => idOf("dlc", row.id));
  if (closed.length > 0) throw new Problem("dead_command_integration_closed", { ids: closed });
  const changing = rows.filter((row) => !decision.already(row));
  if (changing.length > 0)
    await set(
      ctx,
      changing.map(({ id }) => id),
      decision.fields,
    );
  for (const row of rows) {
    const changed = changing.includes(row);
    const [before, after] = [show(row), show(changed ? { ...row, ...decision.fields } : row)];
    const resource = { type: "dead_command", id: row.id };
    record(ctx, { resource, before, after, event: decision.event, changed, reason: decision.reason });
    if (changed) decision.tell(resource, after.id);
  }
  return { changed: changing.map(({ id }) => idOf("dlc", id)) };
}
