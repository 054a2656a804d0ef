import type { Action } from "@dais/contracts/actions";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { type Ctx, visibleTo } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";

/** What an action may be said to be about: what of it must be there, and fit. */
export type Said = Partial<Pick<Action, "ownerId" | "deputyIds" | "entityId" | "dueDay">>;

/** As much of the organisation as it takes to judge what is said. */
export type Known = {
  /** By public id, those who are not shut out. `able`: they may say that an action is done. */
  people: Map<string, { clearance: string; able: boolean }>;
  entities: Set<string>;
  /** Day -> when it is over. */
  ends: Map<string, Date>;
  today: string;
  lastDay: string;
};

/** Looks up what is named, all at once. One exchange, or none where nothing is. */
export async function lookUp(ctx: Ctx, said: readonly Said[]): Promise<Known> {
  const people = new Set(said.flatMap(({ ownerId, deputyIds = [] }) => [...(ownerId ? [ownerId] : []), ...deputyIds]));
  const entities = new Set(said.flatMap(({ entityId }) => (entityId ? [entityId] : [])));
  const days = new Set(said.flatMap(({ dueDay }) => (dueDay ? [dueDay] : [])));
  if (people.size + entities.size + days.size === 0)
    return { people: new Map(), entities: new Set(), ends: new Map(), today: "", lastDay: "" };
  const rows = await ctx.send(text, [
    ...[ctx.tenant.id, arrayOf([...people].map(uuidOf)), arrayOf([...entities].map(uuidOf)), arrayOf([...days])],
    ...[ctx.tenant.timeZone, ctx.now.toISOString()],
  ]);
  const of = (what: string) => rows.filter((row) => row.what === what);
  const [{ id: today = "", more: lastDay = "" } = {}] = of("today") as { id?: string; more?: string }[];
  return {
    people: new Map(
      of("person").map(({ id, more, able }) => [
        idOf("per", id as string),
        { clearance: more as string, able: able === true },
      ]),
    ),
    entities: new Set(of("entity").map(({ id }) => idOf("ent", id as string))),
    ends: new Map(of("day").map(({ id, more }) => [id as string, new Date(Number(more))])),
    ...{ today, lastDay },
  };
}

const text = `
  select 'person' as what, id::text, clearance as more, permissions_of(roles_of(id)) @> '{action.complete}' as able
  from people where tenant_id = $1 and id = any ($2::uuid[]) and disabled_at is null
  union all select 'entity', id::text, null, null from entities where tenant_id = $1 and id = any ($3::uuid[])
  union all select 'day', day::text, (extract(epoch from end_of_day(day, $5)) * 1000)::bigint::text, null from unnest($4::date[]) as day
  union all select 'today', day::text, (day + interval '10 years')::date::text, null
    from (select ($6::timestamptz at time zone $5)::date as day) as its`;

/**
 * Whether what is said of an action holds, of whom and whose classification it is.
 * @param whole All that it says then: somebody who stays need not be looked up again
 */
export function fits(
  ctx: Ctx,
  known: Known,
  said: Said,
  whole: Pick<Action, "ownerId" | "deputyIds" | "classification">,
): Problem | null {
  const named = [...(said.ownerId ? [said.ownerId] : []), ...(said.deputyIds ?? [])];
  const unknown = named.filter((id) => !known.people.has(id));
  if (unknown.length > 0) return new Problem("action_person_unknown", { personIds: unknown });
  const uncleared = named.filter((id) => !isCleared(ctx, known.people.get(id)?.clearance ?? "", whole.classification));
  if (uncleared.length > 0) return new Problem("action_person_uncleared", { personIds: uncleared });
  const unfit = named.filter((id) => !known.people.get(id)?.able);
  // What somebody may do is told only to who may read people.
  const tells = ctx.actor.kind === "system" || ctx.actor.permissions.has("person.read");
  if (unfit.length > 0) return new Problem("action_person_unfit", tells ? { personIds: unfit } : {});
  if (new Set([whole.ownerId, ...whole.deputyIds]).size <= whole.deputyIds.length)
    return new Problem("action_deputy_owner");
  if (said.entityId && !known.entities.has(said.entityId)) return new Problem("action_entity_unknown");
  const { today, lastDay } = known;
  if (said.dueDay && (said.dueDay < today || said.dueDay > lastDay)) return new Problem("action_due_day", { today });
  return null;
}

/** Whether somebody with this clearance sees what is classified so. */
export const isCleared = (ctx: Ctx, clearance: string, classification: string): boolean =>
  visibleTo(ctx.tenant.levels, clearance).includes(classification);
