import { categories } from "@dais/contracts/dispatches/values";
import type { MessageTemplate } from "@dais/contracts/messageTemplates";
import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";

/** What messages are made from. A dispatch keeps a copy of what it took. */
export const messageTemplates = pgTable(
  "message_templates",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    key: text().notNull(),
    name: jsonb().$type<MessageTemplate["name"]>().notNull(),
    category: text({ enum: categories }).notNull(),
    variables: jsonb().$type<MessageTemplate["variables"]>().notNull(),
    languages: jsonb().$type<MessageTemplate["languages"]>().notNull(),
    createdBy: text("created_by").notNull(),
    updatedBy: text("updated_by").notNull(),
    retiredAt: instant("retired_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("message_templates_tenant_id").on(t.tenantId, t.id),
    uniqueIndex("message_templates_key").on(t.tenantId, t.key).where(sql`${t.retiredAt} is null`),
    index("message_templates_newest").on(t.tenantId, t.createdAt, t.id),
  ],
);
