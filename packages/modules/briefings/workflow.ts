import type { Briefing, BriefingSummary } from "@dais/contracts/briefings";
import { idOf } from "@dais/contracts/kit/ids";
import { briefingWorkflow } from "@dais/contracts/workflows/briefing";
import { briefings } from "@dais/drizzle/schema/briefings";
import type { Workflow } from "@dais/kernel/machine";
import type { Content } from "./content.ts";
import { along, machine } from "./machine.ts";
import { policies } from "./policies.ts";

export type Row = typeof briefings.$inferSelect;
/** A row without what makes it long. */
export type Head = Omit<Row, "sections" | "sources" | "audience">;

/** The briefing as a thing whose state moves. */
export const workflow: Workflow<typeof briefings, Briefing> = {
  spec: briefingWorkflow,
  idKind: "brf",
  table: briefings,
  machine,
  along,
  show,
  policies,
  content: contentOf,
  payload: ({ day, edition, contentSha256, recipients }, event) =>
    event === "distribute" ? { day, edition, contentSha256, recipients } : {},
  problems: { notFound: "briefing_not_found", wrongState: "briefing_wrong_state", changed: "briefing_changed" },
};

/** What is approved. */
export function contentOf({ day, title, sections, sources, classification, audience }: Content): Content {
  return { day, title, sections, sources, classification, audience };
}

/** The row as the contract shows it. */
export function show(row: Row): Briefing {
  const { id, ...rest } = summaryOf(row);
  return { id, ...rest, ...contentOf(row) };
}

/** The same without its texts. */
export function summaryOf(row: Head): BriefingSummary {
  const { day, title, classification, edition, contentSha256, createdBy, editedBy, submittedBy, approvedBy } = row;
  const { distributedBy, recipients, state, stateReason, version } = row;
  return {
    ...{ id: idOf("brf", row.id), day, title, classification, edition, contentSha256 },
    ...{ createdBy, editedBy, submittedBy, approvedBy, approvedAt: row.approvedAt?.toISOString() ?? null },
    ...{ distributedBy, distributedAt: row.distributedAt?.toISOString() ?? null, recipients },
    ...{ state, stateReason, version },
    ...{ createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() },
  };
}
