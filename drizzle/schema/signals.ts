import { assessors, categories, reviewReasons, severities, signalStates } from "@dais/contracts/signals";
import type { Place, Translation } from "@dais/contracts/signals/place";
import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";
import { people } from "./people.ts";
import { texts } from "./texts.ts";

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
    /** Points, polygons and circles, as the contract shows them. */
    place: jsonb().$type<Place>(),
    /** What the place lies within, in degrees. `east` is beyond 180 where it crosses the date line. */
    west: doublePrecision(),
    south: doublePrecision(),
    east: doublePrecision(),
    north: doublePrecision(),
    /** The middle of the place: what its distance to another is measured from. */
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    /** `scheme=value` */
    geocodes: texts().notNull().default([]),
    translations: jsonb().$type<Translation[]>(),
    /** Of title and category: reports that have it and are near each other in place and time are one signal. */
    fingerprint: text(),
    sightings: integer().notNull().default(1),
    lastSeenAt: instant("last_seen_at"),
    /** The signal that this one turned out to be. */
    mergedInto: uuid("merged_into"),
    groupId: uuid("group_id"),
    assigneeId: uuid("assignee_id"),
    snoozedUntil: instant("snoozed_until"),
    /** When an acknowledged signal that nobody touched comes back. */
    raiseAt: instant("raise_at"),
    /** What the assessment says that counts: the newest of a person, or else the newest; null where there is none. */
    label: text(),
    assessedSeverity: text("assessed_severity", { enum: severities }),
    assessedConfidence: doublePrecision("assessed_confidence"),
    assessedBy: text("assessed_by", { enum: assessors }),
    /** Why somebody should look at the assessments. */
    review: text({ enum: reviewReasons }),
    reviewSince: instant("review_since"),
    state: text({ enum: signalStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    index("signals_source_external").on(t.tenantId, t.source, t.externalId).where(sql`${t.externalId} is not null`),
    unique("signals_tenant_id").on(t.tenantId, t.id),
    index("signals_newest").on(t.tenantId, t.occurredAt, t.id),
    index("signals_group").on(t.tenantId, t.groupId),
    index("signals_near").on(t.tenantId, t.category, t.occurredAt),
    index("signals_merged_into").on(t.tenantId, t.mergedInto).where(sql`${t.mergedInto} is not null`),
    index("signals_review").on(t.tenantId, t.reviewSince, t.id).where(sql`${t.review} is not null`),
    index("signals_due").on(t.tenantId, t.state, t.snoozedUntil, t.raiseAt),
    index("signals_changed").on(t.tenantId, t.updatedAt, t.id),
    index("signals_assignee_newest")
      .on(t.tenantId, t.assigneeId, t.occurredAt, t.id)
      .where(sql`${t.assigneeId} is not null`),
    index("signals_picture").on(t.tenantId, t.state, t.classification, t.severity, t.category, t.entityId),
    foreignKey({
      name: "signals_assignee",
      columns: [t.tenantId, t.assigneeId],
      foreignColumns: [people.tenantId, people.id],
    }),
    foreignKey({
      name: "signals_merged",
      columns: [t.tenantId, t.mergedInto],
      foreignColumns: [t.tenantId as AnyPgColumn, t.id as AnyPgColumn],
    }),
    foreignKey({
      name: "signals_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);
