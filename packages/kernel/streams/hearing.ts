import { events } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Identity } from "../authenticate.ts";
import { visibleTo } from "../context.ts";
import type { DeliveredEvent } from "../relay/event.ts";

/** Who would hear: of what they are, only this counts. */
type Hearer = {
  actor: Pick<Identity["actor"], "id" | "permissions" | "clearance">;
  tenant: Pick<Identity["tenant"], "id" | "levels">;
};

/**
 * Whether somebody may hear of an event: the one place that decides it, for streams and lists, at the moment when it is told. Who may
 * hear of it holds its permission, and a clearance that reaches it; what is somebody's own, they alone hear. What the contract doesn't
 * know, nobody hears.
 */
export function mayHear(
  { actor, tenant }: Hearer,
  event: Pick<DeliveredEvent, "tenantId" | "name" | "classification" | "payload">,
): boolean {
  if (event.tenantId !== tenant.id) return false;
  const { permission, own = false } = events.get(event.name) ?? {};
  if (permission === undefined || permission === "nobody") return false;
  if (own && event.payload.personId !== actor.id) return false;
  if (permission !== null && !actor.permissions.has(permission)) return false;
  return event.classification === null || visibleTo(tenant.levels, actor.clearance).includes(event.classification);
}

/** What a caller asks for, of what it may hear. */
export type Wanted = { types?: string[] | undefined; entityId?: string | undefined };

/** Whether a caller asks for an event. */
export function wanting({ types, entityId }: Wanted): (event: Pick<DeliveredEvent, "name" | "entityId">) => boolean {
  const names = types && new Set(types);
  const entity = entityId && uuidOf(entityId);
  return (event) => (!names || names.has(event.name)) && (!entity || event.entityId === entity);
}
