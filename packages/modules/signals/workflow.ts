import { idOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import { signalWorkflow } from "@dais/contracts/workflows/signal";
import { signals } from "@dais/drizzle/schema/signals";
import type { Workflow } from "@dais/kernel/machine";
import { along, machine } from "./machine.ts";
import { shownGeocode } from "./place.ts";

export type Row = typeof signals.$inferSelect;

/** The signal as a thing whose state moves. */
export const workflow: Workflow<typeof signals, Signal> = {
  spec: signalWorkflow,
  idKind: "sig",
  table: signals,
  machine,
  along,
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
    place: row.place,
    geocodes: row.geocodes.map(shownGeocode),
    language: row.language,
    translations: row.translations ?? [],
    occurredAt: row.occurredAt.toISOString(),
    reportedAt: row.reportedAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    sightings: row.sightings,
    lastSeenAt: (row.lastSeenAt ?? row.reportedAt).toISOString(),
    mergedInto: row.mergedInto && idOf("sig", row.mergedInto),
    groupId: row.groupId && idOf("sgr", row.groupId),
    assigneeId: row.assigneeId && idOf("per", row.assigneeId),
    snoozedUntil: row.state === "snoozed" ? (row.snoozedUntil?.toISOString() ?? null) : null,
    label: row.label,
    assessedSeverity: row.assessedSeverity,
    assessedConfidence: row.assessedConfidence,
    assessedBy: row.assessedBy,
    review: row.review && row.reviewSince && { why: row.review, since: row.reviewSince.toISOString() },
    state: row.state,
    stateReason: row.stateReason,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
