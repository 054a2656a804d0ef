import { customType, foreignKey, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { briefings } from "./briefings.ts";
import { instant, tenantId } from "./columns.ts";

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
const languages = ["en", "ar", "both"] as const;

const key = {
  tenantId: tenantId(),
  briefingId: uuid("briefing_id").notNull(),
  /** Of the briefing, as its approval made it: another approval is another paper. */
  version: integer().notNull(),
};

/** What is printed of an approved briefing, frozen once its approval is under a checkpoint. Never changed. */
export const briefingPapers = pgTable(
  "briefing_papers",
  {
    ...key,
    approvedAt: instant("approved_at").notNull(),
    /** Those that it is written in. */
    languages: text({ enum: languages }).notNull(),
    /** All that a copy is made of, but its languages and its mark. */
    document: jsonb().$type<unknown>().notNull(),
    /** What it may have at most, where it is too long in some of the languages: of those there is no file. */
    refused: jsonb().$type<{ pages: number; characters: number }>(),
    madeAt: instant("made_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "briefing_papers_key", columns: [t.tenantId, t.briefingId, t.version] }),
    foreignKey({
      name: "briefing_papers_of",
      columns: [t.tenantId, t.briefingId],
      foreignColumns: [briefings.tenantId, briefings.id],
    }),
  ],
);

/** The files themselves: whatever prints in a year, these are the bytes. Never changed. */
export const briefingFiles = pgTable(
  "briefing_files",
  {
    ...key,
    languages: text({ enum: languages }).notNull(),
    bytes: bytes().notNull(),
    sha256: text().notNull(),
    pages: integer().notNull(),
  },
  (t) => [
    primaryKey({ name: "briefing_files_key", columns: [t.tenantId, t.briefingId, t.version, t.languages] }),
    foreignKey({
      name: "briefing_files_of",
      columns: [t.tenantId, t.briefingId, t.version],
      foreignColumns: [briefingPapers.tenantId, briefingPapers.briefingId, briefingPapers.version],
    }),
  ],
);
