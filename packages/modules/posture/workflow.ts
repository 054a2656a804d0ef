import { idOf } from "@dais/contracts/kit/ids";
import type { PostureChange } from "@dais/contracts/posture";
import { postureWorkflow } from "@dais/contracts/workflows/posture";
import { postureChanges } from "@dais/drizzle/schema/postureChanges";
import type { Workflow } from "@dais/kernel/machine";
import { along, machine } from "./machine.ts";
import { policies } from "./policies.ts";

export type Row = typeof postureChanges.$inferSelect;

/** A change of posture as a thing whose state moves. */
export const workflow: Workflow<typeof postureChanges, PostureChange> = {
  spec: postureWorkflow,
  idKind: "pos",
  table: postureChanges,
  machine,
  along,
  show,
  policies,
  waiting: ({ level, reason }) => ({ title: { en: `${level}: ${reason}`, ar: null } }),
  content(row) {
    const { entityId, fromLevel, level, reason, signalIds, classification } = show(row);
    return { entityId, fromLevel, level, reason, signalIds, classification };
  },
  problems: {
    notFound: "posture_change_not_found",
    wrongState: "posture_wrong_state",
    changed: "posture_changed",
  },
};

/** The row as the contract shows it. */
export function show(row: Row): PostureChange {
  return {
    id: idOf("pos", row.id),
    entityId: row.entityId && idOf("ent", row.entityId),
    fromLevel: row.fromLevel,
    level: row.level,
    rank: row.rank,
    reason: row.reason,
    signalIds: row.signalIds.map((id) => idOf("sig", id)),
    proposedBy: row.proposedBy,
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    classification: row.classification,
    state: row.state,
    stateReason: row.stateReason,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
