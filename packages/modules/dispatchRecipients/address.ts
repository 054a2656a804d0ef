import type { Dispatch } from "@dais/contracts/dispatches";
import { idOf } from "@dais/contracts/kit/ids";
import { dispatchRecipients } from "@dais/drizzle/schema/dispatches";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import { emit } from "@dais/kernel/outbox";
import { begun } from "@dais/kernel/waiting";
import { getTableColumns } from "drizzle-orm";
import { type Row, resourceOf, show, workflow } from "./workflow.ts";

/** Somebody whom a dispatch is for: a person, or an address that was said; `forId`: the recipient whose deputy this is. */
export type AddressedTo = Pick<Row, "personId" | "name" | "language" | "addresses"> & { forId?: string | null };
/** What recipients have of their dispatch. */
type Of = Pick<Dispatch, "policy" | "priority" | "classification"> & { id: string };

/**
 * Writes down whom a dispatch is for, in their order: each is queued, to be sent to at once. Who is there already stays as they are.
 * @returns how many are new
 */
export async function address(ctx: Ctx, of: Of, to: readonly AddressedTo[]): Promise<number> {
  if (to.length === 0) return 0;
  const rows = to.map((one) => rowOf(ctx, of, one));
  const made = await insertRows(ctx.send, rows.map(asColumns));
  const added = new Set(made.map(({ id }) => id));
  for (const row of rows.filter(({ id }) => added.has(id))) {
    record(ctx, { resource: resourceOf(row), after: show(row), event: "address", from: null, to: row.state });
    begun(ctx, workflow, row);
    const payload = { id: idOf("dre", row.id), dispatchId: idOf("dsp", of.id) };
    emit(ctx, { name: "dispatch_recipient.addressed", resource: resourceOf(row), payload });
  }
  return added.size;
}

function rowOf({ newId, tenant, now }: Ctx, of: Of, { forId = null, ...to }: AddressedTo): Row {
  const { escalateAfterMinutes: minutes, steps } = of.policy;
  return {
    ...{ id: newId(), tenantId: tenant.id, dispatchId: of.id, ...to, forId },
    ...{ classification: of.classification, priority: of.priority, ladder: steps.map(({ channel }) => channel) },
    ...{ step: 0, tries: 0, nextAt: now, acknowledgedVia: null, acknowledgedAt: null },
    // A deputy is whom it was escalated to: it goes no further.
    escalateAt:
      minutes === null || forId !== null || to.personId === null ? null : new Date(now.getTime() + minutes * 60_000),
    ...{ state: "queued", stateReason: null, version: 1, createdAt: now, updatedAt: now },
  };
}

const columns = Object.entries(getTableColumns(dispatchRecipients));
const asColumns = (row: Row) => Object.fromEntries(columns.map(([field, { name }]) => [name, row[field as keyof Row]]));

const once = "on conflict (dispatch_id, person_id) where person_id is not null do nothing returning id";
const insertRows = rowsInserter(dispatchRecipients, [], once);
