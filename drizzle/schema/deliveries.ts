import { sql } from "drizzle-orm";
import { bigint, index, integer, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";

/**
 * A consumer that is behind on a resource: it has not taken the events from `from_seq` on, and the first of them is tried again at
 * `retry_at`. Other consumers, and other resources, go on. Consumer `*`: nobody has, because a process did not know what happened there.
 */
export const stalls = pgTable(
  "stalls",
  {
    tenantId: tenantId(),
    resourceId: uuid("resource_id").notNull(),
    consumer: text().notNull(),
    fromSeq: bigint("from_seq", { mode: "number" }).notNull(),
    /** How often the first of them has failed. */
    attempts: integer().notNull(),
    retryAt: instant("retry_at").notNull(),
    since: instant().notNull(),
    /** Code of a problem, of Postgres, or the error's name; null: nothing has failed. */
    errorCode: text("error_code"),
  },
  (t) => [
    primaryKey({ name: "stalls_key", columns: [t.resourceId, t.consumer] }),
    index("stalls_due").on(t.retryAt),
    index("stalls_tenant").on(t.tenantId),
  ],
);

/**
 * An event that a consumer could not take, however often it was tried. Kept until somebody drops it, or has it tried once more
 * (`retried_at`) and it is taken.
 */
export const deadLetters = pgTable(
  "dead_letters",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    consumer: text().notNull(),
    /** Of the outbox row, which is kept as long as this needs it. */
    seq: bigint({ mode: "number" }).notNull(),
    eventId: uuid("event_id").notNull(),
    eventName: text("event_name").notNull(),
    resourceType: text("resource_type").notNull(),
    resourceId: uuid("resource_id").notNull(),
    entityId: uuid("entity_id"),
    classification: text(),
    occurredAt: instant("occurred_at").notNull(),
    requestId: text("request_id").notNull(),
    errorCode: text("error_code").notNull(),
    attempts: integer().notNull(),
    failedAt: instant("failed_at").notNull(),
    /** Asked to be tried once more; null again once that has failed, too. */
    retriedAt: instant("retried_at"),
    droppedAt: instant("dropped_at"),
    deliveredAt: instant("delivered_at"),
  },
  (t) => [
    unique("dead_letters_once").on(t.consumer, t.eventId),
    index("dead_letters_newest").on(t.tenantId, t.failedAt, t.id),
    index("dead_letters_open").on(t.seq).where(sql`${t.droppedAt} is null and ${t.deliveredAt} is null`),
    index("dead_letters_retried")
      .on(t.resourceId)
      .where(sql`${t.retriedAt} is not null and ${t.droppedAt} is null and ${t.deliveredAt} is null`),
  ],
);
