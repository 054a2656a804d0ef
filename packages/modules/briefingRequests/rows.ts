import { uuidOf } from "@dais/contracts/kit/ids";
import { briefingRequests } from "@dais/drizzle/schema/briefingRequests";
import type { Ctx } from "@dais/kernel/context";
import { and, desc, eq, inArray, lt } from "drizzle-orm";
import type { Row } from "./workflow.ts";

const seen = (ctx: Ctx) =>
  and(eq(briefingRequests.tenantId, ctx.tenant.id), inArray(briefingRequests.classification, [...ctx.visible]));

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await ctx.db
    .select()
    .from(briefingRequests)
    .where(and(seen(ctx), eq(briefingRequests.id, uuidOf(id))));
  return row;
}

/** Up to `limit` requests, the latest day first, before a day: there is one for each day at most. */
export function latest(ctx: Ctx, of: { state?: Row["state"] }, before: string | null, limit: number): Promise<Row[]> {
  const { day, state } = briefingRequests;
  return ctx.db
    .select()
    .from(briefingRequests)
    .where(and(seen(ctx), of.state ? eq(state, of.state) : undefined, before ? lt(day, before) : undefined))
    .orderBy(desc(day))
    .limit(limit);
}

/**
 * Makes the request of the day where the organisation's hour has come, it has none, and nobody has drafted anything: null where that is not so.
 * The hour has come when a clock on the wall shows it or more: an hour that the clocks skip has come when they skip it, and one that they show
 * twice comes once. However often and by however many this is done, a day has one request.
 */
export async function request(ctx: Ctx): Promise<Row | null> {
  const params = [ctx.tenant.id, ctx.now.toISOString(), ctx.tenant.timeZone, ctx.newId(), ctx.tenant.levels[0]];
  const [made] = await ctx.send(requested, params);
  if (!made) return null;
  const [row] = await ctx.db
    .select()
    .from(briefingRequests)
    .where(and(eq(briefingRequests.tenantId, ctx.tenant.id), eq(briefingRequests.id, made.id as string)));
  return row ?? null;
}

const requested = `
  with its as (
    select settings -> 'briefing' ->> 'hour' as hour, uuid_of(settings -> 'briefing' ->> 'draftingAgentId') as agent,
      $2::timestamptz at time zone $3 as wall
    from organisations where id = $1
  )
  insert into briefing_requests (id, tenant_id, day, window_from, window_to, agent_id, ask_at, classification, state, version, created_at, updated_at)
  select $4, $1, wall::date,
    coalesce((select max(window_to) from briefing_requests where tenant_id = $1), $2::timestamptz - interval '24 hours'), $2, agent,
    case when agent is null then $2::timestamptz else $2::timestamptz + interval '1 hour' end, $5, 'requested', 1, $2, $2
  from its
  where hour is not null and wall::time >= hour::time
    and not exists (select from briefings b where b.tenant_id = $1 and b.day = wall::date and b.state not in ('withdrawn', 'expired'))
  on conflict on constraint briefing_requests_day do nothing
  returning id`;
