import { randomUUID } from "node:crypto";
import type { Channel } from "@dais/contracts/dispatches/values";
import type { Log } from "@dais/kernel/context";
import type { Courier, Found } from "@dais/kernel/couriers/port";
import { slots } from "@dais/kernel/relay/slots";
import type { Steady } from "@dais/kernel/relay/steady";
import type { Perform } from "@dais/kernel/task";
import { asking as askingTask, type Question, tenantsAsking, type Writing } from "@dais/modules/dispatches/sending";
import { type PaperOf, whole } from "./hand.ts";
import type { Settling } from "./settling.ts";
import { turn } from "./turn.ts";
import { lastWord, type Wanted, watching } from "./wanted.ts";

export type AskingOptions = Writing & {
  perform: Perform;
  line: Steady;
  now(): Date;
  couriers: ReadonlyMap<Channel, Courier>;
  paperOf: PaperOf;
  wanted: Wanted;
  settles: Settling;
  chance(): number;
  log: Log;
};

const batch = 50;
const atOnce = 16;
const longestMs = 20_000;

/** Asks vendors what became of messages whose answer was lost: outside of any transaction, and one that may send again only where that is wanted still. */
export function asking(of: AskingOptions) {
  const task = askingTask(of);
  const lane = slots(atOnce);

  async function look(): Promise<boolean> {
    const tenants = await of.line.use((lane) => tenantsAsking(lane, of.now()));
    await Promise.all(tenants.map((tenantId) => turn(of.log, "asking vendors", { tenantId }, () => ask(tenantId))));
    return false;
  }

  async function ask(tenantId: string): Promise<void> {
    const questions = await of.perform(task, { tenantId, requestId: `dispatches-${randomUUID()}` }, { limit: batch });
    await Promise.all((questions ?? []).map((question) => lane(() => answered(question))));
  }

  async function answered(question: Question): Promise<void> {
    const { tenantId, attemptId, recipientId, channel, startedAt, asks, message } = question.letter;
    const found = await foundOf(question).catch((error): Found => {
      of.log.warn({ err: error, attempt: attemptId }, "what became of a message could not be asked");
      return { kind: "away" };
    });
    const outcome = { attemptId, recipientId, channel, startedAt, asks, address: message.to, chance: of.chance() };
    await of.settles.note(tenantId, { ...outcome, by: "asking", found });
  }

  async function foundOf({ letter, over }: Question): Promise<Found> {
    const courier = of.couriers.get(letter.channel);
    if (!courier || courier.vendor !== letter.vendor) return { kind: "away" };
    const message = await whole(of, letter);
    const look = watching(of.wanted, of.now, letter.recipientId);
    // Such a vendor is asked by handing it the same again.
    if (courier.honoursKeys && (over || !(await look()))) return { kind: "untold" };
    const signal = AbortSignal.timeout(longestMs);
    return courier.find(message, letter.startedAt, signal, lastWord(look, signal).still);
  }

  return look;
}
