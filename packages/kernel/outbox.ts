import { outbox } from "@dais/drizzle/schema/outbox";
import type { Provenance } from "./audit.ts";
import type { Ctx } from "./context.ts";
import { rowsInserter } from "./insert.ts";

/** Something that happened, in the past tense: `signal.acknowledged`. `id` is the resource's uuid. */
export type Event = {
  name: string;
  version?: number;
  resource: {
    type: string;
    id: string;
    version?: number | null;
    entityId?: string | null;
    classification?: string | null;
  };
  payload: Record<string, unknown>;
};

/** Notes an event, to be written in the transaction of the change that it speaks of. */
export function emit(ctx: Ctx, event: Event): void {
  ctx.written.events.push(event);
}

export function eventRow(of: Provenance, event: Event, traceparent: string | null): Record<string, unknown> {
  return {
    id: of.newId(),
    tenant_id: of.tenantId,
    name: event.name,
    event_version: event.version ?? 1,
    occurred_at: of.at.toISOString(),
    resource_type: event.resource.type,
    resource_id: event.resource.id,
    resource_version: event.resource.version ?? null,
    entity_id: event.resource.entityId ?? null,
    classification: event.resource.classification ?? null,
    payload: event.payload,
    actor_kind: of.actor.kind,
    actor_id: of.actor.id,
    on_behalf_of: of.actor.onBehalfOf,
    request_id: of.requestId,
    traceparent,
  };
}

export const insertOutbox = rowsInserter(outbox, ["seq", "xid", "published_at"]);
