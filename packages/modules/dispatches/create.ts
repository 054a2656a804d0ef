import type { Dispatch } from "@dais/contracts/dispatches";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { enqueue } from "@dais/kernel/jobs";
import { emit } from "@dais/kernel/outbox";
import { begun } from "@dais/kernel/waiting";
import { address } from "@dais/modules/dispatchRecipients";
import { addressing } from "./addressing.ts";
import { addresseesOf } from "./audience.ts";
import { reserve } from "./day.ts";
import { atOnce, judge, type Said } from "./judge.ts";
import { insert } from "./rows.ts";
import { resourceOf, show, workflow } from "./workflow.ts";

/**
 * Makes a dispatch: judged, reserved from the day's cap, and written down with its first recipients in one change.
 * @throws every problem of `judge`, dispatch_cap
 */
export async function create(ctx: Ctx, said: Said): Promise<Dispatch> {
  const { content, audience, found, recipients, estimate, day, organisation } = await judge(ctx, said);
  const reserved = estimate.messages.most;
  await reserve(ctx, day.day, reserved, organisation.settings.communications.dailyMessages);
  const all = [...addresseesOf(audience).slice(0, atOnce), ...found.people];
  const isWhole = all.length === recipients;
  const { classification, policy, priority, drill, subject, attachesPaper } = said;
  const row = await insert(ctx, {
    ...{ id: ctx.newId(), templateId: uuidOf(said.templateId), content, audience, policy, priority, drill },
    ...{ subjectType: subject?.type ?? null, subjectId: subject?.id ?? null, attachesPaper, classification },
    ...{ entityId: said.entityId && uuidOf(said.entityId), recipients, estimate, day: day.day, reserved },
    ...{ createdBy: whoOf(ctx), addressedAt: isWhole ? ctx.now : null, state: "running" },
    ...{ createdAt: ctx.now, updatedAt: ctx.now },
  });
  const [resource, after] = [resourceOf(row), show(row)];
  record(ctx, { resource, after, event: "create", from: null, to: row.state });
  begun(ctx, workflow, row);
  emit(ctx, { name: "dispatch.created", resource, payload: { id: after.id, recipients, drill } });
  await address(ctx, row, all);
  if (isWhole) emit(ctx, { name: "dispatch.addressed", resource, payload: { id: idOf("dsp", row.id), recipients } });
  else enqueue(ctx, addressing, { dispatchId: row.id, done: all.length, after: found.after });
  return after;
}

/** Who is behind it: what the server makes by itself is of whoever caused it. */
const whoOf = ({ actor: { kind, id, onBehalfOf } }: Ctx): string => (kind === "system" ? (onBehalfOf ?? id) : id);
