import { arrayOf } from "@dais/drizzle/schema/texts";
import type { CouriersWaiting } from "@dais/kernel/couriers/meter";
import type { Lane } from "@dais/kernel/lane";

/** What an organisation has to do: all of it is asked as `dais_system`, over all organisations. */
export type TenantDue = { tenantId: string; priority: string };

/**
 * Organisations with recipients whose turn it is, urgent ones first. From one organisation the index leads to the next: what it costs grows with them,
 * and not with how much is due.
 */
export async function tenantsDue(lane: Lane, now: Date): Promise<TenantDue[]> {
  const rows = await lane.send(due, [now.toISOString()]);
  return rows.map((row) => ({ tenantId: row.tenant_id as string, priority: row.priority as string }));
}

const due = `
  with recursive t (tenant_id) as (
    (select r.tenant_id from dispatch_recipients r where r.next_at is not null order by r.tenant_id limit 1)
    union all
    select (select r.tenant_id from dispatch_recipients r where r.next_at is not null and r.tenant_id > t.tenant_id order by r.tenant_id limit 1)
    from t where t.tenant_id is not null
  )
  select t.tenant_id, p.priority from t cross join (values ('urgent'), ('normal')) p (priority)
  where t.tenant_id is not null and exists (
    select from dispatch_recipients r where r.tenant_id = t.tenant_id and r.priority = p.priority and r.next_at is not null and r.next_at <= $1)
  order by p.priority desc`;

/** Organisations with messages whose vendors are to be asked. */
export async function tenantsAsking(lane: Lane, now: Date): Promise<string[]> {
  return (await lane.send(unanswered, [now.toISOString()])).map((row) => row.tenant_id as string);
}

/** Organisations with recipients for whom nobody acknowledged in time. */
export async function tenantsLate(lane: Lane, now: Date): Promise<string[]> {
  return (await lane.send(escalates, [now.toISOString()])).map((row) => row.tenant_id as string);
}

const unanswered = `
  select distinct tenant_id from (select tenant_id from dispatch_attempts where ask_at is not null and ask_at <= $1 order by ask_at limit 1000) a`;
const escalates = `
  select distinct tenant_id from (select tenant_id from dispatch_recipients where escalate_at is not null and escalate_at <= $1
    order by escalate_at limit 1000) r`;

/** A dispatch of which something is to be ended. */
export type Ending = { tenantId: string; dispatchId: string };

/** Stopped dispatches of which something still waits, and those of which nothing will come any more: for their end to be written down. */
export async function endings(lane: Lane): Promise<{ stopped: Ending[]; over: Ending[] }> {
  const rows = await lane.send(ends, []);
  const of = (kind: string): Ending[] =>
    rows.flatMap((row) =>
      row.kind === kind ? [{ tenantId: row.tenant_id as string, dispatchId: row.id as string }] : [],
    );
  return { stopped: of("stopped"), over: of("over") };
}

/** Whether something of dispatch `d` goes on. */
export const goesOn = `(
  exists (select from dispatch_recipients r where r.dispatch_id = d.id
    and (r.next_at is not null or r.escalate_at is not null or r.state in ('queued', 'sending')))
  or exists (select from dispatch_attempts a where a.dispatch_id = d.id and a.ask_at is not null))`;

const ends = `
  select d.tenant_id, d.id, case when ${goesOn} then 'stopped' else 'over' end as kind
    from dispatches d where d.state = 'stopped' and d.finished_at is null
  union all
  select d.tenant_id, d.id, 'over' from dispatches d where d.state = 'running' and d.addressed_at is not null and not ${goesOn}`;

/** Of these recipients, whose messages are begun with: those to whom nothing may be handed over any more. */
export async function calledOff(lane: Lane, recipients: readonly string[]): Promise<Set<string>> {
  const rows = await lane.send(off, [arrayOf(recipients)]);
  return new Set(rows.map((row) => row.id as string));
}

const off = `
  select r.id from dispatch_recipients r join dispatches d on d.tenant_id = r.tenant_id and d.id = r.dispatch_id
  where r.id = any ($1::uuid[]) and (r.state <> 'sending' or d.state <> 'running')`;

/** Counts what waits, in the whole database. */
export async function couriersWaiting(lane: Lane, now: Date): Promise<CouriersWaiting> {
  const [row] = await lane.send(waiting, [now.toISOString()]);
  const oldest = row?.oldest ? now.getTime() - new Date(row.oldest as string).getTime() : 0;
  const { due, unanswered, told } = row as Record<"due" | "unanswered" | "told", number>;
  return { due, unanswered, told, lagSeconds: Math.max(0, oldest / 1000) };
}

const waiting = `
  select due.n as due, due.oldest, a.n as unanswered, c.n as told
  from (select count(*)::int as n, min(next_at) as oldest from (
      select next_at from dispatch_recipients where next_at is not null and next_at <= $1 limit 10000) r) due,
    (select count(*)::int as n from (select from dispatch_attempts where ask_at is not null and state = 'unknown' limit 10000) u) a,
    (select count(*)::int as n from (select from courier_callbacks where next_at is not null and next_at <= $1 limit 10000) t) c`;
