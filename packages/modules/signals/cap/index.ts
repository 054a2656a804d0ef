import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { readDocument } from "./reading.ts";
import { take } from "./take.ts";
import { momentOf } from "./words.ts";

type Input = { xml: string | Uint8Array; source?: string; classification: string; entityId?: string | undefined };

/**
 * Takes in a document of alerts.
 * @throws signal_cap_invalid, signal_classification_unknown, signal_above_clearance, signal_entity_unknown
 */
export async function ingestCap(ctx: Ctx, { xml, entityId, ...by }: Input) {
  const document = readDocument(xml);
  const taken = await take(ctx, document, { ...by, entityId: entityId ?? null });
  const alerts = taken.map(({ outcome, signalId, alert, findings }) => ({
    outcome: outcome === "left_out" ? ("kept" as const) : outcome,
    signalId: signalId && idOf("sig", signalId),
    sender: alert?.sender.slice(0, 2000) ?? null,
    identifier: alert?.identifier.slice(0, 2000) ?? null,
    sent: alert && momentOf(alert.sent),
    findings,
  }));
  const changed = alerts.some(({ outcome }) => outcome !== "unchanged" && outcome !== "refused");
  if (ctx.written.entries.length === 0) record(ctx, { resource: { type: "signal", id: null }, changed: false });
  return { changed, alerts, findings: document.findings };
}
