import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId, xid8 } from "./columns.ts";

/** Events, written in the transaction that they speak of, for a relay to deliver in order per resource. */
export const outbox = pgTable(
  "outbox",
  {
    seq: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    id: uuid().notNull(),
    tenantId: tenantId(),
    xid: xid8().notNull(),
    name: text().notNull(),
    eventVersion: integer("event_version").notNull(),
    occurredAt: instant("occurred_at").notNull(),
    resourceType: text("resource_type").notNull(),
    resourceId: uuid("resource_id").notNull(),
    resourceVersion: integer("resource_version"),
    entityId: uuid("entity_id"),
    classification: text(),
    payload: jsonb().$type<Record<string, unknown>>().notNull(),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id").notNull(),
    onBehalfOf: text("on_behalf_of"),
    requestId: text("request_id").notNull(),
    traceparent: text(),
    /** When every consumer had it, or a stall stood for those that hadn't. */
    publishedAt: instant("published_at"),
  },
  (t) => [
    // What waits, for each tenant in its order: one that has much to tell doesn't stand in front of the others.
    index("outbox_waiting").on(t.tenantId, t.seq).where(sql`${t.publishedAt} is null`),
    // What a tenant's streams haven't seen yet: see the relay's feed.
    index("outbox_committed").on(t.tenantId, t.xid),
    index("outbox_resource").on(t.resourceId, t.seq),
  ],
);

/** Up to which transaction events have been pruned: one row. A stream that has seen less can't be resumed. */
export const outboxPruned = pgTable("outbox_pruned", { one: boolean().primaryKey(), xid: xid8().notNull() }, (t) => [
  check("outbox_pruned_one", sql`${t.one}`),
]);
