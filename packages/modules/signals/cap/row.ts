import { capDifferences } from "@dais/cap/canonical";
import type { CapAlert } from "@dais/cap/model";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import type { Came } from "./plan.ts";
import type { Bringing } from "./take.ts";
import { momentOf, sourceOf } from "./words.ts";

/** An alert as it is kept. */
export function rowOf(
  ctx: Ctx,
  by: Bringing,
  { id, alert, name, refers, findings, signature }: Came,
  signalId: string | null,
) {
  return {
    id,
    tenant_id: ctx.tenant.id,
    signal_id: signalId,
    name,
    refers,
    classification: by.classification,
    entity_id: by.entityId && uuidOf(by.entityId),
    source: by.source ?? sourceOf(alert.sender),
    sender: alert.sender,
    identifier: alert.identifier,
    sent: alert.sent,
    sent_at: momentOf(alert.sent),
    message_type: alert.msgType,
    status: alert.status,
    alert: JSON.stringify(alert),
    signature,
    warnings: findings.slice(0, 50).map(({ code, xpath }) => `${code} ${xpath}`.slice(0, 200)),
    received_at: ctx.now.toISOString(),
  };
}

/** Records an alert that changes no signal: who changes one is on record with it. */
export function noteKept(ctx: Ctx, { classification }: Bringing, { id, alert }: Came): void {
  const { identifier, sender, sent, status, msgType } = alert;
  record(ctx, {
    resource: { type: "signal_alert", id, classification },
    after: { identifier, sender, sent, status, msgType },
  });
}

/** Whether an alert says something else than one that was kept. */
export const differs = (text: string, alert: CapAlert): boolean =>
  capDifferences(JSON.parse(text) as CapAlert, alert).length > 0;
