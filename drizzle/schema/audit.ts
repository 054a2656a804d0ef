import { sql } from "drizzle-orm";
import { bigint, boolean, index, integer, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId, xid8 } from "./columns.ts";
import { texts } from "./texts.ts";

/**
 * Who did what, and what came of it. Append-only: the app's role may insert and read, a trigger refuses the rest to everybody. Only what
 * the law wants gone can go, by an approved erasure: the half of an entry that tells more than that something was done, by whom and to what.
 * No foreign keys: an entry outlives what it speaks of. `seq` and `xid` are Postgres' own, and can't be written.
 */
export const audit = pgTable(
  "audit",
  {
    seq: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    id: uuid().notNull(),
    tenantId: tenantId(),
    xid: xid8().notNull(),
    at: instant("at").notNull(),
    /** `done`: the effect is in the same transaction. `refused`: nothing changed. `read`: a read worth keeping. */
    outcome: text({ enum: ["done", "refused", "read"] }).notNull(),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id").notNull(),
    onBehalfOf: text("on_behalf_of"),
    /** Public ids of the people behind the actor: itself, whom it acts for, an agent's owner, a key's maker. */
    persons: texts().notNull().default([]),
    agentModel: text("agent_model"),
    agentVersion: text("agent_version"),
    sessionId: text("session_id"),
    address: text(),
    operation: text().notNull(),
    action: text().notNull(),
    resourceType: text("resource_type").notNull(),
    resourceId: uuid("resource_id"),
    resourceVersion: integer("resource_version"),
    classification: text(),
    event: text(),
    fromState: text("from_state"),
    toState: text("to_state"),
    changed: boolean().notNull(),
    /** SHA-256 over the canonical JSON (RFC 8785) of the resource, as the contract shows it. */
    beforeDigest: text("before_digest"),
    afterDigest: text("after_digest"),
    /** Field -> [before, after]. */
    changes: jsonb().$type<Record<string, [unknown, unknown]>>(),
    reason: text(),
    problem: text(),
    /** Which rules let the call through, or stopped it. */
    decision: jsonb().$type<Record<string, unknown>>(),
    requestId: text("request_id").notNull(),
    traceId: text("trace_id"),
    idempotencyKey: text("idempotency_key"),
    /** Blinds the commitment to what is never erased: who did what, when, to which thing. */
    salt: text().notNull(),
    /** Blinds the commitment to the rest. Erased with it. */
    contentSalt: text("content_salt"),
    erasedAt: instant("erased_at"),
    erasureId: uuid("erasure_id"),
  },
  (t) => [
    unique("audit_tenant_id").on(t.tenantId, t.id),
    index("audit_at").on(t.tenantId, t.at, t.seq),
    index("audit_actor").on(t.tenantId, t.actorId, t.at, t.seq),
    index("audit_operation").on(t.tenantId, t.operation, t.at, t.seq),
    index("audit_action").on(t.tenantId, t.action, t.at, t.seq),
    index("audit_event").on(t.tenantId, t.event, t.at, t.seq).where(sql`${t.event} is not null`),
    index("audit_not_done").on(t.tenantId, t.outcome, t.at, t.seq).where(sql`${t.outcome} <> 'done'`),
    index("audit_resource").on(t.tenantId, t.resourceId, t.seq),
    // The order in which entries are sealed.
    index("audit_committed").on(t.tenantId, t.xid, t.seq),
    index("audit_signal_moves")
      .on(t.tenantId, t.at)
      .where(sql`${t.resourceType} = 'signal' and ${t.event} in ('escalate', 'dismiss', 'reopen', 'wake', 'raise')`),
  ],
);
