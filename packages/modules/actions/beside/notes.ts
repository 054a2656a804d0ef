import type { ActionNote } from "@dais/contracts/actions/beside";
import { idOf } from "@dais/contracts/kit/ids";
import { actionNotes } from "@dais/drizzle/schema/actionWork";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import type { Rows } from "@dais/kernel/lane";
import { sendLast } from "@dais/kernel/last";
import { emit } from "@dais/kernel/outbox";
import { holdBeside } from "../rows.ts";
import { resourceOf } from "../workflow.ts";
import { instant, pageBeside, sides } from "./pages.ts";

export const notes = (ctx: Ctx, input: { id: string; limit: number; cursor?: string }) =>
  pageBeside(ctx, "action_notes", input, show);

const insert = rowsInserter(actionNotes, []);

/** @throws action_not_found */
export async function addNote(ctx: Ctx, { id, body }: { id: string; body: string }): Promise<ActionNote> {
  const row = await holdBeside(ctx, id);
  const kept = {
    ...{ id: ctx.newId(), tenant_id: ctx.tenant.id, action_id: row.id, body },
    ...{ by: ctx.actor.id, at: ctx.now.toISOString() },
  };
  sendLast(ctx, () => insert(ctx.send, [kept]));
  const after = show(kept);
  const resource = resourceOf(row);
  record(ctx, { resource, ...sides("notes", after.id, [null, { body }]) });
  emit(ctx, { name: "action.note_added", resource, payload: { id, noteId: after.id } });
  return after;
}

const show = (row: Rows[number]): ActionNote => ({
  id: idOf("nte", row.id as string),
  actionId: idOf("act", row.action_id as string),
  body: row.body as string,
  by: row.by as string,
  at: instant(row.at),
});
