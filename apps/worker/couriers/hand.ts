import type { Channel } from "@dais/contracts/dispatches/values";
import type { Log } from "@dais/kernel/context";
import type { CourierMeter } from "@dais/kernel/couriers/meter";
import type { Courier, Handed, Message } from "@dais/kernel/couriers/port";
import { type Letter, leaseMs } from "@dais/modules/dispatches/sending";
import { pacing } from "./pace.ts";
import { lastWord, type Wanted, watching } from "./wanted.ts";

export type Paper = { name: string; contentType: string; bytes: Uint8Array };
/** The document that goes along with a briefing's messages, as it was before a moment; null where there was none. */
export type PaperOf = (of: {
  tenantId: string;
  briefingId: string;
  language: "en" | "ar";
  before: Date;
}) => Promise<Paper | null>;

export type HandOptions = {
  couriers: ReadonlyMap<Channel, Courier>;
  paperOf: PaperOf;
  /** Whether a recipient may still be handed something, as it is at this moment. */
  wanted: Wanted;
  meter: CourierMeter;
  now(): Date;
  log: Log;
  /** Messages under way at once, over each channel whose courier can do so many. */
  atOnce: number;
};

export type Unsent = { kind: "unsent"; code: string };

/** A vendor that says nothing for so long has lost us, whatever limit its courier keeps. */
const longestMs = 20_000;
/** Whoever has this little left of the lease doesn't begin any more: by its end, another may ask what became of it. */
const marginMs = longestMs + 5000;

/**
 * Hands messages over, so many at once for each channel: each just after it was asked whether it is wanted still, and asked again where its courier had
 * something else to do first.
 */
export function handing(of: HandOptions) {
  const lanes = new Map(
    [...of.couriers].map(([channel, { atOnce }]) => [channel, pacing(Math.min(of.atOnce, atOnce), of.now)] as const),
  );
  const under = new Map<Channel, number>();
  const stopping = new AbortController();

  async function hand(letter: Letter): Promise<Handed | Unsent> {
    const courier = of.couriers.get(letter.channel);
    const lane = lanes.get(letter.channel);
    if (!courier || !lane) return { kind: "unsent", code: "nobody_carries_it" };
    under.set(letter.channel, (under.get(letter.channel) ?? 0) + 1);
    try {
      const answer = await lane.turn(() => handed(courier, letter), leftOf(letter));
      if (answer?.kind === "refused" && answer.limited) lane.limited(answer.retryAfterMs);
      if (answer?.kind === "accepted") lane.taken();
      return answer ?? { kind: "unsent", code: "not_in_time" };
    } finally {
      under.set(letter.channel, (under.get(letter.channel) ?? 1) - 1);
    }
  }

  /** For so long a message may still be begun with. */
  const leftOf = ({ startedAt }: Letter): number => leaseMs - marginMs - (of.now().getTime() - startedAt.getTime());

  async function handed(courier: Courier, letter: Letter): Promise<Handed | Unsent> {
    const look = watching(of.wanted, of.now, letter.recipientId);
    let message: Message;
    try {
      message = await whole(of, letter);
      if (!(await look())) return { kind: "unsent", code: "called_off" };
      if (leftOf(letter) < 0 || stopping.signal.aborted) return { kind: "unsent", code: "not_in_time" };
    } catch (error) {
      of.log.warn({ err: error, attempt: letter.attemptId }, "a message could not be handed over");
      return { kind: "unsent", code: "unavailable" };
    }
    const started = performance.now();
    const signal = AbortSignal.timeout(longestMs);
    const word = lastWord(look, signal);
    const answer = await courier.send(message, signal, word.still).catch((error): Handed => {
      of.log.error({ err: error, vendor: courier.vendor }, "a courier threw");
      return { kind: "unknown", code: "courier_error" };
    });
    if (answer.kind === "unsent") return { ...answer, code: word.why() };
    const outcome = answer.kind === "refused" ? answer.then : answer.kind;
    const seconds = (performance.now() - started) / 1000;
    of.meter.handed({ channel: courier.channel, vendor: courier.vendor, outcome, seconds });
    return answer;
  }

  return {
    hand,
    /** Whether a channel has enough on its way and in line for now, or its vendor wants to be left alone. */
    crowded(channel: Channel): boolean {
      const lane = lanes.get(channel);
      return lane !== undefined && (lane.paused() || (under.get(channel) ?? 0) >= 3 * lane.width());
    },
    /** Until when its vendor wants to be left alone, where that is longer than a moment. */
    pausedUntil: (channel: Channel): Date | null => lanes.get(channel)?.pausedUntil() ?? null,
    /** What isn't handed over yet won't be. */
    stop() {
      stopping.abort();
      for (const lane of lanes.values()) lane.end();
    },
  };
}

/** With the paper that goes along. */
export async function whole({ paperOf }: Pick<HandOptions, "paperOf">, letter: Letter): Promise<Message> {
  const { tenantId, paperOf: briefingId, startedAt: before, message } = letter;
  const paper = briefingId && (await paperOf({ tenantId, briefingId, language: message.language, before }));
  return paper ? { ...message, attachments: [paper] } : message;
}
