import { boolean, index, integer, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";

/** A search for signals under a name, for its owner or for everybody. */
export const signalViews = pgTable(
  "signal_views",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    ownerId: text("owner_id").notNull(),
    name: text().notNull(),
    shared: boolean().notNull(),
    filters: jsonb().$type<Record<string, unknown>>().notNull(),
    deletedAt: instant("deleted_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("signal_views_tenant_id").on(t.tenantId, t.id),
    index("signal_views_owner").on(t.tenantId, t.ownerId, t.name),
  ],
);
