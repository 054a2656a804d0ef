import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { WorkflowSpec } from "@dais/contracts/kit/workflow";
import { usualCalendar } from "@dais/contracts/organisations/settings";
import { workflows } from "@dais/contracts/workflows/all";
import { movesFrom, waitingStates } from "@dais/contracts/workflows/derived";
import { record } from "./audit.ts";
import type { Ctx } from "./context.ts";
import type { Rows } from "./lane.ts";
import { tell } from "./outbox.ts";

/** Who acts next: whoever holds a permission, one person or whoever is in one group, by uuid. */
export type Waiter = ({ permission: string } | { personId: string } | { groupId: string }) & {
  /** Permissions of the moves that they would make. */
  moves: readonly string[];
};

/** What a thing says of its waiting, beyond what the table of its workflow says. */
export type WaitingSaid = {
  /** What it is called. Without it, its `title` or `name`. */
  title?: { en: string; ar: string | null };
  /** For whom it waits, each once, where not for whom the table says. */
  waiters?: readonly Waiter[];
  /** By when somebody should act, where the thing itself knows. */
  dueAt?: Date | null;
  /** uuids of people who act in none of this. */
  barred?: readonly string[];
};

/** What is noted of a thing that came into a state: who acts next there and within which term, or that nobody has to. */
export type Waiting = {
  machine: string;
  resource_id: string;
  /** Whether it begins to wait anew, or goes on as it did. */
  anew: boolean;
  slot: number;
  /** False: nobody has to act. */
  waits: boolean;
  state: string;
  permission: string | null;
  person_id: string | null;
  group_id: string | null;
  moves: readonly string[];
  barred: readonly string[];
  title_en: string | null;
  title_ar: string | null;
  entity_id: string | null;
  classification: string;
  since: string;
  due_at: string | null;
  hours: number | null;
  working_days: number | null;
  /** The thing's workflow says that it knows by when: `due_at`, or never. */
  own_term: boolean;
};
type Thing = { id: string; state: string; classification: string; entityId?: string | null };
/** A workflow, as far as waiting is about it. */
export type Waited = {
  spec: WorkflowSpec;
  // biome-ignore lint/suspicious/noExplicitAny: each workflow's own row, which its table knows.
  waiting?(row: any): WaitingSaid;
};

const waiters = new Set(waitingStates.map(({ workflow }) => workflow.name));

/**
 * Notes that a thing was made in a state, so that whoever acts next there finds it. For what a module inserts; `move` notes its own.
 * @param row as Drizzle's `select` gives it
 */
export const begun = (ctx: Ctx, workflow: Waited, row: object): void => noteWaiting(ctx, workflow, row);

/**
 * Notes that something else of a thing has changed than its state: what it is called, whose it is, for whom it waits. It has waited since
 * when it did, and is due when it was; where the thing itself says by when, at the moment that it says now.
 */
export const stillWaiting = (ctx: Ctx, workflow: Waited, row: object): void => noteWaiting(ctx, workflow, row, false);

/** Notes the state that a thing has come into, to be written in the transaction of the change. Nothing where its workflow never waits. */
export function noteWaiting(ctx: Ctx, workflow: Waited, row: object, anew = true): void {
  const { spec } = workflow;
  if (!waiters.has(spec.name)) return;
  const { id, state, classification, entityId = null } = row as Thing;
  const rule = spec.states[state];
  const waits = rule && "waits" in rule ? rule : null;
  const said = (waits && workflow.waiting?.(row)) ?? {};
  const within = waits?.within;
  const title = said.title ?? titleIn(row);
  const key = `${spec.name} ${id}`;
  const all = waits && (said.waiters ?? [waiterIn(spec, row, state, waits.waits)]);
  const its = {
    machine: spec.name,
    resource_id: id,
    anew: anew || (ctx.written.waiting.get(key)?.some((one) => one.anew) ?? false),
    waits: all !== null && all.length > 0,
    state,
    barred: said.barred ?? [],
    title_en: title ? cut(title.en) : null,
    title_ar: title?.ar ? cut(title.ar) : null,
    entity_id: entityId,
    classification,
    since: ctx.now.toISOString(),
    own_term: within !== undefined && "until" in within,
    due_at: within && "until" in within ? momentIn(row, within.until) : (said.dueAt?.toISOString() ?? null),
    hours: within && "hours" in within ? within.hours : null,
    working_days: within && "workingDays" in within ? within.workingDays : null,
  };
  const rows = its.waits && all ? all : [nobody];
  ctx.written.waiting.set(
    key,
    rows.map((one, slot) => ({ ...its, slot, ...columnsOf(one) })),
  );
}
const mostOfTitle = 200;
/** Never in the middle of a character: half of one is no text, and Postgres takes none. */
const cut = (title: string): string => title.slice(0, mostOfTitle).replace(/[\uD800-\uDBFF]$/, "");
const nobody = { permission: null, moves: [] };

const columnsOf = (one: Waiter | typeof nobody) => ({
  permission: "permission" in one ? one.permission : null,
  person_id: "personId" in one ? one.personId : null,
  group_id: "groupId" in one ? one.groupId : null,
  moves: one.moves,
});

/** Whom the table names. */
function waiterIn(spec: WorkflowSpec, row: object, state: string, waits: { for: string } | { person: string }): Waiter {
  if ("for" in waits) return { permission: waits.for, moves: [waits.for] };
  return {
    personId: personIn(spec, row, waits.person),
    moves: movesFrom(spec, state).map(({ permission }) => permission),
  };
}

/** By the names that things give themselves: text, a column for each language, or both languages in one. */
function titleIn(row: object): WaitingSaid["title"] | null {
  const { title, titleEn = title, titleAr, name, nameEn = name, nameAr } = row as Record<string, unknown>;
  if (typeof title === "object" && title !== null) return title as { en: string; ar: string | null };
  const [en, ar] = typeof titleEn === "string" ? [titleEn, titleAr] : [nameEn, nameAr];
  return typeof en === "string" ? { en, ar: typeof ar === "string" ? ar : null } : null;
}

/** A row names a person by uuid or by public id. */
function personIn({ name }: WorkflowSpec, row: object, field: string): string {
  const value = (row as Record<string, unknown>)[field];
  if (typeof value !== "string") throw new Error(`${name} waits for its ${field}, who is nobody`);
  return value.startsWith("per_") ? uuidOf(value) : value;
}

function momentIn(row: object, field: string): string | null {
  const value = (row as Record<string, unknown>)[field];
  return value instanceof Date ? value.toISOString() : null;
}

/** Writes what was noted: one statement. The organisation's own term counts, or else the table's. */
export const writeWaiting = (
  send: (text: string, params: readonly unknown[]) => Promise<Rows>,
  tenantId: string,
  noted: ReadonlyMap<string, readonly Waiting[]>,
): Promise<Rows> =>
  send(written, [tenantId, JSON.stringify([...noted.values()].flat()), JSON.stringify(usualCalendar)]);

const written = `
  with w as (
    select * from json_to_recordset($2::json) as r (machine text, resource_id uuid, anew boolean, slot smallint, waits boolean, state text,
      permission text, person_id uuid, group_id uuid, moves text[], barred uuid[], title_en text, title_ar text, entity_id uuid,
      classification text, since timestamptz, due_at timestamptz, hours int, working_days int, own_term boolean)
  ), before as (
    select distinct on (b.machine, b.resource_id) b.machine, b.resource_id, b.since, b.due_at, b.overdue_at, b.escalates_at
    from waiting b join w on b.machine = w.machine and b.resource_id = w.resource_id and w.slot = 0 and not w.anew where b.tenant_id = $1
  ), gone as (
    delete from waiting g using (select distinct machine, resource_id from w) as its
    where g.tenant_id = $1 and g.machine = its.machine and g.resource_id = its.resource_id and not exists (
      select from w where w.machine = g.machine and w.resource_id = g.resource_id and w.slot = g.slot and w.waits)
  ), n as (
    select w.*, b.since as began, b.due_at as was_due, b.overdue_at, b.escalates_at,
      case when w.own_term then w.due_at when b.since is not null then b.due_at when w.due_at is not null then w.due_at else
        end_of_term($1, w.since, case when t.machine is null then w.hours else t.hours end,
          case when t.machine is null then w.working_days else t.working_days end, $3::jsonb) end as due
    from w left join terms t on t.tenant_id = $1 and t.machine = w.machine and t.state = w.state
      left join before b on b.machine = w.machine and b.resource_id = w.resource_id
    where w.waits
  )
  insert into waiting (tenant_id, machine, resource_id, slot, state, permission, person_id, group_id, moves, barred, title_en, title_ar,
    entity_id, classification, since, due_at, overdue_at, escalates_at)
  select $1, machine, resource_id, slot, state, permission, person_id, group_id, moves, barred, title_en, title_ar, entity_id,
    classification, coalesce(began, since), due, case when was_due = due then overdue_at end, case when was_due = due then escalates_at end
  from n where true
  on conflict (tenant_id, machine, resource_id, slot) do update set state = excluded.state, permission = excluded.permission,
    person_id = excluded.person_id, group_id = excluded.group_id, moves = excluded.moves, barred = excluded.barred,
    title_en = excluded.title_en, title_ar = excluded.title_ar, entity_id = excluded.entity_id,
    classification = excluded.classification, since = excluded.since, due_at = excluded.due_at,
    overdue_at = excluded.overdue_at, escalates_at = excluded.escalates_at`;

/**
 * Finds up to `limit` things past their term, each once: tells `<machine>.overdue` of it, and sets when a second term of the same length
 * ends, from which on deputies see it, too; where a thing has a term of its own, they see it at once.
 * @returns how many there were
 */
export async function tellOverdue(ctx: Ctx, limit: number): Promise<number> {
  const usual = waitingStates.map(({ workflow: { name: machine }, state, within }) =>
    "until" in within ? { machine, state, hours: 0 } : { machine, state, ...within },
  );
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
    -- The first of a thing's rows stands for all of them.
    select w.machine, w.resource_id from waiting w
    where w.tenant_id = $1 and w.due_at <= $2 and w.overdue_at is null and w.slot = 0
    order by w.due_at limit $4 for update skip locked
  ), term as (
    select due.*, case when t.machine is null then u.hours else t.hours end as hours,
      case when t.machine is null then u."workingDays" else t.working_days end as days
    from due join waiting w on w.tenant_id = $1 and w.machine = due.machine and w.resource_id = due.resource_id and w.slot = 0
      left join usual u on u.machine = w.machine and u.state = w.state
      left join terms t on t.tenant_id = $1 and t.machine = w.machine and t.state = w.state
  ), late as (
  update waiting w set overdue_at = $2, escalates_at = end_of_term($1,
    -- A term of days ends with a day: the next one begins on that day, and not on the one after.
    w.due_at - case when term.hours is null then interval '1 millisecond' else interval '0' end, term.hours, term.days, $5::jsonb)
  from term where w.tenant_id = $1 and w.machine = term.machine and w.resource_id = term.resource_id
  returning w.*
  )
  select machine, resource_id as id, state, entity_id, classification, since, due_at from late where slot = 0`;

export const instant = (text: unknown): string =>
  new Date((text as string).replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00")).toISOString();
