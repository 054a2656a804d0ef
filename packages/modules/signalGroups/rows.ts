import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { SignalGroup } from "@dais/contracts/signalGroups";
import { type Signal, severities } from "@dais/contracts/signals";
import { signalGroups } from "@dais/drizzle/schema/signalGroups";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { Problem } from "@dais/kernel/problem";
import { shownSignal } from "@dais/modules/signals";

const open = "s.state not in ('dismissed', 'withdrawn')";
const rank = `array_position(array['${severities.join("', '")}'], coalesce(s.assessed_severity, s.severity))`;
const worst = `order by ${rank}, s.occurred_at, s.id`;
const visible = "s.tenant_id = $1 and s.classification = any ($2::text[])";

/** A group with what follows from those of its signals that the caller sees. */
const shownText = `
  select g.*, m.*, c.confidences from signal_groups g
  cross join lateral (
    select count(*)::int as signal_count, to_json(array_agg(distinct s.category)) as categories,
      min(s.occurred_at) as first_at, max(coalesce(s.last_seen_at, s.reported_at)) as last_at,
      (array_agg(s.id) filter (where s.id = g.lead_id))[1] as lead,
      (array_agg(s.title order by s.id = g.lead_id desc nulls last, ${open} desc, ${rank}, s.occurred_at, s.id))[1] as title,
      (array_agg(s.id ${worst}) filter (where ${open}))[1] as worst,
      (array_agg(coalesce(s.assessed_severity, s.severity) ${worst}) filter (where ${open}))[1] as severity,
      (array_agg(s.assessed_severity is not null ${worst}) filter (where ${open}))[1] as assessed
    from signals s where ${visible} and s.group_id = g.id
  ) m
  cross join lateral (
    select json_agg(x order by x.confidence desc, x.source) as confidences from (
      select distinct on (s.source) s.source, s.id, s.confidence from signals s
      where ${visible} and s.group_id = g.id and ${open} and s.confidence is not null
      order by s.source, s.confidence desc, s.occurred_at, s.id
    ) x
  ) c
  where g.tenant_id = $1`;

const byId = `${shownText} and g.id = $3
  and (m.signal_count > 0 or exists (select from signals s where ${visible} and s.group_id = g.merged_into))`;

/** @throws signal_group_not_found */
export async function known(ctx: Ctx, id: string): Promise<SignalGroup> {
  const group = await find(ctx, id);
  if (!group) throw new Problem("signal_group_not_found");
  return group;
}

/** The group, unless the caller sees none of its signals. */
export async function find(ctx: Ctx, id: string): Promise<SignalGroup | undefined> {
  const [row] = await ctx.send(byId, [ctx.tenant.id, visibleTo(ctx), uuidOf(id)]);
  return row && show(row);
}

/** Up to `limit` groups that the caller sees, newest first, after a position. */
export async function some(ctx: Ctx, after: string | null, limit: number): Promise<SignalGroup[]> {
  const text = `${shownText} and g.merged_into is null and m.signal_count > 0 ${after ? "and g.id < $4" : ""} order by g.id desc limit $3`;
  return (await ctx.send(text, [ctx.tenant.id, visibleTo(ctx), limit, ...(after ? [after] : [])])).map(show);
}

/** Up to `limit` of a group's signals that the caller sees, newest first, after a position. */
export async function signalsOf(
  ctx: Ctx,
  id: string,
  after: [string, string] | null,
  limit: number,
): Promise<{ signal: Signal; uuid: string }[]> {
  const rows = await ctx.send(
    `select s.* from signals s where ${visible} and s.group_id = $3 ${after ? "and (s.occurred_at, s.id) < ($5::timestamptz, $6::uuid)" : ""}
     order by s.occurred_at desc, s.id desc limit $4`,
    [ctx.tenant.id, visibleTo(ctx), uuidOf(id), limit, ...(after ?? [])],
  );
  return rows.map((row) => ({ signal: shownSignal(row), uuid: row.id as string }));
}

const visibleTo = (ctx: Ctx) => arrayOf(ctx.visible);

function show(row: Rows[number]): SignalGroup {
  const kept = row as Record<"id", string> & Record<"name" | "title" | "lead" | "worst" | "merged_into", string | null>;
  return {
    id: idOf("sgr", kept.id),
    name: kept.name,
    title: kept.title,
    leadId: kept.lead && idOf("sig", kept.lead),
    signalCount: row.signal_count as number,
    categories: (row.categories ?? []) as SignalGroup["categories"],
    severity:
      kept.worst === null ? null : severityOf(kept.worst, row.severity as Signal["severity"], row.assessed as boolean),
    confidence: confidenceOf((row.confidences ?? []) as Said[]),
    firstAt: instant(row.first_at),
    lastAt: instant(row.last_at),
    mergedInto: kept.merged_into && idOf("sgr", kept.merged_into),
    version: row.version as number,
    createdAt: instant(row.created_at) as string,
    updatedAt: instant(row.updated_at) as string,
  };
}

const severityOf = (uuid: string, value: Signal["severity"], assessed: boolean): SignalGroup["severity"] => ({
  value,
  reason: { signalId: idOf("sig", uuid), rule: assessed ? "most_severe_assessed" : "most_severe_reported" },
});

type Said = { id: string; source: string; confidence: number };

/** As if each source spoke for itself: what is left to doubt is what all of them doubt. */
function confidenceOf(said: readonly Said[]): SignalGroup["confidence"] {
  const counted = said.slice(0, 20);
  if (counted.length === 0) return null;
  const doubt = counted.reduce((product, { confidence }) => product * (1 - confidence), 1);
  return {
    value: Math.round((1 - doubt) * 1e6) / 1e6,
    reasons: counted.map(({ id, source, confidence }) => ({ signalId: idOf("sig", id), source, confidence })),
  };
}

const instant = (text: unknown): string | null =>
  text === null ? null : (signalGroups.createdAt.mapFromDriverValue(text) as Date).toISOString();
