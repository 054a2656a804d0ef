import { uuidOf } from "@dais/contracts/kit/ids";
import type { posture as contract, PostureChange } from "@dais/contracts/posture";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { begun } from "@dais/kernel/waiting";
import { classificationsOf } from "@dais/modules/signals";
import { insert } from "./changes.ts";
import { holdScope, standing } from "./standing.ts";
import { show, workflow } from "./workflow.ts";

type Wanted = Parameters<Handlers<typeof contract>["propose"]>[1];

/** @throws posture_level_unknown, posture_level_holds, posture_signal_unknown, posture_entity_unknown */
export async function propose(ctx: Ctx, { entityId, level: key, reason, signalIds }: Wanted): Promise<PostureChange> {
  const entity = entityId === undefined ? null : uuidOf(entityId);
  const [, { held, levels }, classification] = await Promise.all([
    holdScope(ctx, entity),
    standing(ctx, entity),
    highest(ctx, [...new Set(signalIds)]),
  ]);
  if (held?.level === key) throw new Problem("posture_level_holds");
  if ("unknown" in classification) throw new Problem("posture_signal_unknown", { signalIds: classification.unknown });
  const level = levels.find((one) => one.key === key);
  if (!level) throw new Problem("posture_level_unknown");
  const row = await insert(ctx, {
    ...{ entityId: entity, fromLevel: held?.level ?? null, level: key, rank: level.rank, reason },
    ...{ signalIds: [...new Set(signalIds)].map(uuidOf), classification: classification.level },
  });
  const resource = { type: "posture", id: row.id, version: row.version, classification: row.classification };
  const after = show(row);
  record(ctx, { resource, after, event: "propose", from: null, to: row.state, reason });
  begun(ctx, workflow, row);
  emit(ctx, { name: "posture.proposed", resource: { ...resource, entityId: entity }, payload: { id: after.id } });
  return after;
}

/** The highest classification of these signals, or those that are not there for the caller. */
async function highest(ctx: Ctx, ids: readonly string[]): Promise<{ level: string } | { unknown: string[] }> {
  const known = ids.length === 0 ? new Map<string, string>() : await classificationsOf(ctx, ids);
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) return { unknown };
  const theirs = new Set(known.values());
  return { level: ctx.tenant.levels.findLast((level) => theirs.has(level)) ?? ctx.tenant.levels[0] ?? "" };
}
