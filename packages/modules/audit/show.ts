import type { AuditEntry } from "@dais/contracts/audit";
import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import { publicIdOf } from "@dais/kernel/kinds";
import type { Row } from "./rows.ts";

/**
 * An entry as this caller may see it. Above their clearance it is shown that something was done, by whom, when and by which operation; to
 * what, and all that would tell of that, is withheld.
 */
export function show(ctx: Pick<Ctx, "visible">, row: Row): AuditEntry {
  const withheld = row.classification !== null && !ctx.visible.includes(row.classification);
  const known = {
    id: idOf("aud", row.id),
    at: row.at,
    outcome: row.outcome,
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    onBehalfOf: row.on_behalf_of,
    persons: row.persons,
    agentModel: row.agent_model,
    agentVersion: row.agent_version,
    operation: row.operation,
    action: row.action,
    resourceType: row.resource_type,
    classification: row.classification,
    changed: row.changed,
    requestId: row.request_id,
    withheld,
    erased: row.erased_at && row.erasure_id ? { at: row.erased_at, erasureId: idOf("ers", row.erasure_id) } : null,
  };
  return withheld ? { ...known, ...nothing } : { ...known, ...about(row) };
}

const about = (row: Row) => ({
  resourceId: publicIdOf(row.resource_type, row.resource_id),
  resourceVersion: row.resource_version,
  event: row.event,
  fromState: row.from_state,
  toState: row.to_state,
  problem: row.problem,
  sessionId: row.session_id,
  address: row.address,
  beforeDigest: row.before_digest,
  afterDigest: row.after_digest,
  changes: row.changes && Object.entries(row.changes).map(([field, [before, after]]) => ({ field, before, after })),
  reason: row.reason,
  decision: row.decision,
  traceId: row.trace_id,
  idempotencyKey: row.idempotency_key,
});

const nothing: { [K in keyof ReturnType<typeof about>]: null } = {
  resourceId: null,
  resourceVersion: null,
  event: null,
  fromState: null,
  toState: null,
  problem: null,
  sessionId: null,
  address: null,
  beforeDigest: null,
  afterDigest: null,
  changes: null,
  reason: null,
  decision: null,
  traceId: null,
  idempotencyKey: null,
};
