import type { Action, actions as contract } from "@dais/contracts/actions";
import { editedFields } from "@dais/contracts/actions/change";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { sendLast } from "@dais/kernel/last";
import { merging } from "@dais/kernel/merge";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { stillWaiting } from "@dais/kernel/waiting";
import { fits, type Known, lookUp } from "./known.ts";
import { holdThese, isWorked, update as updated } from "./rows.ts";
import { type Row, resourceOf, show, workflow } from "./workflow.ts";

type Edit = Parameters<Handlers<typeof contract>["update"]>[1];
type Fields = Pick<Edit, (typeof editedFields)[number]>;
type Edited = { before: Row; after: Row; merged: boolean; problem: null };
/** `version`: the one that it has; null where it isn't there for the caller. */
type Refused = { problem: Problem; version: number | null };

/** @throws action_not_found, action_changed, action_wrong_state, and what is wrong with what it says */
export async function update(ctx: Ctx, edit: Edit): Promise<Action & { merged: boolean }> {
  const [came] = await edited(ctx, [edit]);
  if (!came || came.problem) throw came?.problem ?? new Problem("action_not_found");
  return { ...show(came.after), merged: came.merged };
}

/** Each is made or refused by itself. Two exchanges, and one more where some come late. */
export async function updateMany(ctx: Ctx, { items }: { items: Edit[] }) {
  const came = await edited(ctx, items);
  // What is refused leaves no trace of its own.
  if (came.every(({ problem }) => problem !== null))
    record(ctx, { resource: { type: "action", id: null }, changed: false });
  return { items: came.map((one, n) => ({ id: (items[n] as Edit).id, ...outcomeOf(one) })) };
}

function outcomeOf(one: Edited | Refused) {
  if (one.problem) {
    const { code, extensions } = one.problem;
    const { fields = [] } = extensions as { fields?: { field: string }[] };
    const names = fields.map(({ field }) => field).slice(0, 20);
    return { outcome: "refused" as const, version: one.version, problem: code, fields: names };
  }
  const { before, after, merged } = one;
  const done = merged ? ("merged" as const) : ("changed" as const);
  const outcome = after.version === before.version ? ("unchanged" as const) : done;
  return { outcome, version: after.version, problem: null, fields: [] };
}

/** What becomes of edits, in their order: the row before and after, or why it is as it was. */
async function edited(ctx: Ctx, edits: readonly Edit[]): Promise<(Edited | Refused)[]> {
  const ids = edits.map(({ id }) => id);
  const [held, known] = await Promise.all([holdThese(ctx, ids), lookUp(ctx, edits)]);
  const there = edits.flatMap((edit) => {
    const row = held.get(uuidOf(edit.id));
    return row ? [{ edit, row }] : [];
  });
  const judged = await merging(
    ctx,
    there.map(({ edit, row }) => ({
      current: { type: "action", id: row.id, version: row.version, shown: show(row) },
      wanted: { version: edit.version, fields: fieldsOf(edit) },
    })),
  );
  const came = new Map(
    there.map(({ edit, row }, n): [string, Edited | Refused] => {
      const one = judged[n] as (typeof judged)[number];
      const after = one.refused
        ? new Problem("action_changed", { ...one.refused, state: row.state })
        : applied(ctx, known, row, one.fields);
      if (after instanceof Problem) return [edit.id, { problem: after, version: row.version }];
      return [edit.id, { before: row, after, merged: one.refused === null && one.merged, problem: null }];
    }),
  );
  const done = [...came.values()].flatMap((one) => (one.problem ? [] : [one]));
  const changed = done.filter(({ before, after }) => after.version !== before.version);
  if (changed.length > 0) {
    const [text, rows] = updated(changed.map(({ after }) => after));
    sendLast(ctx, () => ctx.send(text, [ctx.tenant.id, rows]));
  }
  for (const one of done) noted(ctx, one);
  return ids.map((id) => came.get(id) ?? { problem: new Problem("action_not_found"), version: null });
}

const fieldsOf = (edit: Edit): Fields =>
  Object.fromEntries(editedFields.flatMap((field) => (edit[field] === undefined ? [] : [[field, edit[field]]])));

/** The row with what is said of it, or what is wrong with that. */
function applied(ctx: Ctx, known: Known, before: Row, fields: Fields): Row | Problem {
  if (!isWorked(before.state)) return new Problem("action_wrong_state", { state: before.state });
  const shown = show(before) as Action & Record<string, unknown>;
  const said = Object.fromEntries(
    Object.entries(fields).filter(([field, value]) => canonical(value) !== canonical(shown[field])),
  ) as Fields;
  if (Object.keys(said).length === 0) return before;
  const problem = fits(ctx, known, said, { ...shown, ...said });
  if (problem) return problem;
  const { ownerId, deputyIds, entityId, dueDay, ...words } = said;
  return {
    ...{ ...before, ...words, version: before.version + 1, updatedAt: ctx.now },
    ...(ownerId !== undefined && { ownerId: uuidOf(ownerId) }),
    ...(deputyIds !== undefined && { deputyIds: deputyIds.map(uuidOf) }),
    ...(entityId !== undefined && { entityId: entityId && uuidOf(entityId) }),
    ...(dueDay !== undefined && { dueDay, dueAt: dueDay === null ? null : (known.ends.get(dueDay) ?? null) }),
  };
}

/** What whoever it waits for sees of it, or goes by. */
const listed = ["title", "ownerId", "deputyIds", "dueAt", "entityId"] as const;

/** Records and tells an edit; who waits for it, and until when, follows. */
function noted(ctx: Ctx, { before, after, merged }: Edited): void {
  const [was, is] = [show(before), show(after)];
  const changed = after.version !== before.version;
  const resource = resourceOf(after);
  record(ctx, { resource, before: was, after: is, changed, ...(merged && { decision: { merged } }) });
  if (!changed) return;
  const differ = (field: keyof Action) => canonical(was[field]) !== canonical(is[field]);
  const fields = editedFields.filter(differ);
  emit(ctx, { name: "action.updated", resource, payload: { id: is.id, fields } });
  if (differ("ownerId"))
    emit(ctx, { name: "action.handed_over", resource, payload: { id: is.id, fromId: was.ownerId, toId: is.ownerId } });
  if (listed.some(differ)) stillWaiting(ctx, workflow, after);
}
