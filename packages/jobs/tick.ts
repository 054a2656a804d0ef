import { type Enqueued, insertJobs, jobRow } from "@dais/kernel/jobs";
import type { Schedule, When } from "@dais/kernel/schedules";
import { lastDue } from "./due.ts";
import type { Sweep } from "./sweeps.ts";

/** One statement as dais_system. */
export type Execute = (text: string, params: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;
type Options = { schedules: readonly Schedule[]; sweeps: readonly Sweep[]; newId(): string };

/** A schedule that is seen for the first time has missed nothing: it fires where its moment is no older than this. */
const freshMs = 120_000;

/**
 * Fires what has come due, in the caller's transaction: jobs of tenants are written, and of sweeps the names answered. What has fired
 * is remembered in the same transaction, so that of two who do this at once one does nothing.
 */
export async function fire(execute: Execute, { schedules, sweeps, newId }: Options, now: Date): Promise<string[]> {
  const tenants = schedules.length > 0 ? await execute(mark, [await moments(execute, schedules, now), fresh(now)]) : [];
  const rows = tenants.map(({ schedule, tenant_id }) => {
    const { job, data } = schedules.find(({ name }) => name === schedule) as Schedule;
    return scheduled(tenant_id as string, { id: newId(), job, data }, now, newId);
  });
  if (rows.length > 0) await insertJobs(execute, rows);
  const swept = sweeps.map((sweep) => ({ schedule: sweep.name, due: lastDue(sweep, "UTC", now) }));
  return (await execute(markOwn, [JSON.stringify(swept)])).map(({ schedule }) => schedule as string);
}

/** When each was due last, by zone where it goes by zones, as JSON. */
async function moments(execute: Execute, schedules: readonly Schedule[], now: Date): Promise<string> {
  const zones = schedules.some(local) ? await execute("select distinct time_zone from organisations", []) : [];
  const each = (schedule: Schedule) => (local(schedule) ? zones.map((row) => row.time_zone as string) : [null]);
  const all = schedules.flatMap((schedule) =>
    each(schedule).map((zone) => ({ schedule: schedule.name, zone, due: lastDue(schedule, zone ?? "UTC", now) })),
  );
  return JSON.stringify(all.filter(({ due }) => due));
}

const local = (when: When) => "cron" in when && when.zone === "tenant";
const fresh = (now: Date) => new Date(now.getTime() - freshMs).toISOString();

const scheduled = (tenantId: string, enqueued: Enqueued, at: Date, newId: () => string) =>
  jobRow(
    {
      tenantId,
      requestId: newId(),
      traceparent: null,
      at,
      newId,
      actor: { kind: "system", id: "system", onBehalfOf: null },
    },
    enqueued,
  );

const mark = `
  with due as (select * from json_to_recordset($1::text::json) as r (schedule text, zone text, due timestamp (3) with time zone)),
  marked as (
    insert into dais_jobs.fired as f (schedule, tenant_id, due)
    select due.schedule, o.id, due.due from due join organisations o on due.zone is null or o.time_zone = due.zone
    on conflict (schedule, tenant_id) do update set due = excluded.due where f.due < excluded.due
    returning f.schedule, f.tenant_id, f.due, f.xmax = 0 as first
  )
  select schedule, tenant_id from marked where not first or due > $2`;

const markOwn = `
  insert into dais_jobs.fired as f (schedule, tenant_id, due)
  select schedule, '00000000-0000-0000-0000-000000000000', due
  from json_to_recordset($1::text::json) as r (schedule text, due timestamp (3) with time zone)
  on conflict (schedule, tenant_id) do update set due = excluded.due where f.due < excluded.due
  returning f.schedule`;
