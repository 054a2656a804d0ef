import { uuidOf } from "@dais/contracts/kit/ids";
import { approvals, type StepRow } from "@dais/drizzle/schema/approvals";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { ApprovalRow } from "@dais/kernel/approvals/steps";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

const byId = statement((db) =>
  db
    .select()
    .from(approvals)
    .where(and(eq(approvals.tenantId, sql.placeholder("tenant")), eq(approvals.id, sql.placeholder("id"))))
    .prepare("approvals_by_id"),
);

/** The approval with this id. @throws approval_not_found where it is not there for the caller */
export async function find(ctx: Ctx, id: string): Promise<ApprovalRow> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) });
  if (!row || !ctx.visible.includes(row.classification)) throw new Problem("approval_not_found");
  return row;
}

type Filters = { state?: ApprovalRow["state"]; subjectType?: string; subjectId?: string };

export const newest = (
  ctx: Ctx,
  { state, subjectType, subjectId }: Filters,
  before: [string, string] | null,
  limit: number,
): Promise<ApprovalRow[]> =>
  ctx.db
    .select()
    .from(approvals)
    .where(
      and(
        eq(approvals.tenantId, ctx.tenant.id),
        inArray(approvals.classification, [...ctx.visible]),
        state && eq(approvals.state, state),
        subjectType ? eq(approvals.subjectType, subjectType) : undefined,
        subjectId ? eq(approvals.subjectId, subjectId) : undefined,
        before
          ? sql`(${approvals.createdAt}, ${approvals.id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(approvals.createdAt), desc(approvals.id))
    .limit(limit);

/** Keeps a vote, for good: which step, by whom and for whom, of which content at which version. */
export const insertVote = (ctx: Ctx, row: ApprovalRow, at: number, step: StepRow): Promise<unknown> =>
  ctx.send(
    `insert into approval_votes (tenant_id, approval_id, step, person_id, on_behalf_of, decision, option, comment, content_sha256, version, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[ctx.tenant.id, row.id, at + 1, uuidOf(step.by ?? ""), step.onBehalfOf && uuidOf(step.onBehalfOf)],
      ...[step.decision, step.option, step.comment, row.contentSha256, row.version, step.at],
    ],
  );

/** Writes how the steps of an approval that is held stand, one version on. */
export const writeSteps = (ctx: Ctx, { id, steps, version, escalatedAt }: ApprovalRow): Promise<unknown> =>
  ctx.send(
    `update approvals set steps = $3::text::jsonb, version = $4, escalated_at = $5, updated_at = $6 where tenant_id = $1 and id = $2`,
    [ctx.tenant.id, id, JSON.stringify(steps), version, escalatedAt?.toISOString() ?? null, ctx.now.toISOString()],
  );

const columns = Object.entries(getTableColumns(approvals)) as [string, PgColumn][];

/** A row as Drizzle's `select` would give it. */
export const rowOf = (row: Rows[number]): ApprovalRow =>
  Object.fromEntries(
    columns.map(([field, column]) => {
      const value = row[column.name];
      return [field, value === null || value === undefined ? null : column.mapFromDriverValue(value)];
    }),
  ) as ApprovalRow;

/** Up to `limit` whose deadline has passed, and whom it is to be escalated to was not asked yet: held, in the order of their ids. */
export async function past(ctx: Ctx, limit: number): Promise<ApprovalRow[]> {
  const rows = await ctx.send(
    `select * from approvals where tenant_id = $1 and state = 'pending' and deadline_at <= $2 and expires_at > $2
       and escalate_to is not null and escalated_at is null order by id limit $3 for no key update skip locked`,
    [ctx.tenant.id, ctx.now.toISOString(), limit],
  );
  return rows.map(rowOf);
}

/** Whether the person `p` of the table of people can decide what is classified as `c`. */
const fits = (c: string) => `p.disabled_at is null
  and array_position($2::text[], p.clearance) >= array_position($2::text[], ${c})
  and permissions_of(roles_of(p.id)) @> '{approval.approve}'`;

/**
 * Up to `limit` approvals behind the uuid `after`, held, in the order of their ids, that wait for people who can't decide them and of which
 * that may be news: one of their steps is not told to be stuck, or a deputy is there today, whether or not they could decide.
 */
export async function waitingForUnfit(
  ctx: Ctx,
  after: string | null,
  limit: number,
): Promise<{ row: ApprovalRow; unfit: string[] }[]> {
  const rows = await ctx.send(
    `with unfit as (
       select w.resource_id, array_agg(p.id) as people, bool_or(exists (
         select from deputies d where d.tenant_id = $1 and d.person_id = p.id and d.ended_at is null
           and ($3::timestamptz at time zone $4)::date between d.from_day and d.to_day)) as deputised
       from waiting w join people p on p.tenant_id = $1 and p.id = w.person_id
       where w.tenant_id = $1 and w.machine = 'approval' and not (${fits("w.classification")}) group by w.resource_id
     )
     select a.*, to_json(u.people) as unfit from unfit u join approvals a on a.tenant_id = $1 and a.id = u.resource_id
     where a.state = 'pending' and ($6::uuid is null or a.id > $6) and (u.deputised or exists (
       select from jsonb_array_elements(a.steps) s where s->>'decision' is null and not (s->>'stuck')::boolean
         and uuid_of(coalesce(s->>'standIn', s->>'approver')) = any (u.people)))
     order by a.id limit $5 for no key update of a skip locked`,
    [ctx.tenant.id, arrayOf(ctx.tenant.levels), ctx.now.toISOString(), ctx.tenant.timeZone, limit, after],
  );
  return rows.map((row) => ({ row: rowOf(row), unfit: row.unfit as string[] }));
}

/** Who is somebody's deputy today and could decide what is so classified. uuids. */
export async function deputiesOf(ctx: Ctx, person: string, classification: string): Promise<string[]> {
  const rows = await ctx.send(
    `select p.id from deputies d join people p on p.tenant_id = $1 and p.id = d.deputy_id
     where d.tenant_id = $1 and d.person_id = $3 and d.ended_at is null
       and ($4::timestamptz at time zone $5)::date between d.from_day and d.to_day and ${fits("$6::text")} order by d.from_day, p.id`,
    [
      ...[ctx.tenant.id, arrayOf(ctx.tenant.levels), person, ctx.now.toISOString()],
      ...[ctx.tenant.timeZone, classification],
    ],
  );
  return rows.map(({ id }) => id as string);
}
