import type { ProblemCode } from "@dais/contracts";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Signal, SignalInput } from "@dais/contracts/signals";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import type { z } from "zod";
import { insert, knownOf } from "./insert.ts";
import { find } from "./rows.ts";
import { type Row, show } from "./workflow.ts";

type Input = z.infer<typeof SignalInput>;
type Result =
  | { outcome: "created"; row: Row; shown: Signal }
  | { outcome: "unchanged"; uuid: string }
  | { outcome: "refused"; code: ProblemCode };

/** @throws signal_above_clearance, signal_classification_unknown, signal_entity_unknown */
export async function ingestOne(ctx: Ctx, input: Input) {
  const [result] = await ingest(ctx, [input]);
  if (result?.outcome === "created") return { changed: true, signal: result.shown };
  if (result?.outcome !== "unchanged") throw new Problem(result?.code ?? "internal");
  const row = await find(ctx, result.uuid);
  if (!row) throw new Problem("signal_above_clearance");
  record(ctx, {
    resource: { type: "signal", id: row.id, version: row.version, classification: row.classification },
    changed: false,
  });
  return { changed: false, signal: show(row) };
}

export async function ingestAll(ctx: Ctx, { items }: { items: Input[] }) {
  const results = await ingest(ctx, items);
  const created = results.filter((result) => result.outcome === "created").length;
  if (created === 0) record(ctx, { resource: { type: "signal", id: null }, changed: false });
  return {
    changed: created > 0,
    items: results.map((result) => ({
      outcome: result.outcome,
      id: result.outcome === "refused" ? null : idOf("sig", result.outcome === "created" ? result.row.id : result.uuid),
      problem: result.outcome === "refused" ? result.code : null,
    })),
  };
}

/** A result for each input, in its order. Every signal that is made is recorded and told. */
async function ingest(ctx: Ctx, inputs: readonly Input[]): Promise<Result[]> {
  const refused = inputs.map((input) => refusalOf(ctx, input));
  const rows = inputs.map((input) => rowOf(ctx, input));
  const wanted = rows.filter((_, n) => !refused[n]);
  const inserted = wanted.length > 0 ? await insert(ctx, wanted) : new Map<string, "made" | "known" | "no entity">();
  const known = await knownOf(
    ctx,
    wanted.filter((row) => inserted.get(row.id) === "known"),
  );
  return rows.map((row, n): Result => {
    const code = refused[n];
    if (code) return { outcome: "refused", code };
    const became = inserted.get(row.id);
    if (became === "no entity") return { outcome: "refused", code: "signal_entity_unknown" };
    if (became === "made") return { outcome: "created", row, shown: announce(ctx, row) };
    const there = known(row);
    return there ? { outcome: "unchanged", uuid: there } : { outcome: "refused", code: "signal_above_clearance" };
  });
}

/** Nobody writes what they may not read. */
function refusalOf(ctx: Ctx, { classification }: Input): ProblemCode | null {
  if (!ctx.tenant.levels.includes(classification)) return "signal_classification_unknown";
  return ctx.visible.includes(classification) ? null : "signal_above_clearance";
}

const rowOf = (ctx: Ctx, input: Input): Row => ({
  ...input,
  id: ctx.newId(),
  tenantId: ctx.tenant.id,
  entityId: input.entityId && uuidOf(input.entityId),
  occurredAt: new Date(input.occurredAt),
  reportedAt: new Date(input.reportedAt),
  expiresAt: input.expiresAt ? new Date(input.expiresAt) : null,
  state: "new",
  stateReason: null,
  version: 1,
  createdAt: ctx.now,
  updatedAt: ctx.now,
});

/** Records and tells it; answers with the signal as it is shown. */
function announce(ctx: Ctx, row: Row): Signal {
  const shown = show(row);
  const resource = {
    type: "signal",
    id: row.id,
    version: 1,
    classification: row.classification,
    entityId: row.entityId,
  };
  record(ctx, { resource, after: shown, event: "ingest", from: null, to: "new" });
  emit(ctx, {
    name: "signal.ingested",
    resource,
    payload: { id: shown.id, severity: row.severity, category: row.category },
  });
  return shown;
}
