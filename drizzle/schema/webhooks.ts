import { deliveryErrors, deliveryStates, webhookStates } from "@dais/contracts/webhooks/values";
import { sql } from "drizzle-orm";
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";
import { organisations } from "./organisations.ts";
import { texts } from "./texts.ts";

/** Addresses that are told what happens. `state` moves only through the machine `webhook`. */
export const webhooks = pgTable(
  "webhooks",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    name: text().notNull(),
    url: text().notNull(),
    /** Names of events; null: all. */
    types: texts(),
    entityId: uuid("entity_id"),
    /** It hears nothing above, and does not exist for who is not cleared for it. */
    classification: text().notNull(),
    /** Public id of whose rights it hears by. */
    ownerId: text("owner_id").notNull(),
    /** Of a program, whose permissions only its tokens say: those that it had when it made or changed this. */
    ownerPermissions: texts("owner_permissions"),
    /** Sealed. */
    secret: text().notNull(),
    previousSecret: text("previous_secret"),
    rotatedAt: instant("rotated_at"),
    graceEndsAt: instant("grace_ends_at"),
    state: text({ enum: webhookStates }).notNull(),
    stateReason: text("state_reason"),
    /** How it fares, which is no change of it. */
    failures: integer().notNull().default(0),
    failingSince: instant("failing_since"),
    lastDeliveredAt: instant("last_delivered_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("webhooks_tenant_id").on(t.tenantId, t.id),
    index("webhooks_newest").on(t.tenantId, t.createdAt, t.id).where(sql`${t.state} <> 'deleted'`),
    foreignKey({
      name: "webhooks_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);

/** Events as webhooks are sent them, once for all of an organisation's: what is sent again has the same bytes. */
export const webhookMessages = pgTable(
  "webhook_messages",
  {
    tenantId: tenantId(),
    eventId: uuid("event_id").notNull(),
    name: text().notNull(),
    entityId: uuid("entity_id"),
    classification: text(),
    occurredAt: instant("occurred_at").notNull(),
    /** When it came here; it is kept for so long from then on. */
    createdAt: instant("created_at").notNull(),
    body: text().notNull(),
  },
  (t) => [
    primaryKey({ name: "webhook_messages_key", columns: [t.tenantId, t.eventId] }),
    index("webhook_messages_span").on(t.tenantId, t.occurredAt, t.eventId),
    index("webhook_messages_age").on(t.createdAt),
  ],
);

type Attempt = { at: string; status: number | null; error: (typeof deliveryErrors)[number] | null; durationMs: number };

/** An event on its way to one webhook. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    webhookId: uuid("webhook_id").notNull(),
    eventId: uuid("event_id").notNull(),
    state: text({ enum: deliveryStates }).notNull(),
    /** Part of a replay: it waits behind what happens now. */
    bulk: boolean().notNull(),
    /** Attempts of this turn; a redelivery begins another. */
    tries: integer().notNull().default(0),
    nextAt: instant("next_at"),
    error: text({ enum: deliveryErrors }),
    /** The last 20. */
    attempts: jsonb().$type<Attempt[]>().notNull(),
    createdAt: instant("created_at").notNull(),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    unique("webhook_deliveries_once").on(t.webhookId, t.eventId),
    // What a sender looks for: from webhook to webhook, and of each the first that is due, live ones first.
    index("webhook_deliveries_due").on(t.webhookId, t.bulk, t.nextAt, t.id).where(sql`${t.state} = 'waiting'`),
    index("webhook_deliveries_newest").on(t.webhookId, t.createdAt, t.id),
    index("webhook_deliveries_states").on(t.webhookId, t.state, t.createdAt, t.id),
    index("webhook_deliveries_message").on(t.tenantId, t.eventId),
    foreignKey({
      name: "webhook_deliveries_webhook",
      columns: [t.tenantId, t.webhookId],
      foreignColumns: [webhooks.tenantId, webhooks.id],
    }),
    foreignKey({
      name: "webhook_deliveries_event",
      columns: [t.tenantId, t.eventId],
      foreignColumns: [webhookMessages.tenantId, webhookMessages.eventId],
    }),
  ],
);
