import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { apiKeys } from "./apiKeys.ts";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";

/** How far events have been published to the broker: one row, made when a server is first told of one. */
export const amqpCursor = pgTable(
  "amqp_cursor",
  {
    one: boolean().primaryKey(),
    /** As streams write theirs: what a snapshot could see, and perhaps a part of the next. */
    position: text().notNull(),
    /** When a publisher was last there, whether the broker was or not: events are kept for it. */
    heldAt: instant("held_at").notNull(),
  },
  (t) => [check("amqp_cursor_one", sql`${t.one}`)],
);

/** Queues of other services, by which they send commands. What comes from one is done as its key. */
export const integrations = pgTable(
  "integrations",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    name: text().notNull(),
    keyId: uuid("key_id").notNull(),
    /** Why nothing is taken from its queue just now: a code. How it fares is no change of it. */
    problem: text(),
    closedAt: instant("closed_at"),
    createdBy: text("created_by").notNull(),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("integrations_tenant_id").on(t.tenantId, t.id),
    index("integrations_newest").on(t.tenantId, t.createdAt, t.id),
    index("integrations_open").on(t.id).where(sql`${t.closedAt} is null`),
    index("integrations_of_key").on(t.tenantId, t.keyId),
    foreignKey({
      name: "integrations_key",
      columns: [t.keyId],
      foreignColumns: [apiKeys.id],
    }),
  ],
);

/** Commands from a queue that were refused, or failed too often. */
export const deadCommands = pgTable(
  "dead_commands",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    integrationId: uuid("integration_id").notNull(),
    /** Digest of the message: what comes twice is here once. */
    digest: text().notNull(),
    messageId: text("message_id"),
    operation: text(),
    idempotencyKey: text("idempotency_key"),
    traceparent: text(),
    /** The message's body; null where it is too long or no text, so that it can't be replayed. */
    body: text(),
    bytes: integer().notNull(),
    errorCode: text("error_code").notNull(),
    attempts: integer().notNull(),
    failedAt: instant("failed_at").notNull(),
    /** Somebody wants it tried again; null again once that has failed, too. */
    replayedAt: instant("replayed_at"),
    /** Put into the queue again. */
    sentAt: instant("sent_at"),
    droppedAt: instant("dropped_at"),
    doneAt: instant("done_at"),
  },
  (t) => [
    unique("dead_commands_once").on(t.integrationId, t.digest),
    index("dead_commands_newest").on(t.tenantId, t.failedAt, t.id),
    index("dead_commands_of").on(t.tenantId, t.integrationId, t.failedAt, t.id),
    index("dead_commands_open").on(t.integrationId).where(sql`${t.droppedAt} is null and ${t.doneAt} is null`),
    index("dead_commands_replayed")
      .on(t.replayedAt)
      .where(
        sql`${t.replayedAt} is not null and ${t.sentAt} is null and ${t.droppedAt} is null and ${t.doneAt} is null`,
      ),
    foreignKey({
      name: "dead_commands_integration",
      columns: [t.tenantId, t.integrationId],
      foreignColumns: [integrations.tenantId, integrations.id],
    }),
  ],
);
