import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { WorkflowSpec } from "@dais/contracts/kit/workflow";
import { usualCalendar } from "@dais/contracts/organisations";
import { workflows } from "@dais/contracts/workflows/all";
import { waitingStates } from "@dais/contracts/workflows/derived";
import { record } from "./audit.ts";
import type { Ctx } from "./context.ts";
import type { Rows } from "./lane.ts";
import { tell } from "./outbox.ts";

/** What is noted of a thing that came into a state: who acts next there and within which term, or that nobody has to. */
export type Waiting = {
  machine: string;
  resource_id: string;
  waits: boolean;
  state: string;
  permission: string | null;
  person_id: string | null;
  entity_id: string | null;
  classification: string;
  since: string;
  hours: number | null;
  working_days: number | null;
};
type Thing = { id: string; state: string; classification: string; entityId?: string | null };

const waiters = new Set(waitingStates.map(({ workflow }) => workflow.name));

/**
 * Notes that a thing was made in a state, so that whoever acts next there finds it. For what a module inserts; `move` notes its own.
 * @param row as Drizzle's `select` gives it
 */
export const begun = (ctx: Ctx, { spec }: { spec: WorkflowSpec }, row: object): void => noteWaiting(ctx, spec, row);

/** Notes the state that a thing has come into, to be written in the transaction of the change. Nothing where its workflow never waits. */
export function noteWaiting(ctx: Ctx, spec: WorkflowSpec, row: object): void {
  if (!waiters.has(spec.name)) return;
  const { id, state, classification, entityId = null } = row as Thing;
  const rule = spec.states[state];
  const waits = rule && "waits" in rule ? rule : null;
  const within = waits?.within;
  ctx.written.waiting.set(`${spec.name} ${id}`, {
    machine: spec.name,
    resource_id: id,
    waits: waits !== null,
    state,
    permission: waits && "for" in waits.waits ? waits.waits.for : null,
    person_id: waits && "person" in waits.waits ? personIn(spec, row, waits.waits.person) : null,
    entity_id: entityId,
    classification,
    since: ctx.now.toISOString(),
    hours: within && "hours" in within ? within.hours : null,
    working_days: within && "workingDays" in within ? within.workingDays : null,
  });
}

/** A row names a person by uuid or by public id. */
function personIn({ name }: WorkflowSpec, row: object, field: string): string {
  const value = (row as Record<string, unknown>)[field];
  if (typeof value !== "string") throw new Error(`${name} waits for its ${field}, who is nobody`);
  return value.startsWith("per_") ? uuidOf(value) : value;
}

/** Writes what was noted: one statement. The organisation's own term counts, or else the table's. */
export const writeWaiting = (
  send: (text: string, params: readonly unknown[]) => Promise<Rows>,
  tenantId: string,
  noted: ReadonlyMap<string, Waiting>,
): Promise<Rows> => send(written, [tenantId, JSON.stringify([...noted.values()]), JSON.stringify(usualCalendar)]);

const written = `
  with w as (
    select * from json_to_recordset($2::json) as r (machine text, resource_id uuid, waits boolean, state text, permission text,
      person_id uuid, entity_id uuid, classification text, since timestamptz, hours int, working_days int)
  ), gone as (
    delete from waiting g using w
    where g.tenant_id = $1 and g.machine = w.machine and g.resource_id = w.resource_id and not w.waits
  )
  insert into waiting (tenant_id, machine, resource_id, state, permission, person_id, entity_id, classification, since, due_at)
  select $1, w.machine, w.resource_id, w.state, w.permission, w.person_id, w.entity_id, w.classification, w.since,
    end_of_term($1, w.since, case when t.machine is null then w.hours else t.hours end,
      case when t.machine is null then w.working_days else t.working_days end, $3::jsonb)
  from w left join terms t on t.tenant_id = $1 and t.machine = w.machine and t.state = w.state
  where w.waits
  on conflict (tenant_id, machine, resource_id) do update set state = excluded.state, permission = excluded.permission,
    person_id = excluded.person_id, entity_id = excluded.entity_id, classification = excluded.classification,
    since = excluded.since, due_at = excluded.due_at, overdue_at = null, escalates_at = null`;

/**
 * Finds up to `limit` things past their term, each once: tells `<machine>.overdue` of it, and sets when a second term of the same length
 * ends, from which on deputies see it, too.
 * @returns how many there were
 */
export async function tellOverdue(ctx: Ctx, limit: number): Promise<number> {
  const usual = waitingStates.map(({ workflow: { name: machine }, state, within }) => ({ machine, state, ...within }));
  const rows = await ctx.send(overdue, [
    ctx.tenant.id,
    ctx.now.toISOString(),
    JSON.stringify(usual),
    limit,
    JSON.stringify(usualCalendar),
  ]);
  for (const row of rows) {
    const { machine, id, state, since, due_at, entity_id, classification } = row as Record<string, string>;
    const spec = workflows.get(machine as string);
    if (!spec) continue;
    const resource = { type: spec.name, id: id as string, classification: classification as string };
    record(ctx, { resource, changed: false, reason: "Nobody has acted in time." });
    tell(ctx, {
      name: `${spec.name}.overdue`,
      resource: { ...resource, entityId: entity_id ?? null },
      payload: { id: idOf(spec.kind, resource.id), state, since: instant(since), dueAt: instant(due_at) },
    });
  }
  return rows.length;
}

const overdue = `
  with usual as (
    select * from json_to_recordset($3::json) as r (machine text, state text, hours int, "workingDays" int)
  ), due as (
    select w.machine, w.resource_id from waiting w
    where w.tenant_id = $1 and w.due_at <= $2 and w.overdue_at is null
    order by w.due_at limit $4 for update skip locked
  ), term as (
    select due.*, case when t.machine is null then u.hours else t.hours end as hours,
      case when t.machine is null then u."workingDays" else t.working_days end as days
    from due join waiting w on w.tenant_id = $1 and w.machine = due.machine and w.resource_id = due.resource_id
      left join usual u on u.machine = w.machine and u.state = w.state
      left join terms t on t.tenant_id = $1 and t.machine = w.machine and t.state = w.state
  )
  update waiting w set overdue_at = $2, escalates_at = end_of_term($1,
    -- A term of days ends with a day: the next one begins on that day, and not on the one after.
    w.due_at - case when term.hours is null then interval '1 millisecond' else interval '0' end, term.hours, term.days, $5::jsonb)
  from term where w.tenant_id = $1 and w.machine = term.machine and w.resource_id = term.resource_id
  returning w.machine, w.resource_id as id, w.state, w.entity_id, w.classification, w.since, w.due_at`;

export const instant = (text: unknown): string =>
  new Date((text as string).replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00")).toISOString();
