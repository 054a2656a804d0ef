import { audit } from "@dais/drizzle/schema/audit";
import { canonical, digest, sha256 } from "./canonical.ts";
import type { Actor, Ctx } from "./context.ts";
import { rowsInserter } from "./insert.ts";

type Resource = { type: string; id: string | null; version?: number | null; classification?: string | null };

/** What a handler says of its effect. `before` and `after` are the resource as the contract shows it; `id` is the row's uuid. */
export type Entry = {
  resource: Resource;
  before?: object | null;
  after?: object | null;
  event?: string;
  from?: string | null;
  to?: string | null;
  /** False where the command found everything as it should be already. */
  changed?: boolean;
  reason?: string | null;
  /** Which rules let it through, beyond the permission. */
  decision?: Record<string, unknown>;
  /** What it was done as, where that isn't the call itself: a proposed command is done within another one's call. */
  as?: Partial<Pick<Provenance, "operation" | "action">> & { permission?: string; persons?: readonly string[] };
};

/** Notes an entry, to be written in the transaction of the change: they live or die together. */
export function record(ctx: Ctx, entry: Entry): void {
  ctx.written.entries.push(entry);
}

/** Who is behind a call, as every entry of it says. */
export type Provenance = {
  tenantId: string;
  operation: string;
  action: string;
  actor: Pick<Actor, "kind" | "id" | "onBehalfOf" | "persons" | "via" | "agent" | "said" | "delegation"> & {
    session: { id: string } | null;
  };
  address: string | null;
  requestId: string;
  traceId: string | null;
  idempotencyKey: string | null;
  at: Date;
  newId(): string;
};

/** The row of an effect. */
export function doneRow(of: Provenance, entry: Entry): Record<string, unknown> {
  const { before = null, after = null, resource, as = {} } = entry;
  return {
    ...baseRow(of),
    operation: as.operation ?? of.operation,
    action: as.action ?? of.action,
    persons: as.persons ?? of.actor.persons,
    outcome: "done",
    changed: entry.changed ?? true,
    resource_type: resource.type,
    resource_id: resource.id,
    resource_version: resource.version ?? null,
    classification: resource.classification ?? null,
    event: entry.event ?? null,
    from_state: entry.from ?? null,
    to_state: entry.to ?? null,
    before_digest: before && digest(before),
    after_digest: after && digest(after),
    changes: before && after && differences(before, after),
    reason: entry.reason ?? null,
    decision: { permission: as.permission ?? as.action ?? of.action, ...entry.decision, ...via(of) },
  };
}

/** The row of a call that was refused to a known actor. */
export function refusedRow(of: Provenance, problem: string, extensions: object): Record<string, unknown> {
  return {
    ...baseRow(of),
    outcome: "refused",
    changed: false,
    resource_type: of.action.split(".")[0],
    problem,
    decision: { ...extensions, ...via(of) },
  };
}

/** With which of its credentials the actor called, and by which delegation. */
const via = ({ actor: { via, delegation } }: Provenance) => ({
  ...(via !== undefined && { via }),
  ...(delegation && { delegation: delegation.id }),
});

const baseRow = (of: Provenance) => {
  const id = of.newId();
  return {
    id,
    tenant_id: of.tenantId,
    at: of.at.toISOString(),
    operation: of.operation,
    action: of.action,
    actor_kind: of.actor.kind,
    actor_id: of.actor.id,
    on_behalf_of: of.actor.onBehalfOf,
    persons: of.actor.persons,
    agent_model: of.actor.said?.model ?? of.actor.agent?.model ?? null,
    agent_version: of.actor.said?.version ?? of.actor.agent?.version ?? null,
    session_id: of.actor.session?.id ?? null,
    address: of.address,
    request_id: of.requestId,
    trace_id: of.traceId,
    idempotency_key: of.idempotencyKey,
    // Blinds the commitment that a proof will show, so that nobody can guess what an entry says from its hash.
    salt: sha256(`${id}${crypto.randomUUID()}`),
  };
};

/** Field -> [before, after], for the fields that differ. */
export function differences(before: object, after: object): Record<string, [unknown, unknown]> {
  const was = before as Record<string, unknown>;
  const is = after as Record<string, unknown>;
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return Object.fromEntries(
    fields
      .filter((field) => canonical(was[field]) !== canonical(is[field]))
      .map((field) => [field, [was[field] ?? null, is[field] ?? null]]),
  );
}

/** Inserts any number of rows with one prepared statement. */
export const insertAudit = rowsInserter(audit, ["seq", "xid"]);
