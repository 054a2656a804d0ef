import type { Dispatch, Rehearsed } from "@dais/contracts/dispatches";
import {
  attemptStates,
  channels,
  dispatchStates,
  priorities,
  recipientStates,
} from "@dais/contracts/dispatches/values";
import { languages } from "@dais/contracts/person";
import { sql } from "drizzle-orm";
import {
  boolean,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { approvals } from "./approvals.ts";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";
import { messageTemplates } from "./messageTemplates.ts";
import { organisations } from "./organisations.ts";
import { people } from "./people.ts";
import { texts } from "./texts.ts";

/** What is to be told, to whom, and how. `state` moves only through the machine `dispatch`. */
export const dispatches = pgTable(
  "dispatches",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    templateId: uuid("template_id").notNull(),
    /** The template as it was then, and what its variables are. Never changed. */
    content: jsonb().$type<Dispatch["content"]>().notNull(),
    subjectType: text("subject_type"),
    subjectId: text("subject_id"),
    /** The PDF of the briefing that it is about goes along, where the channel's ceiling lets it. */
    attachesPaper: boolean("attaches_paper").notNull(),
    entityId: uuid("entity_id"),
    classification: text().notNull(),
    audience: jsonb().$type<Dispatch["audience"]>().notNull(),
    policy: jsonb().$type<Dispatch["policy"]>().notNull(),
    priority: text({ enum: priorities }).notNull(),
    /** Rendered and recorded, and never sent. */
    drill: boolean().notNull(),
    /** How many there were when it was made; deputies come on top. */
    recipients: integer().notNull(),
    estimate: jsonb().$type<Dispatch["estimate"]>().notNull(),
    /** Of the day's cap, in the organisation's time zone: how many messages it may come to at most. */
    day: date().notNull(),
    reserved: integer().notNull(),
    createdBy: text("created_by").notNull(),
    /** When its last recipient had been written down; null: it is still at it. */
    addressedAt: instant("addressed_at"),
    stoppedAt: instant("stopped_at"),
    finishedAt: instant("finished_at"),
    state: text({ enum: dispatchStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("dispatches_tenant_id").on(t.tenantId, t.id),
    index("dispatches_newest").on(t.tenantId, t.createdAt, t.id),
    index("dispatches_subject").on(t.tenantId, t.subjectType, t.subjectId, t.createdAt),
    // What the sender looks after: those that go on, and those that were stopped lately.
    index("dispatches_running").on(t.id).where(sql`${t.state} = 'running'`),
    index("dispatches_stopped").on(t.stoppedAt).where(sql`${t.state} = 'stopped'`),
    foreignKey({
      name: "dispatches_template",
      columns: [t.tenantId, t.templateId],
      foreignColumns: [messageTemplates.tenantId, messageTemplates.id],
    }),
    foreignKey({
      name: "dispatches_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);

/** Somebody whom a dispatch is for. `state` moves only through the machine `dispatch_recipient`. */
export const dispatchRecipients = pgTable(
  "dispatch_recipients",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    dispatchId: uuid("dispatch_id").notNull(),
    /** Null: an address that was said. A person's addresses are looked up when it is their turn. */
    personId: uuid("person_id"),
    name: text(),
    /** What was said: channel -> address. Of people null. */
    addresses: jsonb().$type<Partial<Record<(typeof channels)[number], string>>>(),
    language: text({ enum: languages }).notNull(),
    classification: text().notNull(),
    priority: text({ enum: priorities }).notNull(),
    /** The channels of the policy, in their order. */
    ladder: texts().notNull(),
    /** The place on the ladder, from 0. */
    step: integer().notNull().default(0),
    /** How often this step was begun. */
    tries: integer().notNull().default(0),
    /** When something is to be done about it: to send it while it is queued, to go on where its wait ends. Null: nothing by the clock. */
    nextAt: instant("next_at"),
    /** When whoever is behind it is asked instead; null: nobody, or it was done. */
    escalateAt: instant("escalate_at"),
    /** For whom this is the deputy. */
    forId: uuid("for_id"),
    acknowledgedVia: text("acknowledged_via", { enum: ["link", "reply", "api"] }),
    acknowledgedAt: instant("acknowledged_at"),
    state: text({ enum: recipientStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("dispatch_recipients_tenant_id").on(t.tenantId, t.id),
    uniqueIndex("dispatch_recipients_once").on(t.dispatchId, t.personId).where(sql`${t.personId} is not null`),
    index("dispatch_recipients_of").on(t.dispatchId, t.id),
    index("dispatch_recipients_states").on(t.dispatchId, t.state, t.id),
    // What the sender looks for, from one organisation to the next.
    index("dispatch_recipients_turn").on(t.tenantId, t.priority, t.nextAt, t.id).where(sql`${t.nextAt} is not null`),
    // Whether anything of a dispatch goes on.
    index("dispatch_recipients_open")
      .on(t.dispatchId)
      .where(sql`${t.nextAt} is not null or ${t.escalateAt} is not null or ${t.state} in ('queued', 'sending')`),
    index("dispatch_recipients_late").on(t.escalateAt).where(sql`${t.escalateAt} is not null`),
    index("dispatch_recipients_person").on(t.tenantId, t.personId, t.createdAt, t.id),
    foreignKey({
      name: "dispatch_recipients_dispatch",
      columns: [t.tenantId, t.dispatchId],
      foreignColumns: [dispatches.tenantId, dispatches.id],
    }),
    foreignKey({
      name: "dispatch_recipients_who",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);

/** The ledger: each attempt to reach somebody over one channel. */
export const dispatchAttempts = pgTable(
  "dispatch_attempts",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    dispatchId: uuid("dispatch_id").notNull(),
    recipientId: uuid("recipient_id").notNull(),
    step: integer().notNull(),
    channel: text({ enum: channels }).notNull(),
    vendor: text().notNull(),
    /** The vendor takes the same key once. */
    key: text().notNull(),
    address: text().notNull(),
    /** Above the channel's ceiling: only that there is something to read. */
    withheld: boolean().notNull(),
    /** The change of posture because of which quiet hours did not count, or null. */
    overrode: text(),
    state: text({ enum: attemptStates }).notNull(),
    /** What a drill would have sent; null: it was no drill. */
    rehearsed: jsonb().$type<Rehearsed>(),
    /** How far the vendor brought it; it never goes backwards. */
    status: text({ enum: ["sent", "delivered", "read", "failed"] }),
    vendorId: text("vendor_id"),
    code: text(),
    /** When the vendor is asked what became of it; null: its answer is there, or will not come. */
    askAt: instant("ask_at"),
    asks: integer().notNull().default(0),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    uniqueIndex("dispatch_attempts_key").on(t.key),
    uniqueIndex("dispatch_attempts_vendor").on(t.vendor, t.vendorId).where(sql`${t.vendorId} is not null`),
    index("dispatch_attempts_of").on(t.recipientId, t.startedAt, t.id),
    index("dispatch_attempts_dispatch").on(t.dispatchId),
    index("dispatch_attempts_ask").on(t.askAt).where(sql`${t.askAt} is not null`),
    // Who answers from a number is told by what was last sent there.
    index("dispatch_attempts_address").on(t.channel, sql`lower(${t.address})`, t.startedAt),
    foreignKey({
      name: "dispatch_attempts_recipient",
      columns: [t.tenantId, t.recipientId],
      foreignColumns: [dispatchRecipients.tenantId, dispatchRecipients.id],
    }),
  ],
);

/** How many messages an organisation's dispatches of a day may come to, and how many were raised to. */
export const dispatchDays = pgTable(
  "dispatch_days",
  {
    tenantId: tenantId().references(() => organisations.id),
    day: date().notNull(),
    /** What people approved for this day beyond the organisation's setting; null: nothing. */
    cap: integer(),
    reserved: integer().notNull().default(0),
  },
  (t) => [primaryKey({ name: "dispatch_days_key", columns: [t.tenantId, t.day] })],
);

/** What people were asked to approve of a day's cap: only what stands here is taken from an approval. */
export const dispatchCapRequests = pgTable(
  "dispatch_cap_requests",
  {
    tenantId: tenantId(),
    approvalId: uuid("approval_id").primaryKey(),
    /** Null: every day from then on. */
    day: date(),
    cap: integer().notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    foreignKey({
      name: "dispatch_cap_requests_approval",
      columns: [t.tenantId, t.approvalId],
      foreignColumns: [approvals.tenantId, approvals.id],
    }),
  ],
);

/** What vendors told, until it is applied: of no organisation before it is known whose it is. */
export const courierCallbacks = pgTable(
  "courier_callbacks",
  {
    id: uuid().primaryKey(),
    vendor: text().notNull(),
    /** The same for what is told twice. */
    digest: text().notNull(),
    /** Empty once only its digest is kept. */
    told: jsonb().$type<Record<string, unknown>>().notNull(),
    receivedAt: instant("received_at").notNull(),
    /** When it is looked at; null: done. */
    nextAt: instant("next_at"),
    tries: integer().notNull().default(0),
    outcome: text({ enum: ["applied", "stale", "ambiguous", "unknown"] }),
  },
  (t) => [
    uniqueIndex("courier_callbacks_once").on(t.vendor, t.digest),
    index("courier_callbacks_due").on(t.nextAt, t.id).where(sql`${t.nextAt} is not null`),
    index("courier_callbacks_age").on(t.receivedAt),
    // Who wrote to us lately may be written to as they wrote.
    index("courier_callbacks_from")
      .on(sql`(${t.told} ->> 'from')`, t.receivedAt)
      .where(sql`${t.told} ->> 'kind' in ('reply', 'opt_in')`),
  ],
);
