import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { mapped } from "./columns.ts";
import { nearMs, type Report, type Whereabouts, type Word } from "./reports.ts";
import type { Row } from "./workflow.ts";

/** A report that is there, as far as it takes to compare it. */
export type Near = Whereabouts & { signalId: string; fingerprint: string };

/** What is there already that new reports may belong to. */
export type Known = {
  near: Near[];
  /** Identity -> signal. */
  signals: Map<string, string>;
  /** Identity and digest -> signal. */
  repeated: Map<string, string>;
};

/**
 * Until the end of this change, nobody else of the tenant takes in signals or changes groups. Its statements are planned for what they are
 * given: a plan that was made while the tables were small, and kept, would read all of the tenant's reports for each one looked for.
 */
export const holdSignals = (ctx: Ctx) =>
  ctx.send(
    "select set_config('plan_cache_mode', 'force_custom_plan', true), pg_advisory_xact_lock(hashtextextended('signals ' || $1, 0))",
    [ctx.tenant.id],
  );

const nearText = `
  select * from json_to_recordset($2::json) as w(fingerprint text, since timestamptz, until timestamptz)
  cross join lateral (
    select r.signal_id, r.latitude, r.longitude, to_json(r.area_keys) as area_keys,
      (extract(epoch from r.occurred_at) * 1000)::float8 as occurred_at
    from signal_reports r
    where r.tenant_id = $1 and r.fingerprint = w.fingerprint and r.occurred_at between w.since and w.until
    order by r.tenant_id, r.fingerprint, r.occurred_at offset 0
  ) n`;

const identityText = `
  select i.identity, i.digest, r.signal_id,
    exists (select from signal_reports e where e.tenant_id = $1 and e.identity = i.identity and e.digest = i.digest) as repeated
  from json_to_recordset($2::json) as i(identity text, digest text)
  cross join lateral (
    select f.signal_id from signal_reports f where f.tenant_id = $1 and f.identity = i.identity
    order by f.tenant_id, f.identity, f.digest limit 1
  ) r`;

/** Finds what reports may belong to, and keeps it as it is until the end of this change. One exchange. */
export async function knownFor(ctx: Ctx, reports: readonly Report[]): Promise<Known> {
  const identities = reports.flatMap(({ identity, digest }) => (identity === null ? [] : [{ identity, digest }]));
  const [, near, same] = await Promise.all([
    holdSignals(ctx),
    ctx.send(nearText, [ctx.tenant.id, JSON.stringify(windowsOf(reports))]),
    ctx.send(identityText, [ctx.tenant.id, JSON.stringify(identities)]),
  ]);
  const repeated = same.filter((row) => row.repeated);
  return {
    near: near.map(nearOf),
    signals: new Map(same.map((row) => [row.identity as string, row.signal_id as string])),
    repeated: new Map(repeated.map((row) => [`${row.identity} ${row.digest}`, row.signal_id as string])),
  };
}

const nearOf = (row: Record<string, unknown>): Near => ({
  signalId: row.signal_id as string,
  fingerprint: row.fingerprint as string,
  latitude: row.latitude as number | null,
  longitude: row.longitude as number | null,
  areaKeys: row.area_keys as string[],
  occurredAt: row.occurred_at as number,
});

/** The times to look at for each fingerprint, put together where they overlap, so that nothing is read twice. */
function windowsOf(reports: readonly Report[]): { fingerprint: string; since: string; until: string }[] {
  const times = new Map<string, number[]>();
  for (const { fingerprint, occurredAt, latitude, areaKeys } of reports) {
    if (latitude === null && areaKeys.length === 0) continue;
    const its = times.get(fingerprint) ?? [];
    its.push(occurredAt);
    times.set(fingerprint, its);
  }
  return [...times].flatMap(([fingerprint, its]) =>
    spans(its, nearMs).map(([since, until]) => ({ fingerprint, since: moment(since), until: moment(until) })),
  );
}

/** The times within `reach` of any of these, as few spans that don't overlap. */
export function spans(times: readonly number[], reach: number): [number, number][] {
  const all: [number, number][] = [];
  for (const time of [...times].sort((a, b) => a - b)) {
    const last = all.at(-1);
    if (last && time - reach <= last[1]) last[1] = time + reach;
    else all.push([time - reach, time + reach]);
  }
  return all;
}

// Year 1 is the first that there is, and 9999 the last.
const [first, last] = [Date.parse("0001-01-01T00:00:00.000Z"), Date.parse("9999-12-31T23:59:59.999Z")];
export const moment = (time: number): string => new Date(Math.min(last, Math.max(first, time))).toISOString();

export type Held = { row: Row; words: Word[] };

const wordsText = `
  select r.id, r.signal_id, r.source, r.digest, r.severity, r.confidence,
    (extract(epoch from r.occurred_at) * 1000)::float8 as occurred_at, (extract(epoch from r.reported_at) * 1000)::float8 as reported_at
  from signal_reports r where r.tenant_id = $1 and r.signal_id = any ($2::uuid[]) and r.newest`;

/** Holds signals until the end of this change, each with what its sources said last. In the order of their ids, as everybody holds several. */
export async function held(ctx: Ctx, ids: readonly string[]): Promise<Map<string, Held>> {
  if (ids.length === 0) return new Map();
  const params = [ctx.tenant.id, arrayOf(ids)];
  const [rows, words] = await Promise.all([
    ctx.send(
      "select * from signals where tenant_id = $1 and id = any ($2::uuid[]) order by id for no key update",
      params,
    ),
    ctx.send(wordsText, params),
  ]);
  const all = new Map(rows.map((row) => [row.id as string, { row: mapped(row), words: [] as Word[] }]));
  for (const row of words) all.get(row.signal_id as string)?.words.push(wordOf(row));
  return all;
}

const wordOf = (row: Record<string, unknown>): Word => ({
  id: row.id as string,
  source: row.source as string,
  digest: row.digest as string,
  severity: row.severity as Word["severity"],
  confidence: row.confidence as number | null,
  occurredAt: row.occurred_at as number,
  reportedAt: row.reported_at as number,
});
