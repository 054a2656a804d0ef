import { randomBytes } from "node:crypto";
import { uuidOf } from "@dais/contracts/kit/ids";
import { builtInRoles } from "@dais/contracts/roles/builtIn";
import { audit } from "@dais/drizzle/schema/audit";
import { digest } from "./canonical.ts";
import { bounded, differences } from "./changes.ts";
import type { Actor, Ctx } from "./context.ts";
import { rowsInserter } from "./insert.ts";
import type { Told } from "./told.ts";

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
  actor: Pick<Actor, "kind" | "id" | "roles" | "onBehalfOf" | "persons" | "via" | "agent" | "said" | "delegation"> & {
    session: { id: string } | null;
  };
  /** When the actor last proved a second factor, where that was asked for. */
  provenAt?: Date | null;
  /** Why, in the caller's words; an entry may say more. */
  reason?: string | null;
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
    changes: before && after && bounded(differences(before, after)),
    reason: entry.reason ?? of.reason ?? null,
    decision: { ...grounds(of, as.permission ?? as.action ?? of.action), ...entry.decision },
  };
}

/** The row of a call that was refused to a known actor. `id`: public id of what the call was about, where it was known by then. */
export function refusedRow(
  of: Provenance,
  problem: string,
  extensions: object,
  id: string | null = null,
): Record<string, unknown> {
  return {
    ...baseRow(of),
    outcome: "refused",
    changed: false,
    resource_type: of.action.split(".")[0],
    resource_id: id && uuidOf(id),
    problem,
    decision: { ...extensions, ...via(of) },
  };
}

/**
 * The row of a read that told of something classified. `id`: public id of the one thing that it told of, where it was one; `sha256`: of the file
 * that it was told in.
 */
export function readRow(
  of: Provenance,
  {
    items,
    count,
    classification,
    id,
    sha256,
  }: { items: Told[]; count: number; classification: string | null; id?: string | null; sha256?: string },
): Record<string, unknown> {
  return {
    ...baseRow(of),
    outcome: "read",
    changed: false,
    resource_type: of.action.split(".")[0],
    resource_id: id ? uuidOf(id) : null,
    classification,
    decision: { ...grounds(of, of.action), read: { count, items, ...(sha256 && { sha256 }) } },
  };
}

/** What let a call through: the permission, the roles that give it, a second factor; and as whom. */
function grounds(of: Provenance, permission: string) {
  const roles = of.actor.roles.filter((role) => giving.get(role)?.has(permission));
  return {
    permission,
    ...(roles.length > 0 && { roles }),
    ...(of.provenAt && { secondFactorAt: of.provenAt.toISOString() }),
    ...via(of),
  };
}
/** What each role gives by itself: those that it inherits are held beside it. */
const giving = new Map(builtInRoles.map(({ key, permissions }) => [key, new Set(permissions)]));

/** With which of its credentials the actor called, and by which delegation. */
const via = ({ actor: { via, delegation } }: Provenance) => ({
  ...(via !== undefined && { via }),
  ...(delegation && { delegation: delegation.id }),
});

const baseRow = (of: Provenance) => {
  const salts = randomBytes(64).toString("hex");
  return {
    id: of.newId(),
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
    // They blind the commitments that a proof shows, so that nobody can guess what an entry says from its hash.
    salt: salts.slice(0, 64),
    content_salt: salts.slice(64),
  };
};

/** Inserts any number of rows with one prepared statement. */
export const insertAudit = rowsInserter(audit, ["seq", "xid", "erased_at", "erasure_id"]);
