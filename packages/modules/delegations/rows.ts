import type { Delegation } from "@dais/contracts/delegations";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import type { Rows } from "@dais/kernel/lane";
import { Problem } from "@dais/kernel/problem";
import { instant } from "@dais/kernel/waiting";
import type { Wanted } from "./rules.ts";

const byId = "select *, to_json(moves) as its from delegations where tenant_id = $1 and id = $2";

export async function find(ctx: Ctx, id: string): Promise<Delegation | undefined> {
  const [row] = await ctx.send(byId, [ctx.tenant.id, uuidOf(id)]);
  return row && show(row);
}

/** Holds it against others who end it, and reads it. */
export async function hold(ctx: Ctx, id: string): Promise<Delegation | undefined> {
  const [row] = await ctx.send(`${byId} for no key update`, [ctx.tenant.id, uuidOf(id)]);
  return row && show(row);
}

type Filters = { whose: "mine" | "given" | "received" | "all"; over?: boolean };

export async function newest(
  ctx: Ctx,
  { whose, over }: Filters,
  before: [string, string] | null,
  limit: number,
): Promise<Delegation[]> {
  const params: unknown[] = [ctx.tenant.id];
  const at = (value: unknown) => `$${params.push(value)}`;
  const where = ["tenant_id = $1"];
  if (whose !== "all") {
    // Who is no person has given and been given nothing.
    const me = `${at(ctx.actor.kind === "user" ? uuidOf(ctx.actor.id) : null)}::uuid`;
    where.push({ given: `from_id = ${me}`, received: `to_id = ${me}`, mine: `${me} in (from_id, to_id)` }[whose]);
  }
  if (over !== undefined) {
    const now = at(ctx.now.toISOString());
    where.push(over ? `(ended_at is not null or until <= ${now})` : `ended_at is null and until > ${now}`);
  }
  if (before) where.push(`(created_at, id) < (${at(before[0])}::timestamptz, ${at(before[1])}::uuid)`);
  const text = `select *, to_json(moves) as its from delegations where ${where.join(" and ")}
    order by created_at desc, id desc limit ${at(limit)}`;
  return (await ctx.send(text, params)).map(show);
}

/** @throws delegation_entity_unknown */
export async function insert(ctx: Ctx, wanted: Wanted): Promise<Delegation> {
  const made = ctx.send(
    `insert into delegations (id, tenant_id, from_id, to_id, moves, entity_id, starts_at, until, reason, created_by, created_at, updated_at)
     values ($2, $1, $3, $4, $5::text[], $6, $7, $8, $9, $10, $11, $11) returning *, to_json(moves) as its`,
    [
      ctx.tenant.id,
      ctx.newId(),
      uuidOf(wanted.fromId),
      uuidOf(wanted.toId),
      arrayOf([...new Set(wanted.moves)].sort()),
      wanted.entityId && uuidOf(wanted.entityId),
      wanted.startsAt,
      wanted.until,
      wanted.reason,
      ctx.actor.id,
      ctx.now.toISOString(),
    ],
  );
  const [row] = await meaning({ delegations_entity: () => new Problem("delegation_entity_unknown") }, made);
  return show(row as Rows[number]);
}

/** Ends one that is held. */
export async function end(ctx: Ctx, { id }: Delegation): Promise<Delegation> {
  const [row] = await ctx.send(
    `update delegations set ended_at = $3, updated_at = $3, version = version + 1
     where tenant_id = $1 and id = $2 returning *, to_json(moves) as its`,
    [ctx.tenant.id, uuidOf(id), ctx.now.toISOString()],
  );
  return show(row as Rows[number]);
}

/**
 * Ends up to `limit` that are over by themselves: their time has come, somebody was shut out, or the giver may make none of the moves any
 * more. Nobody acts by them since that moment already.
 */
export async function endThoseOver(ctx: Ctx, limit: number): Promise<Delegation[]> {
  const rows = await ctx.send(
    `with over as (
       select d.id from delegations d
         join people g on g.tenant_id = d.tenant_id and g.id = d.from_id
         join people r on r.tenant_id = d.tenant_id and r.id = d.to_id
       where d.tenant_id = $1 and d.ended_at is null and (d.until <= $2 or g.disabled_at is not null
         or r.disabled_at is not null or not d.moves && permissions_of(roles_of(g.id)))
       order by d.id limit $3 for no key update of d skip locked
     )
     update delegations d set ended_at = least(d.until, $2), updated_at = $2, version = version + 1
     from over where d.tenant_id = $1 and d.id = over.id returning d.*, to_json(d.moves) as its`,
    [ctx.tenant.id, ctx.now.toISOString(), limit],
  );
  return rows.map(show);
}

function show(row: Rows[number]): Delegation {
  const its = row as Record<"id" | "from_id" | "to_id" | "reason" | "created_by", string>;
  return {
    id: idOf("dlg", its.id),
    fromId: idOf("per", its.from_id),
    toId: idOf("per", its.to_id),
    moves: row.its as string[],
    entityId: row.entity_id === null ? null : idOf("ent", row.entity_id as string),
    startsAt: instant(row.starts_at),
    until: instant(row.until),
    reason: its.reason,
    endedAt: row.ended_at === null ? null : instant(row.ended_at),
    createdBy: its.created_by,
    version: row.version as number,
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
  };
}
