import type { Dispatch, DispatchSummary } from "@dais/contracts/dispatches";
import { idOf } from "@dais/contracts/kit/ids";
import { dispatchWorkflow } from "@dais/contracts/workflows/dispatch";
import { dispatches } from "@dais/drizzle/schema/dispatches";
import type { Ctx } from "@dais/kernel/context";
import type { Workflow } from "@dais/kernel/machine";
import { shortened } from "@dais/modules/dispatchRecipients";
import { along, machine } from "./machine.ts";

export type Row = typeof dispatches.$inferSelect;
/** A row without what makes it long. */
export type Head = Omit<Row, "content" | "audience" | "policy"> & Pick<DispatchSummary, "templateKey" | "category">;

/** The dispatch as a thing whose state moves. */
export const workflow: Workflow<typeof dispatches, Dispatch> = {
  spec: dispatchWorkflow,
  idKind: "dsp",
  table: dispatches,
  machine,
  along,
  show,
  problems: { notFound: "dispatch_not_found", wrongState: "dispatch_wrong_state", changed: "dispatch_changed" },
};

/** The row as the contract shows it. */
export function show(row: Row): Dispatch {
  const { content, audience, policy } = row;
  return { ...shown(row), content, audience, policy };
}

/** As the caller may see it: whole addresses for whoever made it, and for who may see people's. On record they are whole. */
export function seen({ actor }: Pick<Ctx, "actor">, dispatch: Dispatch): Dispatch {
  if (actor.permissions.has("person.read") || actor.id === dispatch.createdBy) return dispatch;
  const short = (address: string | null) => address && shortened(address);
  const addressees = dispatch.audience.addressees.map(({ phone, email, ...one }) => ({
    ...{ ...one, phone: short(phone), email: short(email) },
  }));
  return { ...dispatch, audience: { ...dispatch.audience, addressees } };
}

/** The same without its texts, audience and policy. */
export const summaryOf = (row: Head): DispatchSummary => ({
  ...shown(row),
  ...{ templateKey: row.templateKey, category: row.category },
});

const shown = (row: Omit<Row, "content" | "audience" | "policy">) => ({
  ...{ id: idOf("dsp", row.id), templateId: idOf("mtp", row.templateId), subject: subjectOf(row) },
  ...{ attachesPaper: row.attachesPaper, entityId: row.entityId && idOf("ent", row.entityId) },
  ...{ classification: row.classification, priority: row.priority, drill: row.drill },
  ...{ recipients: row.recipients, estimate: row.estimate, day: row.day, createdBy: row.createdBy },
  ...{ addressedAt: row.addressedAt?.toISOString() ?? null, stoppedAt: row.stoppedAt?.toISOString() ?? null },
  ...{ finishedAt: row.finishedAt?.toISOString() ?? null, state: row.state, stateReason: row.stateReason },
  ...{ version: row.version, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() },
});

const subjectOf = ({ subjectType, subjectId }: Pick<Row, "subjectType" | "subjectId">): Dispatch["subject"] =>
  subjectType === null || subjectId === null ? null : ({ type: subjectType, id: subjectId } as Dispatch["subject"]);

export const resourceOf = ({ id, version, classification, entityId }: Row) => ({
  ...{ type: "dispatch", id, version, classification, entityId },
});
