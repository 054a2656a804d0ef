import type { Channel } from "@dais/contracts/dispatches/values";
import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import type { Notice } from "@dais/modules/notifications";
import { type LedgerOf, leaseMs, type NewAttempt } from "./attempts.ts";
import { type Deciding, decide, type Verdict } from "./decide.ts";
import { ended, type Going, goesOnAt, isLast, isReached, type Ledger, onward, type Place, settled } from "./follow.ts";
import { begunWith, type Letter, type Writing } from "./letter.ts";
import { type Moving, type Next, note } from "./moving.ts";
import { rehearsed } from "./rehearse.ts";
import type { Due, DueDispatch } from "./take.ts";

/** `vendors`: who carries each channel, by the vendor's name. */
export type Turning = Writing & { vendors: ReadonlyMap<Channel, string> };

/** Collects what is done with each. */
export function turnOf(ctx: Ctx, options: Turning, ledgers: LedgerOf) {
  const moving: Moving = new Map();
  const [attempts, letters, told, next] = [[] as NewAttempt[], [] as Letter[], [] as Notice[], [] as Next[]];

  const vendorOf = (channel: Channel) => (channel === "in_app" ? "dais" : (options.vendors.get(channel) ?? "nobody"));

  function take(due: Due, of: Deciding): void {
    const { dispatch } = of;
    const at: Place = { state: due.state, step: due.step, tries: due.tries, nextAt: null };
    if (dispatch.state !== "running") stopped(due, at);
    else if (dispatch.drill) rehearsal(due, at, of);
    else if (due.state !== "queued") late(due, at, of);
    else follow(due, at, decide(due, of), of);
  }

  function rehearsal(due: Due, at: Place, of: Deciding): void {
    const found = rehearsed(ctx, { ...options, vendorOf }, { due, at, of });
    attempts.push(...found.attempts);
    for (const going of found.moves) note(moving, due.id, going);
  }

  function follow(due: Due, at: Place, verdict: Verdict, of: Deciding): void {
    if (verdict.kind === "begin") {
      begin(due, at, verdict, of);
      return;
    }
    const passed = verdict.skipped.join("; ");
    if (verdict.kind === "wait") {
      const { step, until: nextAt, why } = verdict;
      if (step === due.step) next.push({ id: due.id, nextAt, reason: why });
      else note(moving, due.id, { event: "fall", reason: `${passed}. ${why}`, step, tries: 0, nextAt });
      return;
    }
    const reason = verdict.kind === "nobody" ? verdict.reason : `No channel is left. ${passed}`;
    note(moving, due.id, ended(at, ledgers.get(due.id) ?? [], reason));
  }

  function stopped(due: Due, at: Place): void {
    if (due.state !== "queued") return void next.push({ id: due.id, nextAt: null });
    note(moving, due.id, { ...at, event: "recall", reason: "The dispatch was stopped.", nextAt: null });
  }

  /** The step's time is over. */
  function late(due: Due, at: Place, { dispatch: { policy } }: Deciding): void {
    const ledger = ledgers.get(due.id) ?? [];
    const until = inHandUntil(ledger, ctx.now);
    // Whoever has it in hand may still hand it over: there is nothing to be gone on from before that can't be any more.
    if (due.state === "sending" && until) return void next.push({ id: due.id, nextAt: until });
    if (isReached(ledger, policy)) return void reached(due, settled(at, ledger, policy));
    const step = policy.steps[due.step];
    const missed = due.state === "sending" ? "no answer" : `not ${step?.until}`;
    const reason = step ? `${step.channel}: ${missed} in time` : "";
    const going = isLast(policy, due.step)
      ? { ...at, event: "expire" as const, reason, nextAt: null }
      : onward(at, ledger, policy, { now: ctx.now, reason });
    note(moving, due.id, going);
  }

  /** Nothing was waited for but the vendor's word that it failed after all. */
  function reached(due: Due, going: Going | null): void {
    if (going) note(moving, due.id, going);
    else next.push({ id: due.id, nextAt: null });
  }

  function begin(
    due: Due,
    at: Place,
    verdict: Extract<Verdict, { kind: "begin" }>,
    { dispatch, standing }: Deciding,
  ): void {
    const { step, skipped, channel } = verdict;
    if (step !== due.step)
      note(moving, due.id, { event: "fall", reason: skipped.join("; "), step, tries: 0, nextAt: ctx.now });
    const tries = (step === due.step ? due.tries : 0) + 1;
    const nextAt = goesOnAt(step, ledgers.get(due.id) ?? [], dispatch.policy, ctx.now);
    note(moving, due.id, { ...at, event: "begin", reason: verdict.reason, step, tries, nextAt });
    const of = { due, dispatch, standing, rung: verdict, vendor: vendorOf(channel) };
    const { letter, line } = begunWith(ctx, options, of);
    const here = channel === "in_app";
    attempts.push({ ...line, state: here ? "taken" : "handing", status: here ? "delivered" : null });
    if (!here) return void letters.push(letter);
    told.push(noticeOf(letter));
    note(moving, due.id, hereAt({ ...at, step, tries }, dispatch));
  }

  /** What is in the app is there at once. */
  function hereAt(at: Place, { policy }: DueDispatch) {
    const step = policy.steps[at.step];
    const reached = step?.until === "sent" || step?.until === "delivered";
    const nextAt = reached ? null : new Date(ctx.now.getTime() + (step?.waitMinutes ?? 0) * 60_000);
    return { ...at, event: "deliver" as const, reason: null, nextAt };
  }

  return { take, moving, attempts, letters, told, next };
}

/** Until when somebody may still hand over a message that was begun with; null: nobody may. */
function inHandUntil(ledger: Ledger, now: Date): Date | null {
  const ends = ledger.flatMap(({ state, startedAt }) => (state === "handing" ? [startedAt.getTime() + leaseMs] : []));
  const last = Math.max(0, ...ends);
  return last > now.getTime() ? new Date(last) : null;
}

/** What is told in the app. A second step there of the same dispatch tells nothing new. */
const noticeOf = ({ recipientId, personId, message, classification }: Letter): Notice => ({
  ...{ recipientId: idOf("dre", recipientId), personId: idOf("per", personId as string) },
  ...{ title: message.subject ?? "", body: message.text, language: message.language, classification },
});
