import type { Delegation } from "@dais/contracts/delegations";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { revoke } from "@dais/kernel/revoke";

/** Keeps the end of a delegation on record; from here on nobody acts by it, on whatever process. */
export function ended(ctx: Ctx, before: Delegation, after: Delegation, reason: string | null): void {
  const resource = resourceOf(after);
  record(ctx, { resource, before, after, reason });
  emit(ctx, { name: "delegation.ended", resource, payload: payloadOf(after) });
  revoke(ctx, after.toId);
}

export const payloadOf = ({ id, fromId, toId }: Delegation) => ({ id, fromId, toId });
export const resourceOf = ({ id, version }: Delegation) => ({ type: "delegation", id: uuidOf(id), version });
