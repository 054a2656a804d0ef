import { type EventName, events, type PayloadOf } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { outbox } from "@dais/drizzle/schema/outbox";
import { z } from "zod";
import type { Provenance } from "./audit.ts";
import type { Ctx } from "./context.ts";
import { rowsInserter } from "./insert.ts";

/** Something that happened, in the past tense: `signal.acknowledged`. */
export type Event = {
  name: string;
  /** Of the event's payload, as the contract counts them. */
  version: number;
  /** What it happened to. `id` and `entityId` are uuids of rows. */
  resource: {
    type: string;
    id: string;
    version?: number | null;
    entityId?: string | null;
    classification?: string | null;
  };
  payload: Record<string, unknown>;
  /** A new uuid, where somebody has to know it before it is written. */
  id?: string;
};
type Told<N extends EventName> = Pick<Event, "resource" | "id"> & { name: N; payload: PayloadOf<N> };

/**
 * Notes an event of the contract, to be written in the transaction of the change that it speaks of.
 * @throws Error where the payload doesn't fit its schema to the letter, or speaks of another thing: a bug
 */
export const emit = <N extends EventName>(ctx: Ctx, event: Told<N>): void => tell(ctx, event);

/** The same for a name that only the running program knows. @throws Error also where the contract has no such event */
export function tell(ctx: Ctx, { name, resource, payload, id }: Omit<Event, "version">): void {
  const known = declared.get(name);
  if (!known) throw new Error(`the contract has no event ${name}`);
  const { success, error } = known.payload.safeParse(payload);
  if (!success) throw new Error(`the payload of ${name} doesn't fit its schema: ${z.prettifyError(error)}`);
  if (uuidOf(payload.id as string) !== resource.id) throw new Error(`${name} speaks of another thing than its payload`);
  ctx.written.events.push({ name, version: known.version, resource, payload, ...(id && { id }) });
}

/** Readers get fields that they don't know sooner or later; what is written has none that the contract doesn't know. */
const declared = new Map(
  [...events].map(([name, { version, payload }]) => [name, { version, payload: payload.strict() }]),
);

/** The row of an event. */
export function eventRow(of: Provenance, event: Event, traceparent: string | null): Record<string, unknown> {
  return {
    id: event.id ?? of.newId(),
    tenant_id: of.tenantId,
    name: event.name,
    event_version: event.version,
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
