import type { Rehearsed } from "@dais/contracts/dispatches";
import type { AttemptState, Channel } from "@dais/contracts/dispatches/values";
import { dispatchAttempts } from "@dais/drizzle/schema/dispatches";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { VendorStatus } from "@dais/kernel/couriers/port";
import { rowsInserter } from "@dais/kernel/insert";
import type { Ledger } from "./follow.ts";

/** For so long whoever began with a message has it to themselves; then the vendor is asked what became of it. */
export const leaseMs = 60_000;

const inserter = rowsInserter(dispatchAttempts, []);

export type NewAttempt = {
  id: string;
  dispatchId: string;
  recipientId: string;
  step: number;
  channel: Channel;
  vendor: string;
  address: string;
  withheld: boolean;
  overrode: string | null;
  state: AttemptState;
  status: VendorStatus | null;
  /** What a drill would have sent. */
  rehearsed?: Rehearsed;
};

/** A vendor takes the same key once: it is the attempt's own. */
export const keyOf = (attemptId: string): string => attemptId.replaceAll("-", "");

export async function insertAttempts(ctx: Ctx, some: readonly NewAttempt[]): Promise<void> {
  if (some.length === 0) return;
  const at = ctx.now.toISOString();
  const rows = some.map((one) => ({
    ...{ id: one.id, tenant_id: ctx.tenant.id, dispatch_id: one.dispatchId, recipient_id: one.recipientId },
    ...{ step: one.step, channel: one.channel, vendor: one.vendor, key: keyOf(one.id), address: one.address },
    ...{
      withheld: one.withheld,
      overrode: one.overrode,
      state: one.state,
      status: one.status,
      asks: 0,
      started_at: at,
    },
    rehearsed: one.rehearsed ?? null,
    ask_at: one.state === "handing" ? new Date(ctx.now.getTime() + leaseMs).toISOString() : null,
    ended_at: one.state === "handing" ? null : at,
  }));
  await inserter(ctx.send, rows);
}

/** What became of an attempt. `status` never takes it backwards; null leaves what there was. */
export type Became = {
  id: string;
  state: AttemptState;
  status: VendorStatus | null;
  vendorId: string | null;
  code: string | null;
  askAt: Date | null;
};

/** Writes it down; what was taken stays so, whoever asked meanwhile. */
export async function writeAttempts(ctx: Ctx, some: readonly Became[]): Promise<void> {
  if (some.length > 0) await ctx.send(written, [ctx.tenant.id, ctx.now.toISOString(), JSON.stringify(some)]);
}

/** Which of two statuses holds: the further one; `failed` only over what is no further than sent. */
export const further = (was: string, is: string): string => `
  case when ${is} is null then ${was}
    when ${is} = 'failed' then case when ${was} in ('delivered', 'read') then ${was} else ${is} end
    when ${was} = 'failed' and ${is} = 'sent' then ${was}
    when array_position(array['failed', 'sent', 'delivered', 'read'], ${is}) > coalesce(array_position(array['failed', 'sent', 'delivered', 'read'], ${was}), 0)
      then ${is} else ${was} end`;

const written = `
  update dispatch_attempts a set state = n.state, status = ${further("a.status", "n.status")}, vendor_id = coalesce(n."vendorId", a.vendor_id),
    code = n.code, ask_at = n."askAt", ended_at = case when n."askAt" is null then $2::timestamptz end
  from json_to_recordset($3::json) as n (id uuid, state text, status text, "vendorId" text, code text, "askAt" timestamptz)
  where a.tenant_id = $1 and a.id = n.id and (a.state in ('handing', 'unknown') or (n.state = 'taken' and a.state <> 'taken'))`;

export type LedgerOf = ReadonlyMap<string, Ledger>;

/** All attempts of these recipients. */
export async function ledgersOf(ctx: Ctx, recipients: readonly string[]): Promise<LedgerOf> {
  const found = new Map<string, Ledger[number][]>(recipients.map((id) => [id, []]));
  if (recipients.length === 0) return found;
  for (const row of await ctx.send(ledger, [ctx.tenant.id, arrayOf(recipients)]))
    found
      .get(row.recipient_id as string)
      ?.push({ ...(row as unknown as Ledger[number]), startedAt: new Date(row.started_at as string) });
  return found;
}

const ledger = `
  select id, recipient_id, step, state, status, started_at from dispatch_attempts where tenant_id = $1 and recipient_id = any ($2::uuid[])`;
