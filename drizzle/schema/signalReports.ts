import { severities } from "@dais/contracts/signals";
import { sql } from "drizzle-orm";
import {
  boolean,
  doublePrecision,
  foreignKey,
  index,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { signals } from "./signals.ts";
import { texts } from "./texts.ts";

/** Each time that a source said something: what a signal's counter counts, and what tells, in whatever order they came, which are one. */
export const signalReports = pgTable(
  "signal_reports",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    signalId: uuid("signal_id").notNull(),
    source: text().notNull(),
    externalId: text("external_id"),
    /** Of source and external id, within classification and entity; null where the source gave none. */
    identity: text(),
    /** Of normalised title and category, within classification and entity. */
    fingerprint: text().notNull(),
    /** Of all that the report says. */
    digest: text().notNull(),
    /** Whether it is the newest that its source said of this signal: what its severity and confidence are taken from. */
    newest: boolean().notNull(),
    severity: text({ enum: severities }).notNull(),
    confidence: doublePrecision(),
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    /** Geocodes, and the area's text in its normal form: what is compared where there is no place. */
    areaKeys: texts("area_keys").notNull(),
    occurredAt: instant("occurred_at").notNull(),
    reportedAt: instant("reported_at").notNull(),
    receivedAt: instant("received_at").notNull(),
  },
  (t) => [
    index("signal_reports_alike").on(t.tenantId, t.fingerprint, t.occurredAt),
    index("signal_reports_signal").on(t.tenantId, t.signalId, t.occurredAt),
    index("signal_reports_newest").on(t.tenantId, t.signalId).where(sql`${t.newest}`),
    uniqueIndex("signal_reports_identity").on(t.tenantId, t.identity, t.digest).where(sql`${t.identity} is not null`),
    foreignKey({
      name: "signal_reports_of",
      columns: [t.tenantId, t.signalId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
  ],
);

/** The alerts (CAP) that came in, whole: what goes out again is what came in. */
export const signalAlerts = pgTable(
  "signal_alerts",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    /** The signal that it speaks of; null where it speaks of none that is there, or of nothing that happens: a test. */
    signalId: uuid("signal_id"),
    /** Of sender, identifier and moment of sending, within classification and entity: by this other alerts refer to it. */
    name: text().notNull(),
    /** The names of the alerts that it refers to, whether they came or not. */
    refers: texts().notNull(),
    classification: text().notNull(),
    entityId: uuid("entity_id"),
    /** Who brought it first. */
    source: text().notNull(),
    sender: text().notNull(),
    identifier: text().notNull(),
    /** As the alert says it, with its zone. */
    sent: text().notNull(),
    sentAt: instant("sent_at").notNull(),
    messageType: text("message_type").notNull(),
    status: text().notNull(),
    /** The alert as JSON. As text: its order matters. */
    alert: text().notNull(),
    signature: text({ enum: ["none", "unverified", "verified"] }).notNull(),
    warnings: texts().notNull(),
    receivedAt: instant("received_at").notNull(),
  },
  (t) => [
    unique("signal_alerts_name").on(t.tenantId, t.name),
    index("signal_alerts_newest").on(t.tenantId, t.id),
    index("signal_alerts_refers").using("gin", t.refers),
    index("signal_alerts_signal").on(t.tenantId, t.signalId, t.sentAt),
    foreignKey({
      name: "signal_alerts_of",
      columns: [t.tenantId, t.signalId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
  ],
);
