import type { Log } from "../context.ts";
import { type Sources, uuidMaker } from "../ids.ts";
import type { Connection, Lane } from "../lane.ts";
import type { Bell } from "./bell.ts";
import type { Target } from "./consumer.ts";
import { type Delivering, deliver, type Settlement } from "./deliver.ts";
import { noMeter, type RelayMeter, type Waiting } from "./meter.ts";
import { type Patience, usualPatience } from "./retry.ts";
import { settle } from "./settle.ts";
import { slots } from "./slots.ts";
import { steady } from "./steady.ts";
import { everyone, take } from "./take.ts";
import { waiting } from "./waiting.ts";

export type RelayOptions = {
  connection: Connection;
  bell: Bell;
  targets: readonly Target[];
  known: Delivering["known"];
  sources: Sources;
  log: Log;
  /** Deliveries under way at once. */
  lanes: number;
  meter?: RelayMeter;
  patience?: Partial<Patience>;
};

export type Relay = {
  /** As it was counted last, a few seconds ago at most. */
  waiting(): Waiting;
  /** Takes no more; resolves when what is being delivered has ended and is written down. */
  stop(): Promise<void>;
};

/** Events of a tenant that are taken in one turn. */
const share = 100;
const countMs = 5000;
/** How often a process looks for what is to be tried again, however busy it is. */
const overdueMs = 500;
const leastPauseMs = 100;
const mostPauseMs = 5000;

/**
 * Delivers what commits leave in the outbox: at least once, to each target in the order of each resource, by any number of processes.
 * A target that fails holds up nobody but itself, and itself for that resource only: see deliver.ts. How work is divided: take.ts.
 */
export function relay(options: RelayOptions): Relay {
  const { sources, log, bell } = options;
  // A table that fills and empties misleads the planner: whatever it believes, an index has what the relay asks for, in order.
  const planned = { enable_seqscan: "off", enable_bitmapscan: "off" };
  const { connection } = options;
  const line = steady({ ...connection, connection: { ...connection.connection, ...planned } } as Connection, { log });
  const newId = uuidMaker(sources);
  const names = targetNames(options.targets);
  const most = options.lanes * 8;
  const busy = new Set<string>();
  let finished: { lane: Lane; settlement: Settlement }[] = [];
  let stopping = false;
  let look = true;
  let counted: Waiting = { events: 0, lagSeconds: 0, stalls: 0, dead: 0 };
  let countAt = 0;
  let overdueAt = 0;
  let wake = () => {};
  const of: Delivering = {
    targets: options.targets,
    known: options.known,
    patience: { ...usualPatience, ...options.patience },
    now: sources.now,
    chance: () => (sources.random(1)[0] ?? 0) / 256,
    slot: slots(options.lanes),
    stopping: () => stopping,
    meter: options.meter ?? noMeter,
    log,
  };

  async function fetch(lane: Lane): Promise<void> {
    look = false;
    const overdue = performance.now() >= overdueAt;
    if (overdue) overdueAt = performance.now() + overdueMs;
    const { batches, more } = await take(lane, {
      now: sources.now(),
      busy: [...busy],
      share,
      most: share * 5,
      targets: names,
      known: options.known,
      overdue,
    });
    look ||= more;
    for (const batch of batches) {
      busy.add(batch.resourceId);
      deliver(of, batch).then(
        (settlement) => {
          finished.push({ lane, settlement });
          wake();
        },
        (error) => {
          log.error({ err: error, resourceId: batch.resourceId }, "a bug: the relay failed in the middle of a batch");
          busy.delete(batch.resourceId);
          void line.drop().catch(() => {});
        },
      );
    }
  }

  async function write(lane: Lane): Promise<void> {
    const done = finished;
    finished = [];
    look = true;
    for (const { settlement } of done) busy.delete(settlement.resourceId);
    // Whoever has lost the connection has lost the locks: others may have gone on. Delivered again, it is found in the inbox.
    const ours = done.filter((one) => one.lane === lane).map(({ settlement }) => settlement);
    // Who is behind on more than was read goes on at once.
    if (ours.some(({ held }) => held.some(({ retryAt }) => retryAt <= sources.now()))) overdueAt = 0;
    if (ours.length > 0) await settle(lane, ours, { now: sources.now(), newId });
  }

  async function count(lane: Lane): Promise<void> {
    countAt = performance.now() + countMs;
    // What only tells how it goes must not stop it.
    counted = await waiting(lane, sources.now()).catch((error) => {
      log.warn({ err: error }, "waiting events could not be counted");
      return counted;
    });
  }

  /** @returns whether there was something to do */
  async function turn(lane: Lane): Promise<boolean> {
    if (finished.length > 0) await write(lane);
    else if (look && !stopping && busy.size < most) await fetch(lane);
    else if (!stopping && performance.now() > countAt) await count(lane);
    else return false;
    return true;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping || busy.size > 0) {
      const rung = new Promise<void>((resolve) => (wake = resolve));
      try {
        if (!(await line.use(turn))) await rung;
        failures = 0;
      } catch (error) {
        log.warn({ err: error, failures }, "the relay starts anew");
        await startAnew(failures++);
      }
    }
  }

  async function startAnew(failures: number): Promise<void> {
    // With the connection go the locks of whatever was in hand: what has ended there needs no writing down.
    await line.drop().catch(() => {});
    for (const { settlement } of finished) busy.delete(settlement.resourceId);
    finished = [];
    look = true;
    await new Promise((resolve) => setTimeout(resolve, Math.min(mostPauseMs, leastPauseMs * 2 ** failures)));
  }

  const deaf = bell.hear(() => {
    look = true;
    wake();
  });
  const ended = run();

  return {
    waiting: () => counted,
    async stop() {
      stopping = true;
      deaf();
      wake();
      await ended;
      await line.close();
    },
  };
}

/** @throws Error where two have the same name, or one that can't be kept */
function targetNames(targets: readonly Target[]): string[] {
  const names = targets.map(({ name }) => name);
  for (const name of names) {
    if (!/^[a-z][\w.-]{0,59}$/i.test(name) || name === everyone)
      throw new Error(`"${name}" can't be a consumer's name`);
    if (names.indexOf(name) !== names.lastIndexOf(name)) throw new Error(`two consumers are called ${name}`);
  }
  return names;
}
