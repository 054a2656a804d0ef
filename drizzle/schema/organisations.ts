import type { KeptSettings } from "@dais/contracts/organisations/settings";
import { integer, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** A tenant. Its id is what every other table calls `tenant_id`. */
export const organisations = pgTable(
  "organisations",
  {
    id: uuid().primaryKey(),
    slug: text().notNull(),
    nameEn: text("name_en").notNull(),
    nameAr: text("name_ar"),
    timeZone: text("time_zone").notNull(),
    settings: jsonb().$type<KeptSettings>().notNull(),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [unique("organisations_slug").on(t.slug)],
);
