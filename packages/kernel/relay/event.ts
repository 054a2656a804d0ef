import type { EventRow } from "@dais/contracts/kit/envelope";

/** An event as the relay hands it on: its row in the outbox. */
export type DeliveredEvent = EventRow & {
  /** Its place in the order of its resource. */
  seq: number;
  tenantId: string;
  resourceType: string;
  /** The resource's uuid. */
  resourceId: string;
};

/** The columns that `eventOf` reads, of `outbox` as `o`. */
export const eventColumns = `
  o.seq::text, o.id, o.tenant_id, o.name, o.event_version, o.occurred_at, o.resource_type, o.resource_id, o.resource_version, o.entity_id,
  o.classification, o.payload, o.actor_kind, o.actor_id, o.on_behalf_of, o.request_id, o.traceparent`;

export const eventOf = (row: Record<string, unknown>): DeliveredEvent => ({
  seq: Number(row.seq),
  id: row.id as string,
  tenantId: row.tenant_id as string,
  name: row.name as string,
  eventVersion: row.event_version as number,
  occurredAt: new Date(row.occurred_at as string),
  resourceType: row.resource_type as string,
  resourceId: row.resource_id as string,
  resourceVersion: row.resource_version as number | null,
  entityId: row.entity_id as string | null,
  classification: row.classification as string | null,
  payload: row.payload as Record<string, unknown>,
  actorKind: row.actor_kind as string,
  actorId: row.actor_id as string,
  onBehalfOf: row.on_behalf_of as string | null,
  requestId: row.request_id as string,
  traceparent: row.traceparent as string | null,
});
