import { severities } from "@dais/contracts/signals";
import { sql } from "drizzle-orm";
import { boolean, foreignKey, index, integer, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";

/** An address that is asked for alerts again and again. What came last stays while it fails. */
export const signalFeeds = pgTable(
  "signal_feeds",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    /** Key of the source under which its signals come. */
    source: text().notNull(),
    name: text().notNull(),
    url: text().notNull(),
    everyMinutes: integer("every_minutes").notNull(),
    classification: text().notNull(),
    entityId: uuid("entity_id"),
    /** Alerts below it are left out. */
    leastSeverity: text("least_severity", { enum: severities }),
    enabled: boolean().notNull(),
    etag: text(),
    lastModified: text("last_modified"),
    askedAt: instant("asked_at"),
    lastGoodAt: instant("last_good_at"),
    /** A code, never what the other side said. */
    lastError: text("last_error"),
    failures: integer().notNull().default(0),
    nextAt: instant("next_at"),
    deletedAt: instant("deleted_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("signal_feeds_tenant_id").on(t.tenantId, t.id),
    uniqueIndex("signal_feeds_source").on(t.tenantId, t.source).where(sql`${t.deletedAt} is null`),
    index("signal_feeds_due").on(t.nextAt),
    foreignKey({
      name: "signal_feeds_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);
