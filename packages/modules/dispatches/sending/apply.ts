import type { Channel } from "@dais/contracts/dispatches/values";
import type { Ctx } from "@dais/kernel/context";
import type { Consequence, VendorStatus } from "@dais/kernel/couriers/port";
import { task } from "@dais/kernel/task";
import { endChannels } from "@dais/modules/contacts";
import { further, ledgersOf } from "./attempts.ts";
import { backoff } from "./backoff.ts";
import {
  again,
  arrived,
  cleared,
  ended,
  type Going,
  isReached,
  type Ledger,
  onward,
  type Place,
  settled,
} from "./follow.ts";
import { type Moving, moveRecipients, note } from "./moving.ts";
import { type Due, type DueDispatch, dispatchesOf, holdRecipients } from "./take.ts";

/** What a vendor told of one attempt; of several things, the furthest. */
export type Status = {
  attemptId: string;
  recipientId: string;
  channel: Channel;
  address: string;
  step: number;
  status: VendorStatus;
  code: string | null;
  then?: Consequence | null;
  /** Between 0 and 1, for spreading what is tried again. */
  chance?: number;
};

/** Writes down what vendors told, and moves whom it is about. @returns the attempts of which it was news */
export const apply = task({ name: "dispatches.apply", action: "dispatch.send", quiet: true, run: applied });

/** The same as part of another task. */
export async function applied(ctx: Ctx, statuses: readonly Status[]): Promise<string[]> {
  const ids = [...new Set(statuses.map(({ recipientId }) => recipientId))];
  const held = await holdRecipients(ctx, ids);
  const out = statuses.filter(({ then }) => then === "opt_out");
  const [news, ledgers, dispatches] = await Promise.all([
    ctx.send(told, [ctx.tenant.id, JSON.stringify(statuses)]),
    ledgersOf(ctx, ids),
    dispatchesOf(ctx, held.values()),
    endChannels(
      ctx,
      out.map(({ channel, address }) => ({ channel, address, source: "vendor" })),
    ),
  ]);
  const fresh = new Set(news.map((row) => row.id as string));
  const moving: Moving = new Map();
  for (const id of ids) {
    const due = held.get(id);
    const dispatch = due && dispatches.get(due.dispatchId);
    const its = statuses.filter(({ recipientId, attemptId }) => recipientId === id && fresh.has(attemptId));
    const going = due && dispatch && goingOf(due, dispatch, ledgers.get(id) ?? [], its, ctx.now);
    if (going) note(moving, id, going);
  }
  await moveRecipients(ctx, moving);
  return [...fresh];
}

function goingOf(due: Due, dispatch: DueDispatch, ledger: Ledger, its: readonly Status[], now: Date): Going | null {
  // Whoever is in somebody's hand is judged, with this in the ledger, when that comes to something.
  if (due.state === "sending" || its.length === 0) return null;
  const at: Place = {
    state: due.state,
    step: due.step,
    tries: due.tries,
    nextAt: due.nextAt ? new Date(due.nextAt) : null,
  };
  if (due.state === "queued") return settled(at, ledger, dispatch.policy);
  if (isReached(ledger, dispatch.policy)) return arrived(at, ledger, dispatch.policy, null);
  const failed = its.find(({ status, step }) => status === "failed" && step === due.step);
  const [stays] = ledger.filter(
    ({ step, state, status }) => step === due.step && state === "taken" && status !== "failed",
  );
  if (!failed || stays) return arrived(at, ledger, dispatch.policy, null);
  const reason = `${failed.channel}: ${failed.code ?? "failed"}`;
  if (!["sent", "delivered", "read"].includes(due.state)) return cleared(at, ledger, reason);
  // Without a time nothing was waited for any more: it was stopped, or taken, which was all that its step asks for.
  if (dispatch.state !== "running" || !at.nextAt) return ended(at, ledger, reason);
  if (failed.then !== "retry") return onward(at, ledger, dispatch.policy, { now, reason });
  const nextAt = backoff({ tries: at.tries, now, askedMs: null, chance: failed.chance ?? 0 });
  return again(at, ledger, dispatch.policy, { now, reason, nextAt, counts: true });
}

const told = `
  update dispatch_attempts a set status = n.becomes, code = case when n.becomes = 'failed' then coalesce(n.code, a.code) else a.code end
  from (
    select b.id, ${further("b.status", "t.status")} as becomes, t.code from json_to_recordset($2::json) as t ("attemptId" uuid, status text, code text)
      join dispatch_attempts b on b.tenant_id = $1 and b.id = t."attemptId"
  ) n
  where a.tenant_id = $1 and a.id = n.id and a.status is distinct from n.becomes
  returning a.id`;
