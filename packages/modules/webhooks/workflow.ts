import { idOf } from "@dais/contracts/kit/ids";
import type { Webhook } from "@dais/contracts/webhooks";
import { webhookWorkflow } from "@dais/contracts/workflows/webhook";
import { webhooks } from "@dais/drizzle/schema/webhooks";
import type { Workflow } from "@dais/kernel/machine";
import { along, machine } from "./machine.ts";

export type Row = typeof webhooks.$inferSelect;

/** A webhook as a thing whose state moves. */
export const workflow: Workflow<typeof webhooks, Webhook> = {
  spec: webhookWorkflow,
  idKind: "whk",
  table: webhooks,
  machine,
  along,
  show,
  problems: { notFound: "webhook_not_found", wrongState: "webhook_wrong_state", changed: "webhook_changed" },
};

/** The row as the contract shows it: never a secret, sealed or not. */
export function show(row: Row): Webhook {
  return {
    id: idOf("whk", row.id),
    name: row.name,
    url: row.url,
    types: row.types,
    entityId: row.entityId && idOf("ent", row.entityId),
    classification: row.classification,
    ownerId: row.ownerId,
    state: row.state,
    stateReason: row.stateReason,
    rotatedAt: row.rotatedAt?.toISOString() ?? null,
    graceEndsAt: row.graceEndsAt?.toISOString() ?? null,
    failures: row.failures,
    failingSince: row.failingSince?.toISOString() ?? null,
    lastDeliveredAt: row.lastDeliveredAt?.toISOString() ?? null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export const resourceOf = ({ id, version, classification, entityId }: Row) => ({
  type: "webhook",
  id,
  version,
  classification,
  entityId,
});
