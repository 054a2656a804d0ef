import type { Policy } from "@dais/contracts/dispatches/policy";
import type { AttemptState, Goal, RecipientState } from "@dais/contracts/dispatches/values";
import { dispatchRecipientWorkflow } from "@dais/contracts/workflows/dispatchRecipient";
import type { VendorStatus } from "@dais/kernel/couriers/port";

/** What is known of a recipient's attempts, in any order. */
export type Ledger = readonly {
  id: string;
  step: number;
  state: AttemptState;
  status: VendorStatus | null;
  startedAt: Date;
}[];
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
/** and not before so long after its first where there is no other channel: a vendor's outage is rarely shorter than a few tries. */
const leastMs = 15 * 60_000;

const waitOf = ({ steps }: Policy, step: number): number => (steps[step]?.waitMinutes ?? 0) * 60_000;
export const isLast = ({ steps }: Policy, step: number): boolean => step + 1 >= steps.length;

/**
 * Until when a step is tried on which no vendor takes anything: as long as the policy gives it, from its first try. Without another channel to go on to,
 * or where the policy says no time, a quarter of an hour at least.
 */
export function triedUntil(step: number, ledger: Ledger, policy: Policy, now: Date): Date {
  const since = Math.min(
    now.getTime(),
    ...ledger.filter((one) => one.step === step).map((one) => one.startedAt.getTime()),
  );
  const wait = waitOf(policy, step);
  return new Date(since + (isLast(policy, step) ? Math.max(leastMs, wait) : wait || leastMs));
}
/** When the clock goes on from a step that is being tried; null: there is no other channel, and its vendor is asked for as long as it takes. */
export const goesOnAt = (step: number, ledger: Ledger, policy: Policy, now: Date): Date | null =>
  isLast(policy, step) ? null : triedUntil(step, ledger, policy, now);

const ranks = { sent: 1, delivered: 2, read: 3, acknowledged: 4 } as const;
const farthest = (ledger: Ledger): number => Math.max(0, ...ledger.map(rankOf));
const rankOf = ({ state, status }: Ledger[number]): number => {
  if (state !== "taken" && state !== "rehearsed") return 0;
  return status === "failed" ? 0 : ranks[status ?? "sent"];
};
/** Whether a message came as far as its own step asks for. */
export const isReached = (ledger: Ledger, { steps }: Policy): boolean =>
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
  // Whose step asks for no more than that it is taken, and has a channel behind it: for its wait the vendor may still say that it failed.
  const watched =
    policy.steps[at.step]?.until === "sent" && farthest(ledger) === ranks.sent && !isLast(policy, at.step);
  if (isReached(ledger, policy) && !watched) return null;
  return now ? new Date(now.getTime() + waitOf(policy, at.step)) : at.nextAt;
}

/** On to the next channel, or to the end where there is none. */
export function onward(at: Place, ledger: Ledger, policy: Policy, of: { now: Date; reason: string }): Going {
  const come = settled(at, ledger, policy);
  if (come) return come;
  if (isLast(policy, at.step)) return ended(at, ledger, of.reason);
  return { event: "fall", reason: of.reason, step: at.step + 1, tries: 0, nextAt: of.now };
}

/** The same channel once more, at that time, which is a `fall` for who is sent already; or on, where its time is over by then, or it was tried often enough. */
export function again(
  at: Place,
  ledger: Ledger,
  policy: Policy,
  of: { now: Date; reason: string; nextAt: Date; counts: boolean },
): Going {
  const here = ledger.filter(({ step }) => step === at.step);
  const often = of.counts
    ? at.tries >= mostTries
    : here.filter(({ state }) => state === "refused").length >= mostLimited;
  const until = triedUntil(at.step, ledger, policy, of.now);
  const tooLate = of.nextAt > until && !isLast(policy, at.step);
  if (tooLate || (often && of.now >= until)) return onward(at, ledger, policy, of);
  return {
    event: at.state === "sending" ? "retry" : "fall",
    reason: of.reason,
    step: at.step,
    tries: of.counts ? at.tries : at.tries - 1,
    nextAt: of.nextAt,
  };
}

/** Whether a message may have been taken of which nobody knows. */
const isOpen = (ledger: Ledger): boolean =>
  ledger.some(({ state }) => state === "undetermined" || state === "unknown" || state === "handing");

/** Of somebody whose ladder ended while a vendor was still asked: nothing was sent after all. Null: that isn't so, or not known. */
export const cleared = (at: Place, ledger: Ledger, reason: string): Going | null =>
  at.state === "undetermined" && farthest(ledger) === 0 && !isOpen(ledger) ? ended(at, ledger, reason) : null;

/** The end of the ladder: something was taken, or may have been, or nothing was. */
export function ended(at: Place, ledger: Ledger, reason: string): Going {
  const open = isOpen(ledger);
  const wanted: RecipientEvent = farthest(ledger) > 0 ? "expire" : open ? "lose" : "fail";
  const event = may(wanted, at.state) ? wanted : "expire";
  return { event, reason, step: at.step, tries: at.tries, nextAt: null };
}
