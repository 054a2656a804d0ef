import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";

/** What a briefing depends on that isn't in it: how its sources are classified now, who is in its audience now, and what that one has already. */
export type Facts = {
  sources: { id: string; level: string }[];
  audience: { id: string; clearance: string }[];
  /** The distributed briefing of the same day and audience. */
  other: { id: string; level: string } | null;
};

/** Reads them, once in a call: what the policies judge is what goes out. One exchange. */
export function factsOf(ctx: Ctx, briefing: string): Promise<Facts> {
  const its = known.get(ctx) ?? new Map<string, Promise<Facts>>();
  known.set(ctx, its);
  const found = its.get(briefing) ?? read(ctx, briefing);
  its.set(briefing, found);
  return found;
}
const known = new WeakMap<Ctx, Map<string, Promise<Facts>>>();

async function read(ctx: Ctx, briefing: string): Promise<Facts> {
  const [row] = await ctx.send(text, [ctx.tenant.id, briefing]);
  const { sources, audience, other } = (row ?? { sources: null, audience: null, other: null }) as Found;
  return {
    sources: (sources ?? []).map((one) => ({ ...one, id: idOf("sig", one.id) })),
    audience: (audience ?? []).map((one) => ({ ...one, id: idOf("per", one.id) })),
    other: other && { ...other, id: idOf("brf", other.id) },
  };
}
type Found = { [K in keyof Facts]: Facts[K] | null };

const text = `
  select
    (select json_agg(json_build_object('id', s.id, 'level', s.classification) order by s.id) from signals s
      where s.tenant_id = $1 and s.id = any (b.signal_ids)) as sources,
    (select json_agg(json_build_object('id', a.person_id, 'clearance', a.clearance) order by a.person_id)
      from audience_of($1, b.audience) a) as audience,
    (select json_build_object('id', o.id, 'level', o.classification) from briefings o where o.tenant_id = $1 and o.day = b.day
      and o.audience_sha256 = b.audience_sha256 and o.state = 'distributed' and o.id <> b.id limit 1) as other
  from briefings b where b.tenant_id = $1 and b.id = $2`;

/** Until the end of this change, nobody else distributes a briefing of the same day to the same audience. */
export const holdAudience = (ctx: Ctx, briefing: string) =>
  ctx.send(
    `select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'briefing', tenant_id, day, audience_sha256), 0))
     from briefings where tenant_id = $1 and id = $2`,
    [ctx.tenant.id, briefing],
  );
