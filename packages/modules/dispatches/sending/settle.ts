import type { Channel } from "@dais/contracts/dispatches/values";
import type { Ctx } from "@dais/kernel/context";
import type { Consequence, Found, Handed } from "@dais/kernel/couriers/port";
import { task } from "@dais/kernel/task";
import { endChannels } from "@dais/modules/contacts";
import { type Became, ledgersOf, writeAttempts } from "./attempts.ts";
import { backoff, believed, givenUpAfterMs, nextAsk } from "./backoff.ts";
import {
  again,
  arrived,
  cleared,
  type Going,
  goesOnAt,
  type Ledger,
  may,
  nextOf,
  onward,
  type Place,
  settled,
} from "./follow.ts";
import { type Moving, moveRecipients, type Next, note, setNext } from "./moving.ts";
import { type Due, type DueDispatch, dispatchesOf, holdRecipients } from "./take.ts";

/** What came of one message. `unsent`: it was not handed over at all. */
export type Outcome = {
  attemptId: string;
  recipientId: string;
  channel: Channel;
  address: string;
  /** How often its vendor was asked what became of it, and since when it is under way. */
  asks: number;
  startedAt: Date;
  /** Between 0 and 1, for spreading what is tried again. */
  chance: number;
} & ({ by: "handing"; handed: Handed | { kind: "unsent"; code: string } } | { by: "asking"; found: Found });

/** Writes down what came of messages, and moves whom they were for. */
export const settle = task({
  name: "dispatches.settle",
  action: "dispatch.send",
  quiet: true,
  async run(ctx: Ctx, outcomes: readonly Outcome[]): Promise<void> {
    const ids = [...new Set(outcomes.map(({ recipientId }) => recipientId))];
    const held = await holdRecipients(ctx, ids);
    const writing = writeAttempts(
      ctx,
      outcomes.map((outcome) => becameOf(outcome, ctx.now)),
    );
    const refused = outcomes.filter((one) => thenOf(one) === "opt_out");
    const [, ledgers, dispatches] = await Promise.all([
      writing,
      ledgersOf(ctx, ids),
      dispatchesOf(ctx, held.values()),
      endChannels(
        ctx,
        refused.map(({ channel, address }) => ({ channel, address, source: "vendor" })),
      ),
    ]);
    const moving: Moving = new Map();
    const next: Next[] = [];
    for (const outcome of outcomes) {
      const due = held.get(outcome.recipientId);
      const dispatch = due && dispatches.get(due.dispatchId);
      if (!due || !dispatch) continue;
      const at = placeOf(due);
      const ledger = ledgers.get(due.id) ?? [];
      const going = goingOf(outcome, { at, ledger, dispatch, now: ctx.now });
      if (going && may(going.event, at.state)) note(moving, due.id, going);
      else if (isLost(outcome) && due.state === "sending")
        next.push({
          id: due.id,
          nextAt: goesOnAt(due.step, ledger, dispatch.policy, ctx.now),
          reason: lostOf(outcome),
        });
      // A status of another step has moved them meanwhile: only the wait is set.
      else if (isTaken(outcome) && isHere(outcome, { at, ledger }) && ["sent", "delivered", "read"].includes(due.state))
        next.push({ id: due.id, nextAt: nextOf(at, ledger, dispatch.policy, ctx.now) });
    }
    await Promise.all([moveRecipients(ctx, moving), setNext(ctx, next)]);
  },
});

const placeOf = ({ state, step, tries }: Due): Place => ({ state, step, tries, nextAt: null });

/** What follows where a vendor has refused it, or says when it is asked that it failed; null: nothing of its own. */
function thenOf(outcome: Outcome): Consequence | null {
  if (outcome.by === "handing") return outcome.handed.kind === "refused" ? outcome.handed.then : null;
  const { found } = outcome;
  return found.kind === "found" && found.status === "failed" ? (found.then ?? null) : null;
}

const isLost = (outcome: Outcome): boolean => outcome.by === "handing" && outcome.handed.kind === "unknown";
const lostOf = ({ channel }: Outcome): string => `${channel}: the answer was lost, and the vendor is asked`;

const isTaken = (outcome: Outcome): boolean =>
  outcome.by === "handing" ? outcome.handed.kind === "accepted" : outcome.found.kind === "found";

/** What is written of the attempt. */
function becameOf(outcome: Outcome, now: Date): Became {
  const none = { id: outcome.attemptId, status: null, vendorId: null, code: null, askAt: null };
  if (outcome.by === "asking") return foundOf(outcome, none, now);
  const { handed } = outcome;
  if (handed.kind === "accepted")
    return { ...none, state: "taken", status: handed.status ?? "sent", vendorId: handed.vendorId };
  if (handed.kind === "refused") return { ...none, state: "refused", code: handed.code };
  if (handed.kind === "unsent") return { ...none, state: "absent", code: handed.code };
  return { ...none, state: "unknown", code: handed.code, askAt: nextAsk(0, now) };
}

function foundOf(
  { found, asks, startedAt }: Extract<Outcome, { by: "asking" }>,
  none: Omit<Became, "state">,
  now: Date,
): Became {
  const age = now.getTime() - startedAt.getTime();
  const later = { ...none, state: "unknown", askAt: nextAsk(asks, now) } as const;
  switch (found.kind) {
    case "found":
      return { ...none, state: "taken", status: found.status ?? "sent", vendorId: found.vendorId, code: found.code };
    case "absent":
      return asks >= believed.asks && age >= believed.afterMs ? { ...none, state: "absent", code: "absent" } : later;
    case "untold":
      return { ...none, state: "undetermined", code: "untold" };
    case "away":
      return age >= givenUpAfterMs ? { ...none, state: "undetermined", code: "away" } : later;
  }
}

type Beside = { at: Place; ledger: Ledger; dispatch: DueDispatch; now: Date };

/** Whether it is the attempt of where the recipient is: the ladder may have gone on while its vendor was asked. */
const isHere = ({ attemptId }: Outcome, { at, ledger }: Pick<Beside, "at" | "ledger">): boolean =>
  ledger.find(({ id }) => id === attemptId)?.step === at.step;

/** Where that leads its recipient; null: nowhere, now. */
function goingOf(outcome: Outcome, beside: Beside): Going | null {
  const { at, ledger, dispatch, now } = beside;
  const became = becameOf(outcome, now);
  if (became.state === "unknown") return null;
  const running = dispatch.state === "running";
  const here = isHere(outcome, beside);
  if (became.state === "taken" && became.status !== "failed") {
    const judged = here || at.state === "undetermined" ? arrived(at, ledger, dispatch.policy, now) : null;
    const come = judged ?? settled(at, ledger, dispatch.policy);
    return come && (running ? come : { ...come, nextAt: null });
  }
  const reason = `${outcome.channel}: ${became.code ?? became.state}`;
  // What is tried next is decided where the recipient is, and by nothing that came too late for that.
  if (at.state !== "sending" || !here) return cleared(at, ledger, reason);
  if (!running) {
    const event = became.state === "undetermined" ? "lose" : "recall";
    return { ...at, event, reason: "The dispatch was stopped.", nextAt: null };
  }
  const handed = outcome.by === "handing" ? outcome.handed : null;
  const late = handed?.kind === "unsent" && handed.code !== "unavailable";
  if (late) return again(at, ledger, dispatch.policy, { now, reason, nextAt: now, counts: false });
  if (handed?.kind === "unsent" || thenOf(outcome) === "retry") {
    const { retryAfterMs: askedMs, limited } = handed?.kind === "refused" ? handed : { retryAfterMs: null };
    const nextAt = backoff({ tries: at.tries, now, askedMs, chance: outcome.chance });
    return again(at, ledger, dispatch.policy, { now, reason, nextAt, counts: !limited });
  }
  return onward(at, ledger, dispatch.policy, { now, reason });
}
