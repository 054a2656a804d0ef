import { integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** Refusals of unknown callers, one row per kind, address and minute: an attack can't make it grow with its own rate. */
export const securityEvents = pgTable(
  "security_events",
  {
    kind: text().notNull(),
    address: text().notNull(),
    minute: instant("minute").notNull(),
    count: integer().notNull(),
    firstAt: instant("first_at").notNull(),
    lastAt: instant("last_at").notNull(),
    requestId: text("request_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.address, t.minute] })],
);
