import type { ProblemCode } from "@dais/contracts";
import { type IdKind, idOf, uuidOf } from "@dais/contracts/kit/ids";
import { getTableColumns, getTableName } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Machine } from "robot3";
import { record } from "./audit.ts";
import type { Ctx } from "./context.ts";
import { emit } from "./outbox.ts";
import { Problem } from "./problem.ts";

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
  show(row: RowOf<T>): Shown;
  problems: { notFound: ProblemCode; wrongState: ProblemCode; changed: ProblemCode };
};

/** The state that `event` leads to from `from`, or null where the machine has no such move. */
export function target(machine: Machine, from: string, event: string): string | null {
  const states = machine.states as unknown as Record<string, { transitions: Map<string, { to: string }[]> }>;
  return states[from]?.transitions.get(event)?.[0]?.to ?? null;
}

/** Every legal move of a machine, as `workflow_moves` has them, without those that make a thing. */
export function movesOf(machine: Machine): { from: string; event: string; to: string }[] {
  const states = machine.states as unknown as Record<string, { transitions: Map<string, { to: string }[]> }>;
  return Object.entries(states).flatMap(([from, { transitions }]) =>
    [...transitions].flatMap(([event, moves]) => moves.map(({ to }) => ({ from, event, to }))),
  );
}

export type Move = { version: number; reason?: string | null };

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
  { version, reason = null }: Move,
): Promise<Shown> {
  const uuid = uuidOf(id);
  const [row] = await ctx.send(statementOf(workflow, event), [
    uuid,
    ctx.tenant.id,
    `{${ctx.visible.join(",")}}`,
    version,
    ctx.now.toISOString(),
    reason,
  ]);
  const { notFound, changed, wrongState } = workflow.problems;
  if (!row) throw new Problem(notFound);
  const before = rowOf(workflow.table, row, "b");
  const was = before as unknown as { state: string; version: number; classification: string; entityId?: string | null };
  if (was.version !== version) throw new Problem(changed, { version: was.version, state: was.state });
  const to = target(workflow.machine, was.state, event);
  if (!to) throw new Problem(wrongState, { state: was.state, event });
  if (row.a_id === null) throw new Problem(changed, { version: was.version, state: was.state });

  const after = rowOf(workflow.table, row, "a");
  const shown = workflow.show(after);
  const resource = { type: workflow.name, id: uuid, version: version + 1, classification: was.classification };
  record(ctx, { resource, before: workflow.show(before), after: shown, event, from: was.state, to, reason });
  emit(ctx, {
    name: `${workflow.name}.${pastTense(event)}`,
    resource: { ...resource, entityId: was.entityId ?? null },
    payload: { id: idOf(workflow.idKind, uuid), from: was.state, to, reason },
  });
  return shown;
}

/** acknowledge -> acknowledged, dismiss -> dismissed, submit -> submitted, apply -> applied. */
export const pastTense = (verb: string): string =>
  verb.endsWith("e")
    ? `${verb}d`
    : /[^aeiou]y$/.test(verb)
      ? `${verb.slice(0, -1)}ied`
      : /[^aeiou][aeiou][tpn]$/.test(verb) && verb !== "open"
        ? `${verb}${verb.at(-1)}ed`
        : `${verb}ed`;

const statements = new WeakMap<object, Map<string, string>>();

/** The statement of an event, made once. Only the table's and the machine's own names go into its text. */
function statementOf(workflow: Workflow<StateTable, object>, event: string): string {
  const made = statements.get(workflow) ?? new Map<string, string>();
  statements.set(workflow, made);
  const known = made.get(event);
  if (known) return known;
  const moves = movesOf(workflow.machine).filter((m) => m.event === event);
  const whens = moves.map((m) => `when '${m.from}' then '${m.to}'`).join(" ");
  const columns = (Object.values(getTableColumns(workflow.table)) as PgColumn[]).map((column) => column.name);
  const list = (side: "b" | "a") => columns.map((name) => `${side}."${name}" as "${side}_${name}"`).join(", ");
  const table = `"${getTableName(workflow.table)}"`;
  const text = `
    with b as (select * from ${table} where id = $1 and tenant_id = $2 and classification = any ($3::text[]) for update),
    a as (
      update ${table} t set state = case b.state ${whens} end, state_reason = $6, version = b.version + 1, updated_at = $5
      from b where t.id = b.id and b.version = $4 and b.state in (${moves.map((m) => `'${m.from}'`).join(", ")})
      returning t.*
    )
    select ${list("b")}, ${list("a")} from b left join a on true`;
  made.set(event, text);
  return text;
}

function rowOf<T extends PgTable>(table: T, row: Record<string, unknown>, side: "b" | "a"): RowOf<T> {
  const columns = Object.entries(getTableColumns(table)) as [string, PgColumn][];
  return Object.fromEntries(
    columns.map(([field, column]) => {
      const value = row[`${side}_${column.name}`];
      return [field, value === null || value === undefined ? null : column.mapFromDriverValue(value)];
    }),
  ) as RowOf<T>;
}
