import type { Channel } from "@dais/contracts/dispatches/values";
import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import { type Task, task } from "@dais/kernel/task";
import { withPaper } from "@dais/modules/briefings";
import { contactsOf, optedOut as optedOutOf } from "@dais/modules/contacts";
import { type Notice, notify } from "@dais/modules/notifications";
import { insertAttempts, type LedgerOf, ledgersOf, type NewAttempt } from "./attempts.ts";
import { type Deciding, decide, type Verdict, waysOf } from "./decide.ts";
import { ended, onward, type Place } from "./follow.ts";
import { type Letter, letterOf, paperOf, type Writing } from "./letter.ts";
import { type Moving, moveRecipients, type Next, note, setNext } from "./moving.ts";
import { rehearsed } from "./rehearse.ts";
import { holdPosture } from "./roused.ts";
import { type Due, type DueDispatch, dispatchesOf, standingOf, takeDue } from "./take.ts";

export type BeginOptions = Writing & {
  /** Who carries each channel, by the vendor's name. */
  vendors: ReadonlyMap<Channel, string>;
  /** Whether a channel has enough to do for now: whose turn it is there waits, and the others' goes on. */
  crowded(channel: Channel): boolean;
};
/** What the clock brings about, and what is to be handed over for it. `taken`: how many recipients had their turn. */
export type Begun = { taken: number; letters: Letter[] };
export type Begin = Task<{ priority: string; limit: number }, Begun>;

/** Does for an organisation's recipients what is due: begins with messages, goes on to the next channel, or ends. */
export const beginning = (options: BeginOptions): Begin =>
  task({
    name: "dispatches.begin",
    action: "dispatch.send",
    quiet: true,
    async run(ctx: Ctx, of): Promise<Begun> {
      const carried = new Set(options.vendors.keys());
      const [, due] = await Promise.all([
        holdPosture(ctx),
        takeDue(ctx, { ...of, without: [...carried].filter(options.crowded) }),
      ]);
      if (due.length === 0) return { taken: 0, letters: [] };
      const ids = due.map(({ id }) => id);
      const people = due.flatMap(({ personId }) => (personId ? [idOf("per", personId)] : []));
      const [dispatches, standing, optedOut, contacts, ledgers] = await Promise.all([
        dispatchesOf(ctx, due),
        standingOf(ctx),
        optedOutOf(ctx, due.flatMap(waysOf)),
        contactsOf(ctx, people),
        ledgersOf(ctx, ids),
      ]);
      const papers = await papersOf(ctx, dispatches.values());
      const turn = turnOf(ctx, options, ledgers);
      const about = { standing, optedOut, contacts, carried, papers, levels: ctx.tenant.levels, now: ctx.now };
      for (const one of due) turn.take(one, { ...about, dispatch: dispatches.get(one.dispatchId) as DueDispatch });
      await Promise.all([
        insertAttempts(ctx, turn.attempts),
        notify(ctx, turn.told),
        moveRecipients(ctx, turn.moving),
        setNext(ctx, turn.next),
      ]);
      return { taken: due.length, letters: turn.letters };
    },
  });

/** Of the briefings whose document goes along, those that have one. */
async function papersOf(ctx: Ctx, dispatches: Iterable<DueDispatch>): Promise<Set<string>> {
  const wanted = [...new Set([...dispatches].map((dispatch) => paperOf(dispatch, "email")))].filter(
    (id) => id !== null,
  );
  return wanted.length === 0 ? new Set() : withPaper(ctx, wanted);
}

/** Collects what is done with each. */
function turnOf(ctx: Ctx, options: BeginOptions, ledgers: LedgerOf) {
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

  /** The step's wait has ended. */
  function late(due: Due, at: Place, { dispatch: { policy } }: Deciding): void {
    const step = policy.steps[due.step];
    const last = due.step + 1 >= policy.steps.length;
    const reason = step ? `${step.channel}: not ${step.until} in time` : "";
    const going = last
      ? { ...at, event: "expire" as const, reason, nextAt: null }
      : onward(at, ledgers.get(due.id) ?? [], policy, { now: ctx.now, reason });
    note(moving, due.id, going);
  }

  function begin(
    due: Due,
    at: Place,
    verdict: Extract<Verdict, { kind: "begin" }>,
    { dispatch, standing }: Deciding,
  ): void {
    const { step, skipped, channel, address } = verdict;
    if (step !== due.step)
      note(moving, due.id, { event: "fall", reason: skipped.join("; "), step, tries: 0, nextAt: ctx.now });
    const tries = (step === due.step ? due.tries : 0) + 1;
    note(moving, due.id, { ...at, event: "begin", reason: verdict.reason, step, tries, nextAt: null });
    const vendor = vendorOf(channel);
    const id = ctx.newId();
    const letter = letterOf(ctx, options, {
      due,
      dispatch,
      standing,
      attempt: { ...verdict, id, vendor, asks: 0, startedAt: ctx.now },
    });
    const here = channel === "in_app";
    attempts.push({
      ...{ id, dispatchId: due.dispatchId, recipientId: due.id, step, channel, vendor, address },
      ...{ withheld: verdict.withheld, overrode: verdict.overrode },
      state: here ? "taken" : "handing",
      status: here ? "delivered" : null,
    });
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

/** What is told in the app. A second step there of the same dispatch tells nothing new. */
const noticeOf = ({ recipientId, personId, message, classification }: Letter): Notice => ({
  ...{ recipientId: idOf("dre", recipientId), personId: idOf("per", personId as string) },
  ...{ title: message.subject ?? "", body: message.text, language: message.language, classification },
});
