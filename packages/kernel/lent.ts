import { type ProblemCode, problems } from "@dais/contracts";
import type { Operation, Subscription } from "@dais/contracts/kit/derive";
import { idOf } from "@dais/contracts/kit/ids";
import type { ProblemSpec } from "@dais/contracts/kit/problems";
import { isMove } from "@dais/contracts/workflows/derived";
import type { Actor, Tenant } from "./context.ts";
import { lowest } from "./standing.ts";

/** A delegation, as it is remembered of whoever it was given to. */
export type Lent = {
  /** `dlg_…` */
  id: string;
  /** `per_…`, who gave it. */
  fromId: string;
  /** Permissions of moves: those of the delegation that the giver holds now. */
  moves: readonly string[];
  /** uuid of the entity whose things it is for; null: of all. */
  entityId: string | null;
  /** In milliseconds since 1970, as is `until`, from which moment on it is over. */
  startsAt: number;
  until: number;
  /** The giver's. */
  clearance: string;
};

/** As the function `lent_to` tells them. */
export type LentRow = Record<"id" | "from" | "starts_at" | "until" | "clearance", string> & {
  moves: string[];
  entity: string | null;
};
export const lentOf = (rows: readonly LentRow[]): Lent[] =>
  rows.map(({ id, from, moves, entity, starts_at, until, clearance }) => ({
    id: idOf("dlg", id),
    fromId: idOf("per", from),
    moves,
    entityId: entity,
    startsAt: Date.parse(starts_at),
    until: Date.parse(until),
    clearance,
  }));

type Holder = Pick<Actor, "kind" | "permissions" | "token" | "lent">;

/** The delegations to somebody that are in force now. */
export const inForce = ({ lent = [] }: Pick<Actor, "lent">, now: Date): Lent[] =>
  lent.filter(({ startsAt, until }) => startsAt <= now.getTime() && now.getTime() < until);

type Called = Pick<Operation | Subscription, "meta" | "path">;

/**
 * By which delegations somebody may call an operation that they may not call by themselves; none where they may. Only moves of workflows
 * can be delegated, whatever else has the same permission.
 */
export const lentFor = (of: Called, actor: Holder, now: Date): Lent[] =>
  of.meta.permission !== null && actor.permissions.has(of.meta.permission) ? [] : lentBeside(of, actor, now);

/**
 * By which delegations somebody may call an operation, whether or not they may by themselves: what waits for somebody else by name is not
 * theirs, whatever they may. @see ProblemSpec.byDelegation
 */
export function lentBeside({ meta: { permission }, path }: Called, actor: Holder, now: Date): Lent[] {
  if (permission === null || !isMove(path)) return [];
  return inForce(actor, now).filter(({ moves }) => moves.includes(permission));
}

/** Whether a refusal means that it is somebody else's by name. */
export const isOthers = (code: ProblemCode | null): boolean =>
  code !== null && (problems[code] as ProblemSpec).byDelegation === true;

/** Somebody while they act by a delegation: for its giver, and seeing what both of them may. */
export const actingBy = (actor: Actor, lent: Lent, { levels }: Pick<Tenant, "levels">): Actor => ({
  ...actor,
  clearance: lowest(levels, [actor.clearance, lent.clearance]),
  onBehalfOf: lent.fromId,
  persons: [...new Set([...actor.persons, lent.fromId])],
  delegation: lent,
});
