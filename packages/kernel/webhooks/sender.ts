import type { Log } from "../context.ts";
import type { Sources } from "../ids.ts";
import type { Connection, Lane } from "../lane.ts";
import type { Bell } from "../relay/bell.ts";
import { steady } from "../relay/steady.ts";
import { type Attempting, attempt } from "./attempt.ts";
import { noWebhookMeter, type WebhookMeter, type WebhooksWaiting } from "./meter.ts";
import { usualPatience, type WebhookPatience } from "./retry.ts";
import { type Outcome, settle } from "./settle.ts";
import { type InHand, take } from "./take.ts";
import { waiting } from "./waiting.ts";

export type SenderOptions = Pick<Attempting, "post" | "mayHear" | "open" | "giveUp"> & {
  connection: Connection;
  bell: Bell;
  sources: Sources;
  log: Log;
  meter?: WebhookMeter;
  patience?: Partial<WebhookPatience>;
  most?: Partial<Most>;
};

/**
 * Requests under way at once: to webhooks whose last attempt was good, and to those whose wasn't. `spare`: to good ones beyond, of
 * organisations that have fewer than `few` under way.
 */
export type Most = { sound: number; failing: number; spare: number; few: number };
/** However many webhooks hang, those that don't have room of their own; and however many one organisation has, the others do. */
const usualMost: Most = { sound: 256, failing: 64, spare: 64, few: 8 };

export type Sender = {
  /** As it was counted last, a few seconds ago at most. */
  waiting(): WebhooksWaiting;
  /** There is something to send. */
  wake(): void;
  /** Takes no more; resolves when what is under way has ended and is written down, or after five seconds. */
  stop(): Promise<void>;
};

/** Looks for what is due at most so often, however much happens: one look finds all of it. */
const gapMs = 20;
const countMs = 5000;
/** Who stops waits so long for answers; what comes later is not noted, and sent again by another. */
const lastMs = 5000;
/** After something that we stand on was away. */
const restMs = 1000;

/**
 * Sends what waits for webhooks: at least once, one thing at a time to each, by any number of processes. A webhook that hangs or fails
 * holds up itself, and nobody else.
 */
export function sender(options: SenderOptions): Sender {
  const { sources, log, bell } = options;
  const planned = { enable_seqscan: "off", enable_bitmapscan: "off" }; // see relay.ts
  const { connection } = options;
  const line = steady({ ...connection, connection: { ...connection.connection, ...planned } } as Connection, { log });
  const most = { ...usualMost, ...options.most };
  const of: Attempting = {
    ...options,
    patience: { ...usualPatience, ...options.patience },
    now: sources.now,
    chance: () => (sources.random(1)[0] ?? 0) / 256,
    meter: options.meter ?? noWebhookMeter,
  };
  const busy = new Map<string, InHand>();
  let finished: { lane: Lane; outcome: Outcome }[] = [];
  let stopping = false;
  let closed = false;
  let look = true;
  let lookAt = 0;
  let counted: WebhooksWaiting = { due: 0, lagSeconds: 0, failing: 0 };
  let countAt = 0;
  let rung = Promise.withResolvers<void>();
  const wake = () => rung.resolve();

  async function fetch(lane: Lane): Promise<void> {
    look = false;
    lookAt = performance.now() + gapMs;
    const failing = [...busy.values()].filter((one) => one.failing).length;
    const sound = most.sound - (busy.size - failing);
    const room = { sound, failing: most.failing - failing, spare: most.spare };
    if (sound + most.spare <= 0 && room.failing <= 0) return;
    const found = await take(lane, { now: sources.now(), busy: [...busy.values()], room, few: most.few });
    for (const due of found) {
      const { webhookId, tenantId, webhook } = due;
      busy.set(webhookId, { webhookId, tenantId, failing: webhook.failures > 0 });
      attempt(of, due)
        .then((outcome) => (outcome.kind === "dropped" ? rested(outcome) : outcome))
        .then((outcome) => {
          finished.push({ lane, outcome });
          wake();
        });
    }
  }

  async function rested(outcome: Outcome): Promise<Outcome> {
    if (!stopping) await new Promise((resolve) => setTimeout(resolve, restMs).unref());
    return outcome;
  }

  async function write(lane: Lane): Promise<void> {
    const done = finished;
    finished = [];
    look = true;
    for (const { outcome } of done) busy.delete(outcome.due.webhookId);
    // Whoever has lost the connection has lost the locks: others may have gone on, and what was sent is sent again.
    const ours = done.filter((one) => one.lane === lane).map(({ outcome }) => outcome);
    if (ours.length > 0) await settle(lane, ours, sources.now());
  }

  async function count(lane: Lane): Promise<void> {
    countAt = performance.now() + countMs;
    counted = await waiting(lane, sources.now()).catch((error) => {
      log.warn({ err: error }, "what waits for webhooks could not be counted");
      return counted;
    });
  }

  /** @returns whether there was something to do */
  async function turn(lane: Lane): Promise<boolean> {
    if (finished.length > 0) await write(lane);
    else if (look && !stopping && performance.now() >= lookAt) await fetch(lane);
    else if (!stopping && performance.now() > countAt) await count(lane);
    else return false;
    return true;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!closed && (!stopping || busy.size > 0)) {
      rung = Promise.withResolvers();
      try {
        const did = await line.use(turn);
        failures = 0;
        if (did) continue;
        if (look && !stopping) setTimeout(wake, gapMs).unref();
        await rung.promise;
      } catch (error) {
        log.warn({ err: error, failures }, "the sender of webhooks starts anew");
        await startAnew(failures++);
      }
    }
  }

  async function startAnew(failures: number): Promise<void> {
    // With the connection go the locks of whatever was in hand.
    await line.drop().catch(() => {});
    for (const { outcome } of finished) busy.delete(outcome.due.webhookId);
    finished = [];
    look = true;
    await new Promise((resolve) => setTimeout(resolve, Math.min(5000, 100 * 2 ** failures)));
  }

  const deaf = bell.hear(() => {
    look = true;
    wake();
  });
  const ended = run();

  return {
    waiting: () => counted,
    wake() {
      look = true;
      wake();
    },
    async stop() {
      stopping = true;
      deaf();
      wake();
      const late = setTimeout(() => {
        closed = true;
        wake();
      }, lastMs);
      await ended;
      clearTimeout(late);
      await line.close();
    },
  };
}
