import { idOf } from "@dais/contracts/kit/ids";
import type { SignalAssessment } from "@dais/contracts/signals/assess";
import { signalAssessments } from "@dais/drizzle/schema/signalWork";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import type { Rows } from "@dais/kernel/lane";
import { instant } from "../beside.ts";
import { byColumn } from "../columns.ts";
import type { Row } from "../workflow.ts";
import type { Word } from "./judge.ts";

const wordsText = `
  select distinct on (a.signal_id, a.by) a.signal_id, a.by, a.label, a.severity, a.confidence from signal_assessments a
  where a.tenant_id = $1 and a.signal_id = any ($2::uuid[]) and a.by_kind <> 'person'
  order by a.signal_id, a.by, a.at desc, a.id desc`;

/** What each agent and program said last of signals, by the signal's uuid. */
export async function wordsOf(ctx: Ctx, uuids: readonly string[]): Promise<Map<string, Word[]>> {
  const all = new Map<string, Word[]>(uuids.map((uuid) => [uuid, []]));
  for (const row of await ctx.send(wordsText, [ctx.tenant.id, arrayOf(uuids)]))
    all.get(row.signal_id as string)?.push(row as unknown as Word);
  return all;
}

export const insertAssessments = rowsInserter(signalAssessments, []);

const judgedText = `
  update signals s set label = r.label, assessed_severity = r.assessed_severity, assessed_confidence = r.assessed_confidence,
    assessed_by = r.assessed_by, review = r.review, review_since = r.review_since, version = r.version, updated_at = r.updated_at
  from json_to_recordset($2::json) as r(id uuid, label text, assessed_severity text, assessed_confidence float8, assessed_by text,
    review text, review_since timestamptz, version int, updated_at timestamptz)
  where s.tenant_id = $1 and s.id = r.id`;

/** Writes what assessments come to, of signals that are held. */
export const writeJudged = (ctx: Ctx, rows: readonly Row[]): Promise<Rows> =>
  ctx.send(judgedText, [ctx.tenant.id, JSON.stringify(rows.map((row) => byColumn(written(row))))]);

const written = ({
  id,
  label,
  assessedSeverity,
  assessedConfidence,
  assessedBy,
  review,
  reviewSince,
  version,
  updatedAt,
}: Row) => ({
  ...{ id, label, assessedSeverity, assessedConfidence, assessedBy },
  ...{ review, reviewSince, version, updatedAt },
});

const reviewText = `
  select * from signals
  where tenant_id = $1 and review is not null and state <> 'merged' and classification = any ($2::text[])`;

/** Up to `limit` signals in the review queue, those that wait for longest first, after a position. */
export const waiting = (ctx: Ctx, after: readonly unknown[] | null, limit: number): Promise<Rows> =>
  ctx.send(
    `${reviewText} ${after ? "and (review_since, id) > ($4::timestamptz, $5::uuid)" : ""} order by review_since, id limit $3`,
    [ctx.tenant.id, arrayOf(ctx.visible), limit, ...(after ?? [])],
  );

export const show = (row: Rows[number]): SignalAssessment => ({
  id: idOf("asm", row.id as string),
  signalId: idOf("sig", row.signal_id as string),
  by: row.by as string,
  byKind: row.by_kind as SignalAssessment["byKind"],
  onBehalfOf: row.on_behalf_of as string | null,
  label: row.label as string,
  severity: row.severity as SignalAssessment["severity"],
  confidence: row.confidence as number,
  rationale: row.rationale as string,
  model: row.model as string | null,
  modelVersion: row.model_version as string | null,
  at: instant(row.at),
});
