import type { Channel } from "@dais/contracts/dispatches/values";
import type { Log } from "@dais/kernel/context";
import { type CourierMeter, type CouriersWaiting, noCourierMeter, nothingWaits } from "@dais/kernel/couriers/meter";
import type { Courier } from "@dais/kernel/couriers/port";
import type { Sources } from "@dais/kernel/ids";
import type { Connection } from "@dais/kernel/lane";
import type { Bell } from "@dais/kernel/relay/bell";
import { steady } from "@dais/kernel/relay/steady";
import type { Perform } from "@dais/kernel/task";
import { couriersWaiting, type Writing } from "@dais/modules/dispatches/sending";
import { applying } from "./couriers/applying.ts";
import { asking } from "./couriers/asking.ts";
import { handing, type PaperOf } from "./couriers/hand.ts";
import { keeping } from "./couriers/keeping.ts";
import { looking } from "./couriers/looking.ts";
import { settling } from "./couriers/settling.ts";
import { type Most, taking } from "./couriers/taking.ts";
import { wanting } from "./couriers/wanted.ts";

export type CourierOptions = Writing & {
  /** One for each channel at most; the app itself is always there. They are closed by whoever opened them. */
  couriers: readonly Courier[];
  paperOf: PaperOf;
  meter?: CourierMeter;
  most?: Partial<Most>;
};

type Parts = { kernel: { perform: Perform }; connection: Connection; bell: Bell; sources: Sources; log: Log };

export type Couriers = {
  /** As it was counted last, a few seconds ago at most. */
  waiting(): CouriersWaiting;
  /** Takes no more; resolves when what is under way has been answered and written down. */
  stop(): Promise<void>;
};

const usualMost: Most = { normal: 400, urgent: 500, atOnce: 32 };
const every = { take: 200, apply: 200, keep: 500, count: 5000 };

/**
 * Sends dispatches as long as it runs: what is due is begun with, handed to whoever carries it, and settled; what vendors tell is brought in; what has no
 * answer is asked about. Any number of processes may do it.
 */
export function couriers(options: CourierOptions, { kernel, connection, bell, sources, log }: Parts): Couriers {
  const lines = ["taking", "wanting", "told", "kept"].map(() => steady(connection, { log, name: "dais dispatches" }));
  const [takes, wants, tells, keeps] = lines as [
    (typeof lines)[0],
    (typeof lines)[0],
    (typeof lines)[0],
    (typeof lines)[0],
  ];
  const { now } = sources;
  const { perform } = kernel;
  const meter = options.meter ?? noCourierMeter;
  const most = { ...usualMost, ...options.most };
  const byChannel = new Map<Channel, Courier>(options.couriers.map((courier) => [courier.channel, courier]));
  const chance = () => (sources.random(1)[0] ?? 0) / 256;
  const shared = { ...options, couriers: byChannel, perform, meter, now, log, chance, most };
  const wanted = wanting(wants);
  const settles = settling(shared);
  const hands = handing({ ...shared, wanted, atOnce: most.atOnce });
  let freed = () => {};
  const taken = taking({ ...shared, line: takes, hands, settles, freed: () => freed() });
  let counted = nothingWaits;
  const loops = [
    looking(taken.look, { everyMs: every.take, log, what: "the sender of dispatches" }),
    looking(applying({ ...shared, line: tells }), { everyMs: every.apply, log, what: "bringing in what vendors tell" }),
    looking(keeping({ ...shared, line: keeps }), { everyMs: every.keep, log, what: "looking after dispatches" }),
    // In a loop of its own: a vendor may take its time to answer.
    looking(asking({ ...shared, line: keeps, wanted, settles }), {
      ...{ everyMs: every.keep, log, what: "asking vendors" },
    }),
    looking(
      async () => {
        counted = await keeps.use((lane) => couriersWaiting(lane, now()));
        return false;
      },
      { everyMs: every.count, log, what: "counting what waits to be sent" },
    ),
  ];
  freed = () => loops[0]?.wake();
  const deaf = bell.hear(() => {
    for (const loop of loops.slice(0, 2)) loop.wake();
  });

  return {
    waiting: () => counted,
    async stop() {
      deaf();
      hands.stop();
      await Promise.all(loops.map((loop) => loop.stop()));
      await taken.rest();
      await settles.rest();
      await Promise.all(lines.map((line) => line.close()));
    },
  };
}
