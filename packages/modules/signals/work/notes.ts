import { idOf } from "@dais/contracts/kit/ids";
import type { SignalNote } from "@dais/contracts/signals/work";
import { signalNotes } from "@dais/drizzle/schema/signalWork";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import type { Rows } from "@dais/kernel/lane";
import { emit } from "@dais/kernel/outbox";
import { instant, pageBeside } from "../beside.ts";
import { hold, resourceOf, unmerged } from "../hold.ts";
import { touch } from "../raise.ts";

export const notes = (ctx: Ctx, input: { id: string; limit: number; cursor?: string }) =>
  pageBeside(ctx, "signal_notes", input, show);

const insert = rowsInserter(signalNotes, []);

/** @throws signal_not_found, signal_merged */
export async function addNote(ctx: Ctx, { id, body }: { id: string; body: string }): Promise<SignalNote> {
  const row = await hold(ctx, id);
  unmerged(row);
  const kept = {
    ...{ id: ctx.newId(), tenant_id: ctx.tenant.id, signal_id: row.id, body },
    ...{ by: ctx.actor.id, at: ctx.now.toISOString() },
  };
  await Promise.all([insert(ctx.send, [kept]), touch(ctx, [row.id])]);
  const after = show(kept);
  const resource = resourceOf(row);
  record(ctx, { resource, after });
  emit(ctx, { name: "signal.note_added", resource, payload: { id, noteId: after.id } });
  return after;
}

const show = (row: Rows[number]): SignalNote => ({
  id: idOf("nte", row.id as string),
  signalId: idOf("sig", row.signal_id as string),
  body: row.body as string,
  by: row.by as string,
  at: instant(row.at),
});
