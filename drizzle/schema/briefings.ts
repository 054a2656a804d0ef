import type { Audience, Briefing } from "@dais/contracts/briefings";
import { briefingStates } from "@dais/contracts/briefings/values";
import { date, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";
import { people } from "./people.ts";

/** What an edition says, as the contract shows it. */
const content = {
  day: date().notNull(),
  title: jsonb().$type<Briefing["title"]>().notNull(),
  sections: jsonb().$type<Briefing["sections"]>().notNull(),
  sources: jsonb().$type<Briefing["sources"]>().notNull(),
  /** Not below its sources'. */
  classification: text().notNull(),
  audience: jsonb().$type<Audience>().notNull(),
  edition: integer().notNull(),
  contentSha256: text("content_sha256").notNull(),
};

/**
 * What the leadership reads on a day, as its newest edition has it. `state` moves only through the machine `briefing`. An audience has at
 * most one distributed briefing of a day: the constraint `briefings_once_a_day`, judged at commit.
 */
export const briefings = pgTable(
  "briefings",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    ...content,
    /** The sources' signals. */
    signalIds: uuid("signal_ids").array().notNull(),
    audienceSha256: text("audience_sha256").notNull(),
    createdBy: text("created_by").notNull(),
    editedBy: text("edited_by").notNull(),
    submittedBy: text("submitted_by"),
    approvedBy: text("approved_by"),
    approvedAt: instant("approved_at"),
    distributedBy: text("distributed_by"),
    distributedAt: instant("distributed_at"),
    recipients: integer(),
    state: text({ enum: briefingStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("briefings_tenant_id").on(t.tenantId, t.id),
    index("briefings_days").on(t.tenantId, t.day, t.id),
    index("briefings_states").on(t.tenantId, t.state, t.day, t.id),
  ],
);

/** Every edition, as somebody left it. Never changed. */
export const briefingEditions = pgTable(
  "briefing_editions",
  {
    tenantId: tenantId(),
    briefingId: uuid("briefing_id").notNull(),
    ...content,
    author: text().notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "briefing_editions_key", columns: [t.tenantId, t.briefingId, t.edition] }),
    foreignKey({
      name: "briefing_editions_of",
      columns: [t.tenantId, t.briefingId],
      foreignColumns: [briefings.tenantId, briefings.id],
    }),
  ],
);

/** What was said when a briefing was returned. Never changed. */
export const briefingComments = pgTable(
  "briefing_comments",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    briefingId: uuid("briefing_id").notNull(),
    edition: integer().notNull(),
    sectionId: text("section_id"),
    body: text().notNull(),
    author: text().notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    index("briefing_comments_newest").on(t.tenantId, t.briefingId, t.createdAt, t.id),
    foreignKey({
      name: "briefing_comments_of",
      columns: [t.tenantId, t.briefingId],
      foreignColumns: [briefings.tenantId, briefings.id],
    }),
  ],
);

/** To whom a briefing was distributed, and when each said that they had read it. */
export const briefingRecipients = pgTable(
  "briefing_recipients",
  {
    tenantId: tenantId(),
    briefingId: uuid("briefing_id").notNull(),
    personId: uuid("person_id").notNull(),
    addedAt: instant("added_at").notNull(),
    readAt: instant("read_at"),
  },
  (t) => [
    primaryKey({ name: "briefing_recipients_key", columns: [t.tenantId, t.briefingId, t.personId] }),
    index("briefing_recipients_person").on(t.tenantId, t.personId, t.briefingId),
    foreignKey({
      name: "briefing_recipients_of",
      columns: [t.tenantId, t.briefingId],
      foreignColumns: [briefings.tenantId, briefings.id],
    }),
    foreignKey({
      name: "briefing_recipients_who",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);
