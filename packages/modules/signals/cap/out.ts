import { completeCap } from "@dais/cap/complete";
import type { CapAlert, CapInfo } from "@dais/cap/model";
import { capTime } from "@dais/cap/time";
import { writeCap } from "@dais/cap/write";
import type { Download } from "@dais/contracts/kit/download";
import { uuidOf } from "@dais/contracts/kit/ids";
import { type Signal, severities } from "@dais/contracts/signals";
import { capMediaType } from "@dais/contracts/signals/cap";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { download } from "@dais/kernel/download";
import { Problem } from "@dais/kernel/problem";
import { find } from "../rows.ts";
import { show } from "../workflow.ts";
import { composed, infosOf, senderOf, stamped } from "./compose.ts";
import { oneLine } from "./words.ts";

/** A signal as an alert: what came as one goes out as the same one. @throws signal_not_found */
export async function cap(ctx: Ctx, { id }: { id: string }): Promise<Download> {
  const uuid = uuidOf(id);
  const [row, alerts] = await Promise.all([find(ctx, uuid), newestAlerts(ctx, [uuid])]);
  if (!row) throw new Problem("signal_not_found");
  const signal = show(row);
  const alert = alertOf(alerts, signal) ?? composed(ctx, signal);
  return sent(ctx, alert, { name: id, path: `/signals/${id}/cap`, tells: [signal] });
}

/** What CAP makes of a group of signals. */
export type GroupOfSignals = {
  id: string;
  title: string;
  leadId: string | null;
  updatedAt: string;
  /** Those that the caller sees. */
  signals: readonly Signal[];
};

const mostSignals = 50;
const mostInfos = 100;

/** A group as one alert, with the infos of its signals: its lead's first, then the most severe. Without signals there is none. */
export async function capOfGroup(
  ctx: Ctx,
  { id, title, leadId, updatedAt, signals }: GroupOfSignals,
): Promise<Download> {
  const open = signals.filter(({ state }) => state !== "withdrawn" && state !== "dismissed");
  const all = (open.length > 0 ? open : signals).toSorted((a, b) => before(leadId, a, b));
  const its = all.slice(0, mostSignals);
  const alerts = await newestAlerts(
    ctx,
    its.map((signal) => uuidOf(signal.id)),
  );
  const levels = its.map(({ classification }) => ctx.tenant.levels.indexOf(classification));
  const last = [updatedAt, ...its.map((signal) => signal.updatedAt)].sort().at(-1) as string;
  const left = all.length - its.length;
  const alert = completeCap({
    ...stamped(ctx.tenant.levels[Math.max(...levels)] ?? ""),
    sender: senderOf(ctx),
    identifier: `${id}.${Date.parse(last)}`,
    sent: capTime(new Date(last)),
    note: `${oneLine(title, 500)}: ${all.length} ${all.length === 1 ? "signal" : "signals"}${left > 0 ? `, of which ${left} are left out` : ""}.`,
    incidents: [id],
    info: its.flatMap((signal) => alertOf(alerts, signal)?.info.map(light) ?? infosOf(signal)).slice(0, mostInfos),
  }).alert;
  return sent(ctx, alert, { name: id, path: `/signal-groups/${id}/cap`, tells: its });
}

function before(leadId: string | null, a: Signal, b: Signal): number {
  if (a.id === leadId || b.id === leadId) return a.id === leadId ? -1 : 1;
  const rank = ({ severity }: Signal) => severities.indexOf(severity);
  return rank(a) - rank(b) || a.occurredAt.localeCompare(b.occurredAt) || a.id.localeCompare(b.id);
}

/** Without what it brings along: many of them are in one alert. */
const light = (info: CapInfo): CapInfo => ({
  ...info,
  resource: info.resource.map((one) => ({ ...one, derefUri: null })),
});

type Newest = ReadonlyMap<string, { alert: CapAlert; sentAt: number }>;

/** The alert that says what a signal says now, or null where its newest word didn't come as one. */
function alertOf(alerts: Newest, { id, reportedAt }: Signal): CapAlert | null {
  const newest = alerts.get(uuidOf(id));
  return newest && newest.sentAt >= Date.parse(reportedAt) ? newest.alert : null;
}

const newestText = `
  select distinct on (w.id) w.id, x.alert, (extract(epoch from x.sent_at) * 1000)::float8 as sent_at
  from unnest($2::uuid[]) as w(id)
  join signals s on s.tenant_id = $1 and (s.id = w.id or s.merged_into = w.id)
  join signal_alerts x on x.tenant_id = $1 and x.signal_id = s.id
  where x.status = 'Actual' and x.message_type in ('Alert', 'Update', 'Cancel') and x.classification = any ($3::text[])
  order by w.id, x.sent_at desc, x.id desc`;

async function newestAlerts(ctx: Ctx, ids: readonly string[]): Promise<Newest> {
  const rows = await ctx.send(newestText, [ctx.tenant.id, arrayOf(ids), arrayOf(ctx.visible)]);
  return new Map(
    rows.map((row) => [row.id as string, { alert: JSON.parse(row.alert as string), sentAt: row.sent_at as number }]),
  );
}

type Sent = { name: string; path: `/${string}`; tells: readonly Signal[] };

const sent = (ctx: Ctx, alert: CapAlert, { name, path, tells }: Sent): Download =>
  download(ctx, {
    ...{ content: writeCap(alert), mediaType: capMediaType, name: `${name}.cap.xml`, path },
    tells: tells.map(({ id, classification }) => ({ id, classification })),
  });
