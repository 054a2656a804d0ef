import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import type { SignalAssessment } from "@dais/contracts/signals/assess";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Actor, Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { settingsOf } from "@dais/modules/organisations";
import { hold, resourceOf, unmerged } from "../hold.ts";
import { touch } from "../raise.ts";
import { type Row, show } from "../workflow.ts";
import { type Assessor, type Judged, type Judgement, judged, type Word } from "./judge.ts";
import { insertAssessments, show as showAssessment, wordsOf, writeJudged } from "./rows.ts";

/** Who says what, and why. */
export type Said = Assessor &
  Judgement & { rationale: string; onBehalfOf: string | null; model: string | null; modelVersion: string | null };
type Input = { id: string; rationale: string; model: string | null; modelVersion: string | null } & Judgement;
type Assessed = { signal: Signal; assessment: SignalAssessment };

/** @throws signal_not_found, signal_merged, signal_model_required, agent_model_mismatch */
export async function assess(ctx: Ctx, { id, ...input }: Input): Promise<Assessed> {
  const [row, known] = await Promise.all([hold(ctx, id), knownOf(ctx, [uuidOf(id)])]);
  unmerged(row);
  const { kind, id: by, onBehalfOf } = ctx.actor;
  const said = { ...input, ...modelOf(ctx.actor, input), by, byKind: kindOf(kind), onBehalfOf };
  const [assessed] = await assessAll(ctx, [row], said, known);
  return assessed as Assessed;
}

export const kindOf = (kind: Actor["kind"]): Assessor["byKind"] =>
  kind === "user" ? "person" : kind === "agent" ? "agent" : "program";

/** What an agent is: as it says here, or else with the call, or by its registration. @throws signal_model_required, agent_model_mismatch */
function modelOf({ kind, agent, said }: Actor, input: Pick<Input, "model" | "modelVersion">) {
  if (agent && input.model !== null && input.model !== agent.model)
    throw new Problem("agent_model_mismatch", { model: agent.model });
  const model = input.model ?? said?.model ?? agent?.model ?? null;
  const modelVersion = input.modelVersion ?? said?.version ?? agent?.version ?? null;
  if (kind === "agent" && (model === null || modelVersion === null)) throw new Problem("signal_model_required");
  return { model, modelVersion };
}

type Known = { words: ReadonlyMap<string, Word[]>; reviewBelow: number };

/** What one needs to know to assess signals. One exchange. */
export async function knownOf(ctx: Ctx, uuids: readonly string[]): Promise<Known> {
  const [{ signals }, words] = await Promise.all([settingsOf(ctx), wordsOf(ctx, uuids)]);
  return { words, reviewBelow: signals.reviewBelow };
}

/** Makes somebody's assessment on signals that are held, records and tells it. One exchange, however many they are. */
export async function assessAll(ctx: Ctx, rows: readonly Row[], said: Said, known: Known): Promise<Assessed[]> {
  const { words, reviewBelow } = known;
  const changes = rows.map((before) => {
    const result = judged(before, said, words.get(before.id) ?? [], { now: ctx.now, reviewBelow });
    const changed = canonical(partOf(before)) !== canonical(result);
    const after = { ...before, ...result, ...(changed && { version: before.version + 1, updatedAt: ctx.now }) };
    return { before, after, changed, assessment: assessmentRow(ctx, before, said) };
  });
  const changed = changes.filter((change) => change.changed).map(({ after }) => after);
  await Promise.all([
    insertAssessments(
      ctx.send,
      changes.map(({ assessment }) => assessment),
    ),
    ...(changed.length > 0 ? [writeJudged(ctx, changed)] : []),
    touch(
      ctx,
      rows.map(({ id }) => id),
    ),
  ]);
  return changes.map(({ before, after, assessment }) => told(ctx, before, after, showAssessment(assessment)));
}

const partOf = (row: Row): Judged => {
  const { label, assessedSeverity, assessedConfidence, assessedBy, review, reviewSince } = row;
  return { label, assessedSeverity, assessedConfidence, assessedBy, review, reviewSince };
};

const assessmentRow = (ctx: Ctx, row: Row, said: Said) => ({
  id: ctx.newId(),
  tenant_id: ctx.tenant.id,
  signal_id: row.id,
  by_kind: said.byKind,
  by: said.by,
  on_behalf_of: said.onBehalfOf,
  label: said.label,
  severity: said.severity,
  confidence: said.confidence,
  rationale: said.rationale,
  model: said.model,
  model_version: said.modelVersion,
  at: ctx.now.toISOString(),
});

function told(ctx: Ctx, before: Row, after: Row, assessment: SignalAssessment): Assessed {
  const [resource, signal] = [resourceOf(after), show(after)];
  const id = idOf("sig", after.id);
  record(ctx, { resource, before: show(before), after: signal });
  emit(ctx, { name: "signal.assessed", resource, payload: { id, assessmentId: assessment.id } });
  if (after.review && after.review !== before.review)
    emit(ctx, { name: "signal.review_needed", resource, payload: { id, why: after.review } });
  return { signal, assessment };
}
