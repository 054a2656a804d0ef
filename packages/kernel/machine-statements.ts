import { getTableColumns, getTableName, type Table } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Machine } from "robot3";

type Moving = { spec: { name: string }; table: Table; machine: Machine; along?: Along };

/**
 * What an event sets besides the state: event -> column -> SQL. It may speak of the row before as `b`, of the tenant as $1, of now as $2
 * and of what the caller gave along as $3, which is JSON.
 */
export type Along = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Every legal move of a machine, as `workflow_moves` has them, without those that make a thing. */
export function movesOf(machine: Machine): { from: string; event: string; to: string }[] {
  const states = machine.states as unknown as Record<string, { transitions: Map<string, { to: string }[]> }>;
  return Object.entries(states).flatMap(([from, { transitions }]) =>
    [...transitions].flatMap(([event, moves]) => moves.map(({ to }) => ({ from, event, to }))),
  );
}

/**
 * Moves one thing, $4, that lies within $5, from version $6, for the reason $7: its row before and, where it moved, after. Where it asks
 * for four eyes, `hand` is one of $8 who had a hand in it, or null.
 */
export const moveOne = made((workflow: Moving, event: string, fourEyes: boolean) => {
  const { states, sets } = changeOf(workflow, event);
  return `
    with given as (select $3::json as along), b as (
      select * from ${nameOf(workflow)} where id = $4 and tenant_id = $1 and classification = any ($5::text[]) for update
    ), a as (
      update ${nameOf(workflow)} t set ${sets}, state_reason = $7
      from b where t.id = b.id and b.version = $6 and b.state in (${states}) returning t.*
    )
    select ${listOf(workflow)}${fourEyes ? `, had_a_hand($1, '${workflow.spec.name}', b.id, $8::text[]) as hand` : ""} from b left join a on true`;
});

/** The things $2 that lie within $3, held in the order of their ids, as `b_…`; with four eyes, `hand` as above, of $4. */
export const holdThese = made((workflow: Moving, _event: string, fourEyes: boolean) => {
  const hand = fourEyes ? `, had_a_hand($1, '${workflow.spec.name}', b.id, $4::text[]) as hand` : "";
  return `
    select ${sideList(workflow, "b")}${hand} from ${nameOf(workflow)} b
    where b.tenant_id = $1 and b.id = any ($2::uuid[]) and b.classification = any ($3::text[]) order by b.id for no key update`;
});

/** Moves the things $4, which are held, for the reason $5: each after it, as `a_…`. */
export const moveThese = made((workflow: Moving, event: string) => {
  const { sets } = changeOf(workflow, event);
  return `
    with given as (select $3::json as along), a as (
      update ${nameOf(workflow)} t set ${sets}, state_reason = $5 from ${nameOf(workflow)} b
      where t.tenant_id = $1 and t.id = any ($4::uuid[]) and b.tenant_id = $1 and b.id = t.id returning t.*
    )
    select ${sideList(workflow, "a")} from a`;
});

/** Moves up to $4 things that fit `where`, for the reason $5, in the order of their ids: so does everybody who holds several. */
export const moveFitting = made((workflow: Moving, event: string, where: string) => {
  const { states, sets } = changeOf(workflow, event);
  return `
    with given as (select $3::json as along), b as (
      select * from ${nameOf(workflow)} where tenant_id = $1 and state in (${states}) and (${where}) order by id limit $4 for no key update
    ), a as (
      update ${nameOf(workflow)} t set ${sets}, state_reason = $5 from b where t.tenant_id = $1 and t.id = b.id returning t.*
    )
    select ${listOf(workflow)} from b join a on a.id = b.id order by b.id`;
});

/**
 * Moves the things of $3, each for its own reason and with what is given along for it, in the order of their ids; $2 is now. What `along` says of
 * `$3::json` is, here, what each row has in `along`.
 */
export const moveOwn = made((workflow: Moving, event: string) => {
  const { states, sets } = changeOf(workflow, event);
  return `
    with own as (select * from json_to_recordset($3::json) as r (id uuid, reason text, along json)), b as (
      select t.* from ${nameOf(workflow)} t
      where t.tenant_id = $1 and t.id in (select id from own) and t.state in (${states}) order by t.id for no key update
    ), a as (
      update ${nameOf(workflow)} t set ${sets.replaceAll("$3::json", "own.along")}, state_reason = own.reason
      from b join own on own.id = b.id where t.tenant_id = $1 and t.id = b.id returning t.*
    )
    select ${listOf(workflow)} from b join a on a.id = b.id order by b.id`;
});

/** Only the table's and the machine's own names go into the text of a statement, and what a module says. */
function changeOf({ machine, along = {} }: Moving, event: string) {
  const moves = movesOf(machine).filter((move) => move.event === event);
  const sets = {
    state: `case b.state ${moves.map(({ from, to }) => `when '${from}' then '${to}'`).join(" ")} end`,
    version: "b.version + 1",
    updated_at: "$2",
    ...along[event],
  };
  return {
    states: moves.map(({ from }) => `'${from}'`).join(", "),
    sets: Object.entries(sets)
      .map(([column, value]) => `${column} = ${value}`)
      .join(", "),
  };
}

const nameOf = ({ table }: Moving): string => `"${getTableName(table)}"`;
const listOf = (workflow: Moving): string => `${sideList(workflow, "b")}, ${sideList(workflow, "a")}`;
const sideList = ({ table }: Moving, side: "b" | "a"): string =>
  columnsOf(table)
    .map(([, { name }]) => `${side}."${name}" as "${side}_${name}"`)
    .join(", ");
const columnsOf = (table: Table) => Object.entries(getTableColumns(table)) as [string, PgColumn][];

/** The row before (`b`) or after (`a`), as Drizzle's `select` would give it. */
export const sideOf = (table: Table, row: Record<string, unknown>, side: "b" | "a"): Record<string, unknown> =>
  Object.fromEntries(
    columnsOf(table).map(([field, column]) => {
      const value = row[`${side}_${column.name}`];
      return [field, value === null || value === undefined ? null : column.mapFromDriverValue(value)];
    }),
  );

/** A text is made once for each workflow and event: connections prepare it once. */
function made<More extends (string | boolean)[]>(make: (workflow: Moving, event: string, ...more: More) => string) {
  const texts = new WeakMap<object, Map<string, string>>();
  return (workflow: Moving, event: string, ...more: More): string => {
    const its = texts.get(workflow) ?? new Map<string, string>();
    texts.set(workflow, its);
    const key = [event, ...more].join(" ");
    const text = its.get(key) ?? make(workflow, event, ...more);
    its.set(key, text);
    return text;
  };
}
