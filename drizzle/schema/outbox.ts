import { sql } from "drizzle-orm";
import { bigint, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
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
    publishedAt: instant("published_at"),
  },
  (t) => [index("outbox_waiting").on(t.seq).where(sql`${t.publishedAt} is null`)],
);
