import { assessors, severities } from "@dais/contracts/signals";
import { doublePrecision, foreignKey, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { signals } from "./signals.ts";

/** What agents and people made of a signal. All are kept; the newest of a person stands above an agent's. */
export const signalAssessments = pgTable(
  "signal_assessments",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    signalId: uuid("signal_id").notNull(),
    byKind: text("by_kind", { enum: assessors }).notNull(),
    by: text().notNull(),
    onBehalfOf: text("on_behalf_of"),
    label: text().notNull(),
    severity: text({ enum: severities }).notNull(),
    confidence: doublePrecision().notNull(),
    rationale: text().notNull(),
    model: text(),
    modelVersion: text("model_version"),
    at: instant("at").notNull(),
  },
  (t) => [
    index("signal_assessments_newest").on(t.tenantId, t.signalId, t.at, t.id),
    foreignKey({
      name: "signal_assessments_of",
      columns: [t.tenantId, t.signalId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
  ],
);

/** What people and agents noted beside a signal. */
export const signalNotes = pgTable(
  "signal_notes",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    signalId: uuid("signal_id").notNull(),
    body: text().notNull(),
    by: text().notNull(),
    at: instant("at").notNull(),
  },
  (t) => [
    index("signal_notes_newest").on(t.tenantId, t.signalId, t.at, t.id),
    foreignKey({
      name: "signal_notes_of",
      columns: [t.tenantId, t.signalId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
  ],
);

/** What a signal has to do with: another signal, another thing of the organisation, or a page elsewhere. */
export const signalLinks = pgTable(
  "signal_links",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    signalId: uuid("signal_id").notNull(),
    /** A public id (`sig_…`), or a URL. */
    target: text().notNull(),
    /** Where the target is a signal: what lies above a reader's clearance is not named to them. */
    targetSignalId: uuid("target_signal_id"),
    title: text(),
    by: text().notNull(),
    at: instant("at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("signal_links_newest").on(t.tenantId, t.signalId, t.at, t.id),
    foreignKey({
      name: "signal_links_of",
      columns: [t.tenantId, t.signalId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
    foreignKey({
      name: "signal_links_to",
      columns: [t.tenantId, t.targetSignalId],
      foreignColumns: [signals.tenantId, signals.id],
    }),
  ],
);
