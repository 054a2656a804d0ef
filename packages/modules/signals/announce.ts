import type { Signal } from "@dais/contracts/signals";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import type { Change } from "./change.ts";
import { type Row, show } from "./workflow.ts";

const resourceOf = ({ id, version, classification, entityId }: Row) => ({
  type: "signal",
  id,
  version,
  classification,
  entityId,
});

/** Records and tells what became of a signal; answers with it as it is shown. */
export function announce(ctx: Ctx, { before, after, merged }: Change): Signal {
  const shown = show(after);
  const resource = resourceOf(after);
  const payload = { id: shown.id, severity: shown.severity, category: shown.category };
  if (before === null) {
    record(ctx, { resource, after: shown, event: "ingest", from: null, to: "new" });
    emit(ctx, { name: "signal.ingested", resource, payload });
  } else {
    const was = show(before);
    const moved = was.state === shown.state ? {} : { event: "reopen", from: was.state, to: shown.state };
    record(ctx, { resource, before: was, after: shown, ...moved });
    if (saying(was) !== saying(shown)) emit(ctx, { name: "signal.updated", resource, payload });
    if (was.state !== shown.state)
      emit(ctx, {
        name: "signal.reopened",
        resource,
        payload: { id: shown.id, from: was.state, to: shown.state, reason: null },
      });
  }
  for (const one of merged) announceMerged(ctx, one);
  return shown;
}

function announceMerged(ctx: Ctx, { before, after }: Change["merged"][number]): void {
  const [was, shown] = [show(before), show(after)];
  const resource = resourceOf(after);
  record(ctx, { resource, before: was, after: shown, event: "merge", from: was.state, to: shown.state });
  emit(ctx, {
    name: "signal.merged",
    resource,
    payload: { id: shown.id, from: was.state, to: shown.state, reason: null },
  });
}

/** What a signal says, without what only counts its reports. */
const saying = ({
  title,
  body,
  severity,
  category,
  confidence,
  area,
  place,
  geocodes,
  occurredAt,
  expiresAt,
  translations,
}: Signal) =>
  canonical({
    title,
    body,
    severity,
    category,
    confidence,
    area,
    place,
    geocodes,
    occurredAt,
    expiresAt,
    translations,
  });
