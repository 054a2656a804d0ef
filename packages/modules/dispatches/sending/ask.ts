import type { Channel } from "@dais/contracts/dispatches/values";
import type { Ctx } from "@dais/kernel/context";
import { type Task, task } from "@dais/kernel/task";
import { leaseMs } from "./attempts.ts";
import { type Letter, letterOf, type Writing } from "./letter.ts";
import { dispatchesOf, readRecipients, standingOf } from "./take.ts";

/** A message whose answer was lost. `over`: nothing may be sent for it any more, also not by asking. */
export type Question = { letter: Letter; over: boolean };
export type Ask = Task<{ limit: number }, Question[]>;

/** Takes what has no answer, from now on in this caller's hand, for asking its vendor. */
export const asking = (options: Writing): Ask =>
  task({
    name: "dispatches.ask",
    action: "dispatch.send",
    quiet: true,
    async run(ctx: Ctx, { limit }): Promise<Question[]> {
      const later = new Date(ctx.now.getTime() + leaseMs).toISOString();
      const rows = await ctx.send(claimed, [ctx.tenant.id, ctx.now.toISOString(), later, limit]);
      const attempts = rows.map(({ it }) => it as Row);
      if (attempts.length === 0) return [];
      const [recipients, standing] = await Promise.all([
        readRecipients(ctx, [...new Set(attempts.map(({ recipientId }) => recipientId))]),
        standingOf(ctx),
      ]);
      const dispatches = await dispatchesOf(ctx, recipients.values());
      return attempts.flatMap((row) => {
        const due = recipients.get(row.recipientId);
        const dispatch = due && dispatches.get(due.dispatchId);
        if (!due || !dispatch) return [];
        const attempt = { ...row, startedAt: new Date(row.startedAt) };
        const letter = letterOf(ctx, options, { due, dispatch, standing, attempt });
        return [{ letter, over: dispatch.state !== "running" || due.state !== "sending" || due.step !== row.step }];
      });
    },
  });

type Row = {
  id: string;
  recipientId: string;
  channel: Channel;
  vendor: string;
  address: string;
  withheld: boolean;
  step: number;
  startedAt: string;
  asks: number;
};

const claimed = `
  with a as materialized (
    select id from dispatch_attempts where tenant_id = $1 and ask_at is not null and ask_at <= $2
    order by ask_at, id limit $4 for no key update skip locked
  )
  update dispatch_attempts t set state = 'unknown', code = coalesce(t.code, 'no_answer'), asks = t.asks + 1, ask_at = $3
  from a where t.tenant_id = $1 and t.id = a.id
  returning json_build_object('id', t.id, 'recipientId', t.recipient_id, 'channel', t.channel, 'vendor', t.vendor, 'address', t.address,
    'withheld', t.withheld, 'step', t.step, 'startedAt', t.started_at, 'asks', t.asks) as it`;
