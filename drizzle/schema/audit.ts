import { sql } from "drizzle-orm";
import { bigint, boolean, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId, xid8 } from "./columns.ts";
import { texts } from "./texts.ts";

/**
 * Who did what, and what came of it. Append-only: the app's role may insert and read, a trigger refuses the rest to everybody.
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
    salt: text().notNull(),
  },
  (t) => [
    index("audit_resource").on(t.tenantId, t.resourceId, t.seq),
    index("audit_newest").on(t.tenantId, t.seq),
    index("audit_signal_moves")
      .on(t.tenantId, t.at)
      .where(sql`${t.resourceType} = 'signal' and ${t.event} in ('escalate', 'dismiss', 'reopen', 'wake', 'raise')`),
  ],
);
