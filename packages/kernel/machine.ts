import type { ProblemCode } from "@dais/contracts";
import { type IdKind, idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { MoveSpec, WorkflowSpec } from "@dais/contracts/kit/workflow";
import { leastReason } from "@dais/contracts/kit/workflow";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { createMachine, type Machine, state, transition } from "robot3";
import { record } from "./audit.ts";
import { digest } from "./canonical.ts";
import type { Ctx } from "./context.ts";
import { type Along, moveFitting, moveOne, sideOf } from "./machine-statements.ts";
import { tell } from "./outbox.ts";
import { Problem } from "./problem.ts";
import { noteWaiting, type WaitingSaid } from "./waiting.ts";

export { movesOf } from "./machine-statements.ts";

export type StateTable = PgTable &
  Record<"id" | "tenantId" | "state" | "stateReason" | "version" | "updatedAt" | "classification", PgColumn>;
/** A row as Drizzle's `select` would give it. */
type RowOf<T extends PgTable> = T["$inferSelect"];

/** A thing whose state moves: its table, its machine, and how the contract shows it. */
export type Workflow<T extends StateTable, Shown extends object> = {
  /** Its table of moves, as the contract has it. Its name is that of the machine in `workflow_moves`. */
  spec: WorkflowSpec;
  idKind: IdKind;
  table: T;
  machine: Machine;
  along?: Along;
  show(row: RowOf<T>): Shown;
  /** What the events of its moves say besides, as the contract declares it. */
  payload?(row: RowOf<T>, event: string): object;
  /** What it says of its waiting, beyond its table. */
  waiting?(row: RowOf<T>): WaitingSaid;
  /** The policies that the table names: why a move must not be made now, or null. `row` is the thing as it was found, held by the move. */
  policies?: Readonly<Record<string, (ctx: Ctx, row: RowOf<T>) => Problem | null | Promise<Problem | null>>>;
  /** What is approved, where a move asks for four eyes: its digest goes on record with the approval. By default all that is shown. */
  content?(row: RowOf<T>): unknown;
  problems: { notFound: ProblemCode; wrongState: ProblemCode; changed: ProblemCode };
};

/** The robot3 machine of a workflow's table. Rules are judged beside it: its transitions have no guards. */
export function machineOf({ initial, states, moves }: WorkflowSpec): Machine {
  const from = (name: string) =>
    Object.entries<MoveSpec<string>>(moves).flatMap(([event, move]) =>
      move.from.includes(name) ? [transition(event, move.to)] : [],
    );
  const each = Object.fromEntries(Object.keys(states).map((name) => [name, state(...from(name))]));
  return createMachine(initial, each) as unknown as Machine;
}

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
  const { fourEyes = false } = reasoned(ruleOf(workflow, event), reason);
  const [row] = await ctx.send(moveOne(workflow, event, fourEyes), [
    ctx.tenant.id,
    ctx.now.toISOString(),
    JSON.stringify(given),
    uuidOf(id),
    arrayOf(ctx.visible),
    version,
    reason,
    ...(fourEyes ? [arrayOf(ctx.actor.persons)] : []),
  ]);
  const refusal = await judged(ctx, workflow, event, { row, version });
  if (refusal || !row) throw refusal ?? new Problem(workflow.problems.notFound);
  return noted(ctx, workflow, row, event, reason);
}

/**
 * Why a thing can't be moved, in the order in which it is judged: whether it is there, its version, its state, the rules of the move.
 * @param row The thing as it was found, by `b_…`, with its `hand`, and where it was moved already by `a_…`; undefined where it isn't there
 * for the caller
 */
export async function judged<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  event: string,
  { row, version }: { row: Record<string, unknown> | undefined; version: number | null },
): Promise<Problem | null> {
  const { notFound, changed, wrongState } = workflow.problems;
  if (!row) return new Problem(notFound);
  const was = sideOf(workflow.table, row, "b") as { state: string; version: number };
  if (version !== null && was.version !== version)
    return new Problem(changed, { version: was.version, state: was.state });
  if (!target(workflow.machine, was.state, event)) return new Problem(wrongState, { state: was.state, event });
  // Somebody else moved it between the statement's own look at it and its turn.
  if (row.a_id === null) return new Problem(changed, { version: was.version, state: was.state });
  const hand = row.hand as string | null | undefined;
  return refusedBy(ctx, workflow, ruleOf(workflow, event), was as unknown as RowOf<T>, hand);
}

/** What the table says of an event. @throws Error where it says nothing: a bug */
export function ruleOf({ spec }: { spec: WorkflowSpec }, event: string): MoveSpec<string> {
  const rule = spec.moves[event];
  if (!rule) throw new Error(`${spec.name} has no move ${event}`);
  return rule;
}

/**
 * Why the rules of a move stop it, beyond state and version: the one place where delegations, four eyes and policies are judged. The database holds
 * to four eyes besides.
 * @param hand Somebody behind the caller who had a hand in the thing, or null; left out where the move doesn't ask
 */
export async function refusedBy<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  { policies = {} }: Workflow<T, Shown>,
  rule: MoveSpec<string>,
  row: RowOf<T>,
  hand: string | null | undefined,
): Promise<Problem | null> {
  const { delegation } = ctx.actor;
  const { entityId = null } = row as { entityId?: string | null };
  if (delegation && delegation.entityId !== null && delegation.entityId !== entityId)
    return new Problem("delegation_entity", { delegation: delegation.id });
  if (rule.fourEyes && (hand !== null || ctx.actor.persons.length === 0)) return new Problem("four_eyes");
  for (const name of rule.policies ?? []) {
    const policy = policies[name];
    if (!policy) throw new Error(`nobody judges the policy ${name}`);
    const refusal = await policy(ctx, row);
    if (refusal) return refusal;
  }
  return null;
}

/** The rule, where the reason is enough for it. @throws invalid_input */
export function reasoned(rule: MoveSpec<string>, reason: string | null): MoveSpec<string> {
  if (!rule.irreversible || (reason ?? "").trim().length >= leastReason) return rule;
  throw new Problem("invalid_input", {
    errors: [{ pointer: "/reason", code: "too_small", message: `Must have ${leastReason} characters at least.` }],
  });
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
  if (ruleOf(workflow, event).fourEyes)
    throw new Error(`${workflow.spec.name}.${event} is nothing that happens by rule`);
  const text = moveFitting(workflow, event, where);
  const rows = await ctx.send(text, [ctx.tenant.id, now, JSON.stringify(given), limit, reason]);
  return rows.map((row) => noted(ctx, workflow, row, event, reason));
}

/** Records and tells a move; answers with the thing as it is shown now. */
export function noted<T extends StateTable, Shown extends object>(
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
  const { name } = workflow.spec;
  const resource = { type: name, id, version, classification };
  const { fourEyes, policies } = ruleOf(workflow, event);
  const { content = workflow.show } = workflow;
  const decision = {
    ...(policies && { policies }),
    ...(fourEyes && { fourEyes: true, contentSha256: digest(content(before)) }),
  };
  record(ctx, { resource, before: workflow.show(before), after: shown, event, from, to, reason, decision });
  noteWaiting(ctx, workflow, after);
  tell(ctx, {
    name: eventOf(workflow.spec, event),
    resource: { ...resource, entityId: entityId ?? null },
    payload: { id: idOf(workflow.idKind, id), from, to, reason, ...workflow.payload?.(after, event) },
  });
  return shown;
}
type Noted = { id: string; version: number; classification: string; entityId?: string | null; state: string };

/** The event that tells of a move: `signal.acknowledged`. */
export const eventOf = ({ name, moves }: WorkflowSpec, event: string): string =>
  `${name}.${moves[event]?.told ?? pastTense(event)}`;

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
const irregular: Readonly<Record<string, string>> = { cancel: "cancelled", wake: "woken", withdraw: "withdrawn" };
