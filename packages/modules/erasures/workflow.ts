import type { Erasure } from "@dais/contracts/erasures";
import { idOf } from "@dais/contracts/kit/ids";
import { erasureWorkflow } from "@dais/contracts/workflows/erasure";
import { erasures } from "@dais/drizzle/schema/erasures";
import type { Workflow } from "@dais/kernel/machine";
import { Problem } from "@dais/kernel/problem";
import { along, machine } from "./machine.ts";

export type Row = typeof erasures.$inferSelect;

/** An erasure as a thing whose state moves. */
export const workflow: Workflow<typeof erasures, Erasure> = {
  spec: erasureWorkflow,
  idKind: "ers",
  table: erasures,
  machine,
  along,
  show,
  policies: {
    /** Who asked for it takes it back. */
    own: (ctx, { requestedBy }) => (requestedBy === ctx.actor.id ? null : new Problem("erasure_not_own")),
  },
  content: ({ entriesSha256, reason }) => ({ entriesSha256, reason }),
  problems: { notFound: "erasure_not_found", wrongState: "erasure_wrong_state", changed: "erasure_changed" },
};

/** The row as the contract shows it. */
export function show(row: Row): Erasure {
  return {
    id: idOf("ers", row.id),
    personId: row.personId,
    from: row.fromAt?.toISOString() ?? null,
    to: row.toAt?.toISOString() ?? null,
    entries: row.entries,
    entriesSha256: row.entriesSha256,
    reason: row.reason,
    requestedBy: row.requestedBy,
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
