import type { Attempt, Recipient, Rehearsal } from "@dais/contracts/dispatches";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { dispatchAttempts, dispatchRecipients } from "@dais/drizzle/schema/dispatches";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { shortened } from "./addresses.ts";
import type { Row } from "./workflow.ts";

/** At or below the caller's clearance. */
const seen = (ctx: Ctx) =>
  and(eq(dispatchRecipients.tenantId, ctx.tenant.id), inArray(dispatchRecipients.classification, [...ctx.visible]));

/** @throws dispatch_recipient_not_found */
export async function find(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.db
    .select()
    .from(dispatchRecipients)
    .where(and(seen(ctx), eq(dispatchRecipients.id, uuidOf(id))));
  if (!row) throw new Problem("dispatch_recipient_not_found");
  return row;
}

type Filters = { dispatchId: string; state?: Recipient["state"] };

/** Up to `limit` recipients of a dispatch, in the order in which they were written down, after one of them. */
export function some(ctx: Ctx, of: Filters, after: string | null, limit: number): Promise<Row[]> {
  const { dispatchId, state, id } = dispatchRecipients;
  return ctx.db
    .select()
    .from(dispatchRecipients)
    .where(
      and(
        ...[seen(ctx), eq(dispatchId, uuidOf(of.dispatchId))],
        of.state ? eq(state, of.state) : undefined,
        after ? sql`${id} > ${after}::uuid` : undefined,
      ),
    )
    .orderBy(asc(id))
    .limit(limit);
}

/** More than that is nobody's ladder. */
const most = 1000;

/** Every attempt to reach somebody, oldest first. Whole addresses only for who may see people's. */
export async function ledgerOf(ctx: Ctx, recipient: string): Promise<Attempt[]> {
  const { tenantId, recipientId, startedAt, id } = dispatchAttempts;
  const rows = await ctx.db
    .select()
    .from(dispatchAttempts)
    .where(and(eq(tenantId, ctx.tenant.id), eq(recipientId, uuidOf(recipient))))
    .orderBy(asc(startedAt), asc(id))
    .limit(most);
  const whole = ctx.actor.permissions.has("person.read");
  return rows.map((row) => ({
    ...{ step: row.step, channel: row.channel, vendor: row.vendor },
    ...{ address: whole ? row.address : shortened(row.address), withheld: row.withheld },
    ...{ overrode: row.overrode && idOf("pos", row.overrode), state: row.state, status: row.status, code: row.code },
    ...{ startedAt: row.startedAt.toISOString(), endedAt: row.endedAt?.toISOString() ?? null },
  }));
}

/** Whether a recipient's dispatch is a drill, and what it would have sent them, in the order of its channels. One exchange. */
export async function rehearsedOf(ctx: Ctx, id: string): Promise<{ drill: boolean; items: Rehearsal["items"] }> {
  const [row] = await ctx.send(rehearsed, [ctx.tenant.id, uuidOf(id)]);
  return { drill: row?.drill === true, items: (row?.items as Rehearsal["items"] | null | undefined) ?? [] };
}

const rehearsed = `
  select d.drill, (select json_agg(json_build_object('step', a.step, 'channel', a.channel, 'withheld', a.withheld)::jsonb || a.rehearsed order by a.step)
    from dispatch_attempts a where a.tenant_id = $1 and a.recipient_id = r.id and a.rehearsed is not null) as items
  from dispatch_recipients r join dispatches d on d.tenant_id = r.tenant_id and d.id = r.dispatch_id
  where r.tenant_id = $1 and r.id = $2`;
