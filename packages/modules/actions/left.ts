import { idOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { emit } from "@dais/kernel/outbox";
import { schedule } from "@dais/kernel/schedules";
import { stillWaiting } from "@dais/kernel/waiting";
import { z } from "zod";
import { mapped } from "./columns.ts";
import { type Row, resourceOf, workersOf, workflow } from "./workflow.ts";

/** What a step looks after at most. */
const batch = 200;

/**
 * Overdue actions whose people were all shut out, or lost the clearance or the role, and have no deputy of today who could, wait for whoever may
 * say that they are done; and for their own people alone again, as soon as one of these can.
 */
const left = job({
  name: "actions.left",
  action: "action.pass_on",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 120,
  async run(ctx: Ctx): Promise<Step | undefined> {
    const found = await misplaced(ctx, batch);
    for (const { row, able } of found) (able ? giveBack : passOn)(ctx, row);
    return found.length === batch ? { next: null } : undefined;
  },
});

/** Each minute: nothing lies in nobody's inbox for longer than that. */
export const actionJobs = {
  jobs: [left],
  schedules: [schedule({ name: "actions.left", everySeconds: 60, job: left, data: {} })],
};

function passOn(ctx: Ctx, row: Row): void {
  const own = workersOf(row);
  const others = { permission: "action.complete", moves: own[0]?.moves ?? [] };
  stillWaiting(ctx, { ...workflow, waiting: () => ({ waiters: [...own, others] }) }, row);
  const resource = resourceOf(row);
  record(ctx, { resource, changed: false, reason: "Nobody who sees to it can any more." });
  emit(ctx, { name: "action.stalled", resource, payload: { id: idOf("act", row.id) } });
}

function giveBack(ctx: Ctx, row: Row): void {
  stillWaiting(ctx, workflow, row);
  record(ctx, { resource: resourceOf(row), changed: false, reason: "Somebody who sees to it can again." });
}

type Misplaced = { row: Row; able: boolean };

/** Up to `limit` overdue actions, held, that wait for others although one of their own people can see to them, or don't although none can. */
async function misplaced(ctx: Ctx, limit: number): Promise<Misplaced[]> {
  const { id, levels, timeZone } = ctx.tenant;
  const rows = await ctx.send(text, [id, ctx.now.toISOString(), arrayOf(levels), timeZone, limit]);
  return rows.map((row) => ({ row: mapped(row), able: row.able as boolean }));
}

const text = `
  with late as (
    select w.resource_id, w.person_id, w.moves, array_position($3::text[], w.classification) as level from waiting w
    where w.tenant_id = $1 and w.machine = 'action' and w.state <> 'done' and w.due_at <= $2
  ), whose as (
    select person_id, person_id as by from late where person_id is not null
    union select d.person_id, d.deputy_id from deputies d where d.tenant_id = $1 and d.person_id in (select person_id from late)
      and d.ended_at is null and ($2::timestamptz at time zone $4)::date between d.from_day and d.to_day
  ), one as materialized (
    select whose.person_id, array_position($3::text[], p.clearance) as reach, permissions_of(roles_of(p.id)) as held
    from whose join people p on p.tenant_id = $1 and p.id = whose.by and p.disabled_at is null
  ), its as (
    select l.resource_id as id, bool_or(l.person_id is null) as passed,
      bool_or(exists (select from one where one.person_id = l.person_id and one.reach >= l.level and one.held && l.moves)) as able
    from late l group by l.resource_id
  )
  select a.*, its.able from its join actions a on a.tenant_id = $1 and a.id = its.id
  where its.able = its.passed and a.state in ('open', 'in_progress', 'blocked')
  order by a.id limit $5 for no key update of a skip locked`;
