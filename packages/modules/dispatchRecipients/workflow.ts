import type { Recipient } from "@dais/contracts/dispatches";
import type { Channel } from "@dais/contracts/dispatches/values";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { dispatchRecipientWorkflow } from "@dais/contracts/workflows/dispatchRecipient";
import { dispatchRecipients } from "@dais/drizzle/schema/dispatches";
import type { Ctx } from "@dais/kernel/context";
import type { Workflow } from "@dais/kernel/machine";
import { Problem } from "@dais/kernel/problem";
import { along, machine } from "./machine.ts";

export type Row = typeof dispatchRecipients.$inferSelect;

/** A recipient as a thing whose state moves. */
export const workflow: Workflow<typeof dispatchRecipients, Recipient> = {
  spec: dispatchRecipientWorkflow,
  idKind: "dre",
  table: dispatchRecipients,
  machine,
  along,
  show,
  payload: ({ dispatchId }) => ({ dispatchId: idOf("dsp", dispatchId) }),
  policies: { theirs },
  problems: {
    notFound: "dispatch_recipient_not_found",
    wrongState: "dispatch_recipient_wrong_state",
    changed: "dispatch_recipient_changed",
  },
};

/** Whom it was sent to says so; or the server, for whoever followed the link or replied. */
function theirs(ctx: Ctx, { personId }: Row): Problem | null {
  const { kind, id, permissions } = ctx.actor;
  if (kind === "system" || (kind === "user" && personId !== null && uuidOf(id) === personId)) return null;
  const reads = permissions.has("dispatch_recipient.read");
  return new Problem(reads ? "dispatch_recipient_foreign" : "dispatch_recipient_not_found");
}

/** The row as the contract shows it. */
export function show(row: Row): Recipient {
  return {
    ...{ id: idOf("dre", row.id), dispatchId: idOf("dsp", row.dispatchId) },
    ...{ personId: row.personId && idOf("per", row.personId), name: row.name, language: row.language },
    ...{ classification: row.classification, channel: (row.ladder[row.step] as Channel | undefined) ?? null },
    ...{ step: row.step, nextAt: row.nextAt?.toISOString() ?? null, escalateAt: row.escalateAt?.toISOString() ?? null },
    ...{ forId: row.forId && idOf("dre", row.forId), acknowledgedVia: row.acknowledgedVia },
    ...{ acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null, state: row.state, stateReason: row.stateReason },
    ...{ version: row.version, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() },
  };
}

export const resourceOf = ({ id, version, classification }: Row) => ({
  ...{ type: "dispatch_recipient", id, version, classification },
});
