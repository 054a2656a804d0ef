import { events as declared } from "@dais/contracts";
import { envelopeMediaType, envelopeOf } from "@dais/contracts/kit/envelope";
import { idOf } from "@dais/contracts/kit/ids";
import type { Log } from "../context.ts";
import { rootOf } from "../faults.ts";
import type { Sources } from "../ids.ts";
import type { Lane } from "../lane.ts";
import type { Bell } from "../relay/bell.ts";
import type { DeliveredEvent } from "../relay/event.ts";
import { errorCode, waitMs } from "../relay/retry.ts";
import { countSince, eventsSince } from "../relay/since.ts";
import type { Position } from "../relay/snapshot.ts";
import type { Steady } from "../relay/steady.ts";
import type { Tenants } from "../tenants.ts";
import { begin, hold, lead, read, standAside, write } from "./cursor.ts";
import type { AmqpMeter } from "./meter.ts";
import { type Broker, eventsExchange, type Outgoing } from "./port.ts";

export type PublisherOptions = {
  broker: Broker;
  /** In whose session the right to publish lives. */
  line: Steady;
  bell: Bell;
  tenants: Tenants;
  publicUrl: string;
  sources: Sources;
  log: Log;
  meter: AmqpMeter;
};

export type Publisher = {
  /** As it was counted last, a few seconds ago at most. */
  waiting(): { events: number; lagSeconds: number };
  /** Takes no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
};

/** Events whose confirmation is waited for together. */
const window = 500;
const beatMs = 5000;
/** Who has no broker for so long lets others publish. */
const standAsideMs = 5000;
const patience = { firstMs: 200, mostMs: 5000 };
const most = 10_000;

/**
 * Publishes every event of every organisation: at least once, and the events of one thing in its order. It keeps a place in the outbox, as a
 * stream does, and moves it when the broker has confirmed; a broker that is away leaves the events where they are. Of any number of processes one
 * publishes, and when it dies or has lost its broker, another.
 */
export function publisher(options: PublisherOptions): Publisher {
  const { line, broker, sources, log, meter } = options;
  let leads: Lane | null = null;
  let at: Position | null = null;
  let stopping = false;
  let beatAt = 0;
  let awayAt: number | null = null;
  /** What the broker was given last. Before that has ended it is given nothing, or would have it several times. */
  let given: Promise<unknown> = Promise.resolve();
  let counted = { events: 0, lagSeconds: 0 };
  let rung = Promise.withResolvers<void>();

  /** @returns whether there is more at once */
  async function turn(lane: Lane): Promise<boolean> {
    const connected = broker.connected();
    awayAt = connected ? null : (awayAt ?? performance.now());
    if (leads !== lane) {
      at = null;
      await begin(lane, sources.now());
      if (connected && (await lead(lane))) leads = lane;
    } else if (awayAt !== null && performance.now() - awayAt > standAsideMs) {
      // Another process may have a way to the broker.
      await standAside(lane);
      leads = null;
      at = null;
    }
    if (performance.now() >= beatAt) await beat(lane);
    if (leads !== lane || !connected) return false;
    await patiently(lane, given);
    at ??= await read(lane);
    const page = await eventsSince(lane.send, "all", at, window);
    if (!page.whole && page.events.length > 0) await gap(lane, at);
    const outgoing = page.events.filter(leaves);
    if (outgoing.length > 0) {
      const publishing = broker.publish(await Promise.all(outgoing.map((event) => messageOf(options, event))));
      given = publishing.catch(() => {});
      await patiently(lane, publishing);
      for (const { occurredAt } of outgoing) meter.published((sources.now().getTime() - occurredAt.getTime()) / 1000);
    }
    if (page.events.length > 0) await write(lane, page.position, sources.now());
    at = page.position;
    return page.more;
  }

  /** Waits for the broker, however long it asks for patience, and tells meanwhile how it stands. */
  async function patiently(lane: Lane, work: Promise<unknown>): Promise<void> {
    const done = work.then(() => true);
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const pause = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), beatMs);
      });
      if (await Promise.race([done, pause]).finally(() => clearTimeout(timer))) return;
      await beat(lane);
    }
  }

  /** So that an idle publisher keeps its place moving, and one without a broker keeps its events. */
  async function beat(lane: Lane): Promise<void> {
    beatAt = performance.now() + beatMs;
    const now = sources.now();
    await (leads === lane && at && counted.events === 0 ? write(lane, at, now) : hold(lane, now));
    const { count, oldest } = await countSince(lane.send, await read(lane), most);
    counted = { events: count, lagSeconds: oldest ? Math.max(0, (now.getTime() - oldest.getTime()) / 1000) : 0 };
  }

  /** It is called incomplete too early where transactions are long, and never too late: only what was deleted since counts. */
  async function gap(lane: Lane, { seen }: Position): Promise<void> {
    const [row] = await lane.send("select xid >= $1::xid8 as lost from outbox_pruned", [String(seen.xmax)]);
    if (row?.lost !== true) return;
    meter.gap();
    log.error({}, "events were deleted before they could be published: nobody published for too long");
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping) {
      rung = Promise.withResolvers();
      try {
        const more = await line.use(turn);
        failures = 0;
        if (!more) await rung.promise;
      } catch (error) {
        const code = errorCode(error);
        meter.failed(code);
        if (failures === 0) log.warn({ code, err: rootOf(error) }, "events can't be published; they wait");
        failures += 1;
        // What was read once may be another's by now.
        at = null;
        const ms = waitMs(patience, Math.min(failures, 10), () => (sources.random(1)[0] ?? 0) / 256);
        await Promise.race([ended.promise, new Promise((resolve) => setTimeout(resolve, ms).unref())]);
      }
    }
  }

  const ended = Promise.withResolvers<void>();
  const deaf = options.bell.hear(() => rung.resolve());
  const running = run();
  return {
    waiting: () => counted,
    async stop() {
      stopping = true;
      deaf();
      rung.resolve();
      ended.resolve();
      await running;
    },
  };
}

/** Nobody outside hears of what is nobody's; and who tries a webhook tells that one alone. */
const leaves = ({ name }: DeliveredEvent): boolean =>
  name !== "webhook.tested" && declared.get(name)?.permission !== "nobody";

async function messageOf({ tenants, publicUrl }: PublisherOptions, event: DeliveredEvent): Promise<Outgoing> {
  const { slug } = await tenants(event.tenantId);
  return {
    exchange: eventsExchange,
    routingKey: `${slug}.${event.name}`,
    body: Buffer.from(JSON.stringify(envelopeOf(event, { url: publicUrl, tenant: slug }))),
    contentType: envelopeMediaType,
    messageId: idOf("evt", event.id),
    type: event.name,
    at: event.occurredAt,
    headers: {
      ...(event.traceparent && { traceparent: event.traceparent }),
      ...(event.classification && { classification: event.classification }),
    },
  };
}
