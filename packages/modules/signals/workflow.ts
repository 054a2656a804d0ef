import { idOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import { signals } from "@dais/drizzle/schema/signals";
import type { Workflow } from "@dais/kernel/machine";
import { machine } from "./machine.ts";

export type Row = typeof signals.$inferSelect;

/** The signal as a thing whose state moves. */
export const workflow: Workflow<typeof signals, Signal> = {
  name: "signal",
  idKind: "sig",
  table: signals,
  machine,
  show,
  problems: { notFound: "signal_not_found", wrongState: "signal_wrong_state", changed: "signal_changed" },
};

/** The row as the contract shows it. */
export function show(row: Row): Signal {
  return {
    id: idOf("sig", row.id),
    source: row.source,
    externalId: row.externalId,
    title: row.title,
    body: row.body,
    severity: row.severity,
    category: row.category,
    classification: row.classification,
    confidence: row.confidence,
    entityId: row.entityId && idOf("ent", row.entityId),
    area: row.area,
    language: row.language,
    occurredAt: row.occurredAt.toISOString(),
    reportedAt: row.reportedAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    state: row.state,
    stateReason: row.stateReason,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
