import { operations } from "@dais/contracts";
import { type Delegation, longestDelegation } from "@dais/contracts/delegations";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { isMove } from "@dais/contracts/workflows/derived";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";

export type Wanted = Pick<Delegation, "fromId" | "toId" | "moves" | "entityId" | "startsAt" | "until" | "reason">;

/** The permissions that can be delegated: those of moves. */
const delegable = new Set(
  [...operations.values()].flatMap(({ path, meta }) => (isMove(path) ? [meta.permission] : [])),
);

/**
 * Whose moves it is about. Nobody takes moves from others for themselves, whatever they may.
 * @throws delegation_giver_unknown, delegation_others
 */
export function giverOf({ actor }: Ctx, fromId: string | undefined, toId: string): string {
  const giver = fromId ?? (actor.kind === "user" ? actor.id : undefined);
  if (giver === undefined) throw new Problem("delegation_giver_unknown");
  if (giver === actor.id) return giver;
  if (!actor.permissions.has("delegation.create_for"))
    throw new Problem("delegation_others", { permission: "delegation.create_for" });
  if (actor.persons.includes(toId)) throw new Problem("delegation_others");
  return giver;
}

/** What the call alone shows to be wrong. @throws delegation_self, delegation_dates, delegation_move_unknown, delegation_not_own */
export function possible(ctx: Ctx, { fromId, toId, moves, startsAt, until }: Wanted): void {
  if (fromId === toId) throw new Problem("delegation_self");
  const [from, to] = [Date.parse(startsAt), Date.parse(until)];
  if (to <= from || to - from > longestDelegation * 86_400_000) throw new Problem("delegation_dates");
  const unknown = moves.filter((one) => !delegable.has(one));
  if (unknown.length > 0) throw new Problem("delegation_move_unknown", { moves: unknown });
  // A token that may do some things only gives no more away than that.
  const lacking = moves.filter((one) => fromId === ctx.actor.id && !ctx.actor.permissions.has(one));
  if (lacking.length > 0) throw new Problem("delegation_not_own", { moves: lacking });
}

/**
 * What the organisation's people and their other delegations show to be wrong. Delegations are made one at a time: two that would only
 * together go round in a circle can't pass each other.
 * @throws delegation_giver_unknown, delegation_receiver_unknown, delegation_not_own, delegation_loop
 */
export async function agreed(ctx: Ctx, wanted: Wanted): Promise<void> {
  const { fromId, toId, moves, entityId, startsAt, until } = wanted;
  const its = [ctx.tenant.id, uuidOf(fromId), uuidOf(toId)];
  const [, people, [loop]] = await Promise.all([
    ctx.send("select pg_advisory_xact_lock(hashtextextended('delegations:' || $1::text, 0))", [ctx.tenant.id]),
    ctx.send(both, its),
    ctx.send(around, [...its, arrayOf(moves), startsAt, until, entityId && uuidOf(entityId)]),
  ]);
  const giver = people.find(({ id }) => id === its[1]);
  if (!giver) throw new Problem("delegation_giver_unknown");
  if (!people.some(({ id }) => id === its[2])) throw new Problem("delegation_receiver_unknown");
  const lacking = moves.filter((one) => !(giver.permissions as string[]).includes(one));
  if (lacking.length > 0) throw new Problem("delegation_not_own", { moves: lacking });
  if (loop) throw new Problem("delegation_loop", { delegationId: idOf("dlg", loop.first as string) });
}

const both = `
  select id, to_json(permissions_of(roles_of(id))) as permissions from people
  where tenant_id = $1 and id in ($2, $3) and disabled_at is null`;

/** Climbs from the receiver, for each move by itself, along delegations that hold at the same time for some of the same things. */
const around = `
  with recursive given (who, move, first) as (
    select $3::uuid, m, null::uuid from unnest($4::text[]) as m
    union
    select d.to_id, g.move, coalesce(g.first, d.id)
    from given g join delegations d on d.tenant_id = $1 and d.from_id = g.who and g.move = any (d.moves)
      and d.ended_at is null and d.starts_at < $6 and d.until > $5
      and (d.entity_id is null or $7::uuid is null or d.entity_id = $7)
  )
  select first from given where who = $2 and first is not null limit 1`;
