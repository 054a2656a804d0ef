import { type Channel, channels } from "@dais/contracts/dispatches/values";
import { idOf } from "@dais/contracts/kit/ids";
import type { Contact, OptedOut, Way } from "@dais/modules/contacts";
import { carries } from "../ceilings.ts";
import { paperOf } from "./letter.ts";
import { heldUntil, quietUntil } from "./quiet.ts";
import type { Due, DueDispatch, Standing } from "./take.ts";

/** What is done with a recipient whose turn it is. `skipped`: the channels that were passed over on the way, and why. */
export type Verdict = { step: number; skipped: readonly string[] } & (
  | {
      kind: "begin";
      channel: Channel;
      address: string;
      withheld: boolean;
      overrode: string | null;
      reason: string | null;
    }
  | { kind: "wait"; until: Date; why: string }
  | { kind: "nobody"; reason: string }
  | { kind: "nothing" }
);

export type Deciding = {
  dispatch: DueDispatch;
  standing: Standing;
  /** Channels that somebody carries. */
  carried: ReadonlySet<Channel>;
  /** Which channels must not be used for which addresses. */
  optedOut: OptedOut;
  /** How people want to be reached, by their ids; who never said so is not in it. */
  contacts: ReadonlyMap<string, Contact>;
  /** Until when a channel's vendor wants to be left alone; null: it doesn't. */
  pausedUntil(channel: Channel): Date | null;
  /** Until when this recipient's step may be tried. */
  triedUntil(step: number): Date;
  /** Briefings whose document is there. */
  papers: ReadonlySet<string>;
  /** Lowest first. */
  levels: readonly string[];
  now: Date;
};

/** A document that isn't there yet is waited for, for so long after the dispatch was made; and looked for so often. */
const paperWaitMs = 600_000;
const paperAgainMs = 5000;

/**
 * Goes down the ladder from where the recipient is to the first channel that may be used for them now. Who left, or isn't cleared for it any more,
 * is told nothing over any channel.
 */
export function decide(due: Due, of: Deciding): Verdict {
  const { dispatch, levels } = of;
  const nobody = (reason: string): Verdict => ({ kind: "nobody", step: due.step, skipped: [], reason });
  if (due.personId && !due.person) return nobody("They are not there any more.");
  if (due.person?.disabledAt) return nobody("They have left since.");
  if (due.person && levels.indexOf(due.person.clearance) < levels.indexOf(dispatch.classification))
    return nobody("Their clearance doesn't reach it any more.");
  const skipped: string[] = [];
  const resting: Extract<Verdict, { kind: "wait" }>[] = [];
  for (const [step, { channel }] of dispatch.policy.steps.entries()) {
    if (step < due.step) continue;
    const address = addressOf(due, channel);
    const why = whyNot(due, channel, address, of);
    if (why !== null || address === null) {
      skipped.push(`${channel}: ${why}`);
      continue;
    }
    const until = dispatch.drill ? null : of.pausedUntil(channel);
    if (!until) return atStep(due, of, { step, skipped, channel, address });
    const wait = { kind: "wait" as const, step, skipped: [...skipped], until, why: restsOf(channel) };
    if (until <= of.triedUntil(step)) return wait;
    resting.push(wait);
    skipped.push(restsOf(channel));
  }
  // With nobody else to go to, whoever is back first is waited for.
  const [first] = resting.sort((a, b) => a.until.getTime() - b.until.getTime());
  return first ?? { kind: "nothing", step: due.step, skipped };
}

const restsOf = (channel: Channel): string => `${channel}: its vendor takes no more for now`;

type At = { step: number; skipped: readonly string[]; channel: Channel; address: string };

function atStep(due: Due, of: Deciding, at: At): Verdict {
  const { standing, dispatch, levels, now } = of;
  const wait = (until: Date, why: string): Verdict => ({
    kind: "wait",
    step: at.step,
    skipped: at.skipped,
    until,
    why,
  });
  const quiet = contactOf(due, of)?.quietHours;
  // What is in the app disturbs nobody.
  const zone = due.person?.timeZone ?? standing.timeZone;
  const until = quiet && at.channel !== "in_app" ? quietUntil(quiet, zone, now) : null;
  const held = quiet && until && !standing.overrides ? heldUntil(quiet.to, zone) : null;
  if (held && until && !dispatch.drill) return wait(until, held);
  const withheld = !carries({ levels }, standing.ceilings, at.channel, dispatch.classification);
  const paper = withheld ? null : paperOf(dispatch, at.channel);
  const missing = paper !== null && !of.papers.has(paper) && !dispatch.drill;
  if (missing && now.getTime() < Date.parse(dispatch.createdAt) + paperWaitMs)
    return wait(new Date(now.getTime() + paperAgainMs), "The document is not there yet.");
  const reason = missing ? "The document was not there in time: it goes without." : held;
  const disturbs = until !== null || !isChosen(due, at.channel, of);
  return { kind: "begin", ...at, withheld, overrode: disturbs ? standing.overrides : null, reason };
}

function whyNot(due: Due, channel: Channel, address: string | null, of: Deciding): string | null {
  if (address === null) return "no address";
  if (channel !== "in_app" && !of.carried.has(channel) && !of.dispatch.drill) return "nobody carries it";
  if (!of.standing.overrides && !isChosen(due, channel, of)) return "not chosen";
  return of.optedOut({ channel, address }) ? "opted out" : null;
}

/** Whether they want to be reached so; who never said anything does. */
const isChosen = (due: Due, channel: Channel, of: Deciding): boolean =>
  contactOf(due, of)?.channels[of.dispatch.content.category]?.includes(channel) ?? true;

const contactOf = ({ personId }: Due, { contacts }: Deciding): Contact | undefined =>
  personId === null ? undefined : contacts.get(idOf("per", personId));

/** Every way by which somebody could be reached outside. */
export const waysOf = (due: Due): Way[] =>
  channels.flatMap((channel) => {
    const address = channel === "in_app" ? null : addressOf(due, channel);
    return address === null ? [] : [{ channel, address }];
  });

export function addressOf({ personId, person, addresses }: Due, channel: Channel): string | null {
  if (!personId) return addresses?.[channel] ?? null;
  if (!person) return null;
  if (channel === "in_app") return personId;
  if (channel === "teams") return person.oid;
  return channel === "email" ? person.email : person.phone;
}
