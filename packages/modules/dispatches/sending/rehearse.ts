import type { Channel } from "@dais/contracts/dispatches/values";
import type { Ctx } from "@dais/kernel/context";
import { linkLike } from "../judge.ts";
import type { NewAttempt } from "./attempts.ts";
import { type Deciding, decide, type Verdict } from "./decide.ts";
import { ended, type Going, type Place } from "./follow.ts";
import { begunWith, type Letter, type Writing } from "./letter.ts";
import type { Due } from "./take.ts";

/** `vendorOf`: who would carry a channel. */
export type Rehearsing = Writing & { vendorOf(channel: Channel): string };
type Of = { due: Due; at: Place; of: Deciding };
type Begin = Extract<Verdict, { kind: "begin" }>;

/**
 * What a drill does with somebody whose turn it is: what each channel of their ladder would carry is written down at once, and nothing is
 * sent. Channels that couldn't be used are named, with the reason.
 */
export function rehearsed(
  ctx: Ctx,
  writing: Rehearsing,
  { due, at, of }: Of,
): { attempts: NewAttempt[]; moves: Going[] } {
  const { rungs, said, last } = rungsOf(due, of);
  const final = rungs.at(-1);
  if (!final) {
    const reason = last.kind === "nobody" ? last.reason : `No channel is left. ${said.join("; ")}`;
    return { attempts: [], moves: [ended(at, [], reason)] };
  }
  const place = { step: final.step, tries: 1, nextAt: null };
  const reason = `A drill: nothing was sent. ${said.join("; ")}`.trimEnd();
  return {
    attempts: rungs.map((rung) => attemptOf(ctx, writing, due, of, rung)),
    moves: [
      { ...place, event: "begin", reason: null },
      { ...place, event: "hand", reason },
    ],
  };
}

/** Every rung that could be used from where they are, and what is to be said of them and of the others. */
function rungsOf(due: Due, of: Deciding) {
  const [rungs, said]: [Begin[], string[]] = [[], []];
  let last = decide(due, of);
  for (; last.kind === "begin"; last = decide({ ...due, step: last.step + 1 }, of)) {
    rungs.push(last);
    said.push(...last.skipped, ...(last.reason ? [`${last.channel}: ${last.reason}`] : []));
  }
  said.push(...last.skipped);
  return { rungs, said, last };
}

function attemptOf(ctx: Ctx, writing: Rehearsing, due: Due, of: Deciding, rung: Begin): NewAttempt {
  const masked: Writing = { ...writing, linkOf: () => linkLike(ctx, "…") };
  const { dispatch, standing } = of;
  const begun = { due, dispatch, standing, rung, vendor: writing.vendorOf(rung.channel) };
  const { letter, line } = begunWith(ctx, masked, begun);
  return { ...line, state: "rehearsed", status: null, rehearsed: textOf(letter) };
}

const textOf = ({ message: { language, subject, text, template }, paperOf }: Letter) => ({
  ...{ language, subject, text, contentSid: template?.contentSid ?? null, variables: template?.variables ?? null },
  withPaper: paperOf !== null,
});
