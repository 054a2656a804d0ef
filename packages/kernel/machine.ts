import type { ProblemCode } from "@dais/contracts";
import { type IdKind, idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Machine } from "robot3";
import { record } from "./audit.ts";
import type { Ctx } from "./context.ts";
import { type Along, moveMany, moveOne, sideOf } from "./machine-statements.ts";
import { tell } from "./outbox.ts";
import { Problem } from "./problem.ts";

export { movesOf } from "./machine-statements.ts";

type StateTable = PgTable &
  Record<"id" | "tenantId" | "state" | "stateReason" | "version" | "updatedAt" | "classification", PgColumn>;
/** A row as Drizzle's `select` would give it. */
type RowOf<T extends PgTable> = T["$inferSelect"];

/** A thing whose state moves: its table, its machine, and how the contract shows it. */
export type Workflow<T extends StateTable, Shown extends object> = {
  /** The noun: of permissions, audit and events, and the machine's name in `workflow_moves`. */
  name: string;
  idKind: IdKind;
  table: T;
  machine: Machine;
  along?: Along;
  show(row: RowOf<T>): Shown;
  problems: { notFound: ProblemCode; wrongState: ProblemCode; changed: ProblemCode };
};

/** The state that `event` leads to from `from`, or null where the machine has no such move. */
export function target(machine: Machine, from: string, event: string): string | null {
  const states = machine.states as unknown as Record<string, { transitions: Map<string, { to: string }[]> }>;
  return states[from]?.transitions.get(event)?.[0]?.to ?? null;
}

/** `given`: what the workflow's `along` sets columns from. */
export type Move = { version: number; reason?: string | null; given?: object };

/**
 * Sends `event` to a thing's machine: the only way a state changes. One statement locks, compares, updates and returns before and
 * after; a refusal rolls it back. The move is recorded and told in the same transaction.
 * @throws the workflow's notFound, changed (412) or wrongState (409) problem, in this order
 */
export async function move<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  id: string,
  event: string,
  { version, reason = null, given = {} }: Move,
): Promise<Shown> {
  const [row] = await ctx.send(moveOne(workflow, event), [
    ctx.tenant.id,
    ctx.now.toISOString(),
    JSON.stringify(given),
    uuidOf(id),
    `{${ctx.visible.join(",")}}`,
    version,
    reason,
  ]);
  const { notFound, changed, wrongState } = workflow.problems;
  if (!row) throw new Problem(notFound);
  const was = sideOf(workflow.table, row, "b") as { state: string; version: number };
  if (was.version !== version) throw new Problem(changed, { version: was.version, state: was.state });
  if (!target(workflow.machine, was.state, event)) throw new Problem(wrongState, { state: was.state, event });
  if (row.a_id === null) throw new Problem(changed, { version: was.version, state: was.state });
  return noted(ctx, workflow, row, event, reason);
}

export type Moves = {
  /** Which things, as SQL over the table, the tenant as $1 and now as $2. Never anything that came from outside. */
  where: string;
  /** How many at most. */
  limit: number;
  reason?: string | null;
  given?: object;
};

/**
 * Sends `event` to all things in whose state it is a move and that fit, up to a limit: each is recorded and told as if it had been moved
 * alone. One exchange. Whoever sees them is not asked: only the server itself moves things by rule.
 * @returns those that moved, as they are now; fewer than the limit may have moved although there are more, none only where there are none
 */
export async function moveAll<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  event: string,
  { where, limit, reason = null, given = {} }: Moves,
): Promise<Shown[]> {
  const now = ctx.now.toISOString();
  const text = moveMany(workflow, event, where);
  const rows = await ctx.send(text, [ctx.tenant.id, now, JSON.stringify(given), limit, reason]);
  return rows.map((row) => noted(ctx, workflow, row, event, reason));
}

/** Records and tells a move; answers with the thing as it is shown now. */
function noted<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  row: Record<string, unknown>,
  event: string,
  reason: string | null,
): Shown {
  const [before, after] = [sideOf(workflow.table, row, "b"), sideOf(workflow.table, row, "a")] as [RowOf<T>, RowOf<T>];
  const shown = workflow.show(after);
  const { id, version, classification, entityId, state: to } = after as unknown as Noted;
  const { state: from } = before as unknown as Noted;
  const resource = { type: workflow.name, id, version, classification };
  record(ctx, { resource, before: workflow.show(before), after: shown, event, from, to, reason });
  tell(ctx, {
    name: `${workflow.name}.${pastTense(event)}`,
    resource: { ...resource, entityId: entityId ?? null },
    payload: { id: idOf(workflow.idKind, id), from, to, reason },
  });
  return shown;
}
type Noted = { id: string; version: number; classification: string; entityId?: string | null; state: string };

/** acknowledge -> acknowledged, dismiss -> dismissed, submit -> submitted, apply -> applied, wake -> woken. */
export const pastTense = (verb: string): string =>
  irregular[verb] ??
  (verb.endsWith("e")
    ? `${verb}d`
    : /[^aeiou]y$/.test(verb)
      ? `${verb.slice(0, -1)}ied`
      : /[^aeiou][aeiou][tpn]$/.test(verb) && !/open$/.test(verb)
        ? `${verb}${verb.at(-1)}ed`
        : `${verb}ed`);
const irregular: Readonly<Record<string, string>> = { wake: "woken", withdraw: "withdrawn" };
