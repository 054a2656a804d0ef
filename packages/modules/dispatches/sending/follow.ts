import type { Policy } from "@dais/contracts/dispatches/policy";
import type { AttemptState, Goal, RecipientState } from "@dais/contracts/dispatches/values";
import { dispatchRecipientWorkflow } from "@dais/contracts/workflows/dispatchRecipient";
import type { VendorStatus } from "@dais/kernel/couriers/port";

/** What is known of a recipient's attempts, in any order. */
export type Ledger = readonly { step: number; state: AttemptState; status: VendorStatus | null; startedAt: Date }[];
/** Where a recipient is on the ladder. */
export type Place = { state: RecipientState; step: number; tries: number; nextAt: Date | null };
type Moves = (typeof dispatchRecipientWorkflow)["moves"];
export type RecipientEvent = keyof Moves;
/** A move, and what it sets. */
export type Going = { event: RecipientEvent; reason: string | null; step: number; tries: number; nextAt: Date | null };

/** A step is given up after so many tries, */
const mostTries = 5;
/** or where its vendor has refused so often for want of room; */
const mostLimited = 20;
/** and not before so long after its first, or before its own wait is over: a vendor's outage is rarely shorter than a few tries. */
const leastMs = 15 * 60_000;

const ranks = { sent: 1, delivered: 2, read: 3, acknowledged: 4 } as const;
const farthest = (ledger: Ledger): number => Math.max(0, ...ledger.map(rankOf));
const rankOf = ({ state, status }: Ledger[number]): number => {
  if (state !== "taken" && state !== "rehearsed") return 0;
  return status === "failed" ? 0 : ranks[status ?? "sent"];
};
/** Whether a message came as far as its own step asks for. */
const isReached = (ledger: Ledger, { steps }: Policy): boolean =>
  ledger.some((attempt) => rankOf(attempt) >= ranks[(steps[attempt.step]?.until ?? "acknowledged") as Goal]);

/** Whether somebody's state lets them be sent this event. */
export const may = (event: RecipientEvent, state: RecipientState): boolean =>
  (dispatchRecipientWorkflow.moves[event].from as readonly string[]).includes(state);

/**
 * Where a recipient is by their ledger, who is further than their state says. Reached: the clock does nothing more. Otherwise their step's wait goes on as
 * it did, or begins now. Null: their state says it already.
 * @param now When the message was taken, where that is what happened; null where only its status came
 */
export function arrived(at: Place, ledger: Ledger, policy: Policy, now: Date | null): Going | null {
  const event = ([null, "hand", "deliver", "see"] as const)[farthest(ledger)];
  if (!event || !may(event, at.state)) return null;
  return { ...at, event, reason: null, nextAt: nextOf(at, ledger, policy, now) };
}

/** Where a recipient is, of whom a message has come as far as its own step asks for: nothing more is sent. Null: none has. */
export const settled = (at: Place, ledger: Ledger, policy: Policy): Going | null =>
  isReached(ledger, policy) ? arrived(at, ledger, policy, null) : null;

/** When the clock does something about somebody whose message was taken. */
export function nextOf(at: Place, ledger: Ledger, policy: Policy, now: Date | null): Date | null {
  if (isReached(ledger, policy)) return null;
  if (!now) return at.nextAt;
  return new Date(now.getTime() + (policy.steps[at.step]?.waitMinutes ?? 0) * 60_000);
}

/** On to the next channel, or to the end where there is none. */
export function onward(at: Place, ledger: Ledger, policy: Policy, of: { now: Date; reason: string }): Going {
  const come = settled(at, ledger, policy);
  if (come) return come;
  if (at.step + 1 >= policy.steps.length) return ended(at, ledger, of.reason);
  return { event: "fall", reason: of.reason, step: at.step + 1, tries: 0, nextAt: of.now };
}

/** The same channel once more, at that time, which is a `fall` for who is sent already; or on, where that was tried often enough and for long enough. */
export function again(
  at: Place,
  ledger: Ledger,
  policy: Policy,
  of: { now: Date; reason: string; nextAt: Date; counts: boolean; event?: "retry" | "fall" },
): Going {
  const here = ledger.filter(({ step }) => step === at.step);
  const often = of.counts
    ? at.tries >= mostTries
    : here.filter(({ state }) => state === "refused").length >= mostLimited;
  const since = Math.min(of.now.getTime(), ...here.map(({ startedAt }) => startedAt.getTime()));
  const forMs = Math.max(leastMs, (policy.steps[at.step]?.waitMinutes ?? 0) * 60_000);
  if (often && of.now.getTime() - since >= forMs) return onward(at, ledger, policy, of);
  return {
    event: of.event ?? "retry",
    reason: of.reason,
    step: at.step,
    tries: of.counts ? at.tries : at.tries - 1,
    nextAt: of.nextAt,
  };
}

/** The end of the ladder: something was taken, or may have been, or nothing was. */
export function ended(at: Place, ledger: Ledger, reason: string): Going {
  const open = ledger.some(({ state }) => state === "undetermined" || state === "unknown" || state === "handing");
  const wanted: RecipientEvent = farthest(ledger) > 0 ? "expire" : open ? "lose" : "fail";
  const event = may(wanted, at.state) ? wanted : "expire";
  return { event, reason, step: at.step, tries: at.tries, nextAt: null };
}
