import type { Action, actions as contract } from "@dais/contracts/actions";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { sendLast } from "@dais/kernel/last";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { begun } from "@dais/kernel/waiting";
import { fits, lookUp } from "./known.ts";
import { insert } from "./rows.ts";
import { classificationOf } from "./sources.ts";
import { type Row, resourceOf, show, workflow } from "./workflow.ts";

type Wanted = Parameters<Handlers<typeof contract>["create"]>[1];

/**
 * @throws action_classification_unknown, action_above_clearance, action_source_unknown, action_classification_low, and what is wrong
 * with what it says
 */
export async function create(ctx: Ctx, wanted: Wanted): Promise<Action> {
  const { levels } = ctx.tenant;
  const { classification, source } = wanted;
  if (!levels.includes(classification)) throw new Problem("action_classification_unknown");
  if (!ctx.visible.includes(classification)) throw new Problem("action_above_clearance");
  const [known, least] = await Promise.all([lookUp(ctx, [wanted]), source && classificationOf(ctx, source)]);
  if (source && least === undefined) throw new Problem("action_source_unknown");
  if (least && levels.indexOf(classification) < levels.indexOf(least))
    throw new Problem("action_classification_low", { least });
  const problem = fits(ctx, known, wanted, wanted);
  if (problem) throw problem;

  const row = made(ctx, wanted, wanted.dueDay === null ? null : (known.ends.get(wanted.dueDay) ?? null));
  sendLast(ctx, () => insert(ctx, row));
  const after = show(row);
  const resource = resourceOf(row);
  record(ctx, { resource, after, event: "create", from: null, to: row.state });
  begun(ctx, workflow, row);
  emit(ctx, { name: "action.created", resource, payload: { id: after.id } });
  return after;
}

function made(ctx: Ctx, wanted: Wanted, dueAt: Date | null): Row {
  const { title, details, priority, dueDay, ownerId, deputyIds, entityId, classification, source } = wanted;
  return {
    id: ctx.newId(),
    tenantId: ctx.tenant.id,
    ...{ title, details, priority, dueDay, dueAt, classification },
    ownerId: uuidOf(ownerId),
    deputyIds: deputyIds.map(uuidOf),
    entityId: entityId && uuidOf(entityId),
    sourceType: source?.type ?? null,
    sourceId: source && uuidOf(source.id),
    createdBy: ctx.actor.id,
    ...{ completedBy: null, completedAt: null, completedPersons: [], verifiedBy: null, verifiedAt: null },
    ...{ state: "open", stateReason: null, version: 1, createdAt: ctx.now, updatedAt: ctx.now },
  };
}
