import { approvalStates } from "@dais/contracts/approvals/values";
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";
import { organisations } from "./organisations.ts";
import { people } from "./people.ts";
import { texts } from "./texts.ts";

type Money = { amount: string; currency: string };
type Option = { key: string; label: { en: string; ar: string | null }; amount: Money | null };

/** A step as it stands. Ids are public ones. */
export type StepRow = {
  approver: string;
  standIn: string | null;
  /** It was told that nobody can decide it. */
  stuck: boolean;
  decision: "approve" | "refuse" | null;
  option: string | null;
  by: string | null;
  onBehalfOf: string | null;
  comment: string | null;
  at: string | null;
};

/** What people decide about. `state` moves only through the machine `approval`; `steps` says where they stand, and votes are rows. */
export const approvals = pgTable(
  "approvals",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    title: text().notNull(),
    details: text().notNull(),
    subjectType: text("subject_type"),
    subjectId: text("subject_id"),
    entityId: uuid("entity_id"),
    amount: numeric(),
    currency: text(),
    options: jsonb().$type<Option[]>().notNull(),
    needed: integer().notNull(),
    inOrder: boolean("in_order").notNull(),
    steps: jsonb().$type<StepRow[]>().notNull(),
    deadlineAt: instant("deadline_at"),
    escalateTo: text("escalate_to"),
    escalatedAt: instant("escalated_at"),
    expiresAt: instant("expires_at"),
    requestedBy: text("requested_by").notNull(),
    /** Public ids of the people behind who requested it. */
    persons: texts().notNull(),
    contentSha256: text("content_sha256").notNull(),
    outcomeOption: text("outcome_option"),
    classification: text().notNull(),
    state: text({ enum: approvalStates }).notNull(),
    stateReason: text("state_reason"),
    decidedAt: instant("decided_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("approvals_tenant_id").on(t.tenantId, t.id),
    index("approvals_newest").on(t.tenantId, t.createdAt, t.id),
    index("approvals_state").on(t.tenantId, t.state, t.createdAt, t.id),
    index("approvals_subject").on(t.tenantId, t.subjectType, t.subjectId, t.createdAt, t.id),
    index("approvals_deadline").on(t.tenantId, t.state, t.deadlineAt),
    index("approvals_expiry").on(t.tenantId, t.state, t.expiresAt),
    foreignKey({
      name: "approvals_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
  ],
);

/** Who decided which step, of what they saw. Never changed: one of each step, and one of each person. */
export const approvalVotes = pgTable(
  "approval_votes",
  {
    tenantId: tenantId(),
    approvalId: uuid("approval_id").notNull(),
    step: integer().notNull(),
    personId: uuid("person_id").notNull(),
    /** Whose move it was, by a delegation. */
    onBehalfOf: uuid("on_behalf_of"),
    decision: text({ enum: ["approve", "refuse"] }).notNull(),
    option: text(),
    comment: text(),
    /** Of the content that was seen, and the version of the approval. */
    contentSha256: text("content_sha256").notNull(),
    version: integer().notNull(),
    at: instant("at").notNull(),
  },
  (t) => [
    primaryKey({ name: "approval_votes_key", columns: [t.tenantId, t.approvalId, t.step] }),
    unique("approval_votes_person").on(t.tenantId, t.approvalId, t.personId),
    foreignKey({
      name: "approval_votes_approval",
      columns: [t.tenantId, t.approvalId],
      foreignColumns: [approvals.tenantId, approvals.id],
    }),
    foreignKey({
      name: "approval_votes_who",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);
