import { signalReports } from "@dais/drizzle/schema/signalReports";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { getTableColumns } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Change } from "./change.ts";
import { byColumn, columns } from "./columns.ts";
import { moment } from "./known.ts";

const listed = (all: readonly { name: string }[]) => all.map(({ name }) => `"${name}"`).join(", ");
const typed = (all: readonly PgColumn[]) => all.map((column) => `"${column.name}" ${column.getSQLType()}`).join(", ");
const ofSignals = columns.map(([, column]) => column);
const ofReports = Object.values(getTableColumns(signalReports)) as PgColumn[];

const kept = new Set(["id", "tenant_id", "classification", "entity_id", "created_at"]);
const set = ofSignals.flatMap(({ name }) => (kept.has(name) ? [] : [`"${name}" = r."${name}"`])).join(", ");

/**
 * New signals, changed ones, and all reports. Of a signal whose entity is not there, neither it nor its reports are written. One
 * statement: each that carries much is an exchange of its own.
 */
const writeText = `
  with input as (select * from json_to_recordset($2::json) as r(${typed(ofSignals)})),
  placed as (
    select i.* from input i
    where i.entity_id is null or exists (select from entities e where e.tenant_id = $1 and e.id = i.entity_id)
  ),
  made as (insert into signals (${listed(ofSignals)}) select ${listed(ofSignals)} from placed order by id returning id),
  changed as (
    update signals s set ${set} from json_to_recordset($3::json) as r(${typed(ofSignals)})
    where s.tenant_id = $1 and s.id = r.id returning s.id
  ),
  reported as (
    insert into signal_reports (${listed(ofReports)})
    select ${listed(ofReports)} from json_to_recordset($4::json) as r(${typed(ofReports)})
    where r.signal_id in (select id from made union all select id from changed)
  )
  select id from made`;

/** What pointed at a merged signal points at the one that it turned out to be, and words that were the newest no longer are. */
const mergeText = `
  with m as (select * from json_to_recordset($2::json) as m(gone uuid, remains uuid)),
  touched as (
    select r.id from m join signal_reports r on r.tenant_id = $1 and r.signal_id = m.gone
    union select s.id from unnest($3::uuid[]) as s(id)
  ),
  reports as (
    update signal_reports r set signal_id = coalesce((select m.remains from m where m.gone = r.signal_id), r.signal_id),
      newest = r.newest and r.id <> all ($3::uuid[])
    from touched t where r.tenant_id = $1 and r.id = t.id
  ),
  leads as (update signal_groups g set lead_id = m.remains from m where g.tenant_id = $1 and g.lead_id = m.gone)
  update signals s set merged_into = m.remains from m where s.tenant_id = $1 and s.merged_into = m.gone`;

/**
 * Writes what becomes of signals, any number of them, in one exchange.
 * @returns ids of the new ones that were made; one whose entity isn't there is not
 */
export async function write(ctx: Ctx, changes: readonly Change[]): Promise<ReadonlySet<string>> {
  const created = changes.flatMap(({ before, after }) => (before ? [] : [after]));
  const updated = changes.flatMap(({ before, after, merged }) => [
    ...(before ? [after] : []),
    ...merged.map((one) => one.after),
  ]);
  const gone = changes.flatMap(({ after, merged }) =>
    merged.map(({ before }) => ({ gone: before.id, remains: after.id })),
  );
  const surpassed = changes.flatMap((change) => change.surpassed);
  const reports = changes.flatMap((change) => reportRows(ctx, change));
  const merges = gone.length > 0 || surpassed.length > 0;
  const [, made = []] = await Promise.all([
    merges ? ctx.send(mergeText, [ctx.tenant.id, asJson(gone), arrayOf(surpassed)]) : undefined,
    ctx.send(writeText, [ctx.tenant.id, asJson(created.map(byColumn)), asJson(updated.map(byColumn)), asJson(reports)]),
  ]);
  return new Set(made.map((row) => row.id as string));
}

const asJson = (rows: readonly object[]): string => JSON.stringify(rows);

const reportRows = (ctx: Ctx, { after, reports, newest }: Change): object[] =>
  reports.map((report) => ({
    id: report.id,
    tenant_id: ctx.tenant.id,
    signal_id: after.id,
    source: report.source,
    external_id: report.externalId,
    identity: report.identity,
    fingerprint: report.fingerprint,
    digest: report.digest,
    newest: newest.has(report.id),
    severity: report.severity,
    confidence: report.confidence,
    latitude: report.latitude,
    longitude: report.longitude,
    area_keys: report.areaKeys,
    occurred_at: moment(report.occurredAt),
    reported_at: moment(report.reportedAt),
    received_at: ctx.now.toISOString(),
  }));
