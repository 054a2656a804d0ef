import { index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";

/** Which events a consumer has taken in, written in the transaction of what it did about them: once for each, however often delivered. */
export const inbox = pgTable(
  "inbox",
  {
    tenantId: tenantId(),
    consumer: text().notNull(),
    eventId: uuid("event_id").notNull(),
    takenAt: instant("taken_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "inbox_key", columns: [t.tenantId, t.consumer, t.eventId] }),
    index("inbox_age").on(t.takenAt),
  ],
);
