import type { Channel } from "@dais/contracts/dispatches/values";
import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import { type Task, task } from "@dais/kernel/task";
import { withPaper } from "@dais/modules/briefings";
import { contactsOf, optedOut as optedOutOf } from "@dais/modules/contacts";
import { notify } from "@dais/modules/notifications";
import { insertAttempts, ledgersOf } from "./attempts.ts";
import { waysOf } from "./decide.ts";
import { triedUntil } from "./follow.ts";
import { type Letter, paperOf } from "./letter.ts";
import { moveRecipients, setNext } from "./moving.ts";
import { holdPosture } from "./roused.ts";
import { type DueDispatch, dispatchesOf, standingOf, takeDue } from "./take.ts";
import { type Turning, turnOf } from "./turn.ts";

export type BeginOptions = Turning & {
  /** Whether a channel has enough to do for now: whose turn it is there waits, and the others' goes on. */
  crowded(channel: Channel): boolean;
  /** Until when a channel's vendor wants to be left alone, where that is longer than a moment; null: it doesn't. */
  pausedUntil(channel: Channel): Date | null;
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
        takeDue(ctx, {
          ...of,
          without: [...carried].filter((channel) => options.crowded(channel) && !options.pausedUntil(channel)),
        }),
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
      const { pausedUntil } = options;
      const about = {
        standing,
        optedOut,
        contacts,
        carried,
        papers,
        pausedUntil,
        levels: ctx.tenant.levels,
        now: ctx.now,
      };
      for (const one of due) {
        const dispatch = dispatches.get(one.dispatchId) as DueDispatch;
        const until = (step: number) => triedUntil(step, ledgers.get(one.id) ?? [], dispatch.policy, ctx.now);
        turn.take(one, { ...about, dispatch, triedUntil: until });
      }
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
