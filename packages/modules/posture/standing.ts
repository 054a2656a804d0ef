import { usualPostureSettings } from "@dais/contracts/organisations/settings";
import { type Level, usualLevels } from "@dais/contracts/posture";
import type { Ctx } from "@dais/kernel/context";

/** How things stand with the posture of an entity or, with none, of the organisation. */
export type Standing = {
  /** What holds; null where nothing was ever set. */
  held: { level: string; rank: number; since: Date } | null;
  /** When it last went down, where that still matters. */
  downAt: Date | null;
  dwellMinutes: number;
  /** Calmest first. */
  levels: readonly Level[];
};

/** Reads how things stand, once in a call. Whoever decides by it holds the scope first. One exchange. */
export function standing(ctx: Ctx, entity: string | null): Promise<Standing> {
  const its = known.get(ctx) ?? new Map<string | null, Promise<Standing>>();
  known.set(ctx, its);
  const found = its.get(entity) ?? read(ctx, entity);
  its.set(entity, found);
  return found;
}
const known = new WeakMap<Ctx, Map<string | null, Promise<Standing>>>();

/** A level's place among those that there are now; what has been taken out keeps the one that it had. */
export const rankIn = (levels: readonly Level[], { level, rank }: { level: string; rank: number }): number =>
  levels.find(({ key }) => key === level)?.rank ?? rank;

export const levelsJson = `(select json_agg(json_build_object('key', key, 'rank', rank, 'name', name, 'criteria', criteria) order by rank)
  from posture_levels where tenant_id = $1)`;

const millis = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

// Only as much of the history is read as the organisation's time reaches back, and the change before that.
const text = (scope: string) => `
  with o as (
    select coalesce((settings->'posture'->>'dwellMinutes')::int, ${usualPostureSettings.dwellMinutes}) as dwell from organisations where id = $1
  ), p as materialized (
    select * from posture where tenant_id = $1 and ${scope} and since >= coalesce((
      select max(since) from posture where tenant_id = $1 and ${scope} and since <= $2::timestamptz - make_interval(mins => (select dwell from o))
    ), '-infinity')
  )
  select (select dwell from o) as dwell, ${levelsJson} as levels, h.level, h.rank, ${millis("h.since")} as since,
    (select ${millis("max(since)")} from (select since, rank, lag(rank) over (order by since, id) as was from p) d where rank < was) as down_at
  from (select 1) one left join lateral (select * from p order by since desc, id desc limit 1) h on true`;

const ofEntity = text("entity_id = $3");
const ofOrganisation = text("entity_id is null");

async function read(ctx: Ctx, entity: string | null): Promise<Standing> {
  const params = [ctx.tenant.id, ctx.now.toISOString()];
  const [row = {}] = await (entity === null
    ? ctx.send(ofOrganisation, params)
    : ctx.send(ofEntity, [...params, entity]));
  const { level, rank, since, down_at: downAt } = row as Found;
  return {
    held: level === null ? null : { level, rank, since: new Date(since) },
    downAt: downAt === null ? null : new Date(downAt),
    dwellMinutes: row.dwell as number,
    levels: levelsFrom(row.levels),
  };
}
type Found = { level: string | null; rank: number; since: number; down_at: number | null };

/** The organisation's own, or the usual ones. */
export const levelsFrom = (own: unknown): readonly Level[] => (own as Level[] | null) ?? usualLevels;

/** Until the end of this change, nobody else changes this posture, nor the levels. */
export const holdScope = (ctx: Ctx, entity: string | null) =>
  ctx.send(
    `select pg_advisory_xact_lock_shared(hashtextextended('posture levels ' || $1::text, 0)),
      pg_advisory_xact_lock(hashtextextended('posture ' || $1::text || $2::text, 0))`,
    [ctx.tenant.id, entity ?? ""],
  );

/** The same for the posture that an open change speaks of. Who comes too late with it doesn't wait. */
export const holdScopeOf = (ctx: Ctx, change: string, version: number) =>
  ctx.send(
    `select pg_advisory_xact_lock_shared(hashtextextended('posture levels ' || tenant_id, 0)),
      pg_advisory_xact_lock(hashtextextended('posture ' || tenant_id || coalesce(entity_id::text, ''), 0))
    from posture_changes where tenant_id = $1 and id = $2 and version = $3 and state = 'proposed'`,
    [ctx.tenant.id, change, version],
  );
