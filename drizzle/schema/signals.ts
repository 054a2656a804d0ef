import { categories, severities, signalStates } from "@dais/contracts/signals";
import { sql } from "drizzle-orm";
import { doublePrecision, foreignKey, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";

/** What is reported. `state` moves only through the machine `signal`: the trigger `signals_moves` refuses the rest at commit. */
export const signals = pgTable(
  "signals",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    source: text().notNull(),
    externalId: text("external_id"),
    title: text().notNull(),
    body: text().notNull(),
    severity: text({ enum: severities }).notNull(),
    category: text({ enum: categories }).notNull(),
    classification: text().notNull(),
    confidence: doublePrecision(),
    entityId: uuid("entity_id"),
    area: text(),
    language: text().notNull(),
    occurredAt: instant("occurred_at").notNull(),
    reportedAt: instant("reported_at").notNull(),
    expiresAt: instant("expires_at"),
    state: text({ enum: signalStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("signals_source_external")
      .on(t.tenantId, t.source, t.externalId)
      .where(sql`${t.externalId} is not null`),
    index("signals_newest").on(t.tenantId, t.occurredAt, t.id),
    foreignKey({
      name: "signals_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);
