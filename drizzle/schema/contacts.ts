import type { ContactPreferences } from "@dais/contracts/contacts";
import { channels } from "@dais/contracts/dispatches/values";
import { languages } from "@dais/contracts/person";
import { sql } from "drizzle-orm";
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { dispatchRecipients } from "./dispatches.ts";
import { organisations } from "./organisations.ts";
import { people } from "./people.ts";

/** How a person wants to be reached. Who said nothing has no row. */
export const contactPreferences = pgTable(
  "contact_preferences",
  {
    tenantId: tenantId(),
    personId: uuid("person_id").notNull(),
    channels: jsonb().$type<ContactPreferences["channels"]>().notNull(),
    quietHours: jsonb("quiet_hours").$type<ContactPreferences["quietHours"]>(),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "contact_preferences_key", columns: [t.tenantId, t.personId] }),
    foreignKey({
      name: "contact_preferences_who",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);

/** Addresses that a channel must not be used for any more, because whoever reads there said so. */
export const channelOptOuts = pgTable(
  "channel_opt_outs",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    channel: text({ enum: channels }).notNull(),
    address: text().notNull(),
    /** reply: they wrote STOP; vendor: it refuses to send there; complaint: they called it spam. */
    source: text({ enum: ["reply", "vendor", "complaint"] }).notNull(),
    at: instant("at").notNull(),
    /** They came back. */
    endedAt: instant("ended_at"),
  },
  (t) => [
    uniqueIndex("channel_opt_outs_once").on(t.tenantId, t.channel, t.address).where(sql`${t.endedAt} is null`),
    index("channel_opt_outs_newest").on(t.tenantId, t.at, t.id),
  ],
);

/** What people find when they open the portal. */
export const notifications = pgTable(
  "notifications",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    personId: uuid("person_id").notNull(),
    recipientId: uuid("recipient_id").notNull(),
    title: text().notNull(),
    body: text().notNull(),
    language: text({ enum: languages }).notNull(),
    classification: text().notNull(),
    createdAt: instant("created_at").notNull(),
    readAt: instant("read_at"),
  },
  (t) => [
    index("notifications_newest").on(t.tenantId, t.personId, t.createdAt, t.id),
    uniqueIndex("notifications_once").on(t.recipientId),
    foreignKey({
      name: "notifications_who",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
    foreignKey({
      name: "notifications_recipient",
      columns: [t.tenantId, t.recipientId],
      foreignColumns: [dispatchRecipients.tenantId, dispatchRecipients.id],
    }),
  ],
);
