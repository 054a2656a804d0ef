import type { Log } from "../context.ts";
import { rootOf } from "../faults.ts";
import type { Target } from "./consumer.ts";
import type { DeliveredEvent } from "./event.ts";
import type { RelayMeter } from "./meter.ts";
import { errorCode, type Patience, waitMs, within } from "./retry.ts";
import { type Batch, everyone, type Letter, type Stall } from "./take.ts";

export type Delivering = {
  targets: readonly Target[];
  /** The events that this process knows, each with its newest version. */
  known: ReadonlyMap<string, number>;
  patience: Patience;
  now(): Date;
  /** From 0 up to 1. */
  chance(): number;
  /** Waits for its turn: only so many deliveries at once. */
  slot<T>(work: () => Promise<T>): Promise<T>;
  stopping(): boolean;
  meter: RelayMeter;
  log: Log;
};

type Held = Stall & { tenantId: string; errorCode: string | null };

/** What has become of a batch, to be written down in one go. */
export type Settlement = {
  resourceId: string;
  /** Every target had them, or has a stall before them. */
  published: number[];
  held: Held[];
  /** Targets that have caught up. */
  over: string[];
  dead: { consumer: string; event: DeliveredEvent; attempts: number; errorCode: string }[];
  /** `errorCode` null: it was taken. */
  letters: (Pick<Letter, "id" | "attempts"> & { errorCode: string | null })[];
};

/** Delivers what waits for one resource: to each target in the order of the events, and no target waits for another. */
export async function deliver(of: Delivering, batch: Batch): Promise<Settlement> {
  const { resourceId, fresh, stalls, late } = batch;
  const published = fresh.map(({ seq }) => seq);
  const settled: Settlement = { resourceId, published, held: [], over: [], dead: [], letters: [] };
  for (const letter of batch.letters) settled.letters.push(await again(of, letter));

  // What nobody is behind on; or what nobody could be given yet.
  const all = stalls.find(({ consumer }) => consumer === everyone);
  const allLate = late.get(everyone);
  const shared = all ? (allLate?.events ?? []) : fresh;
  const unknown = shared.find((event) => !knows(of, event));
  const end = unknown?.seq ?? (all && !allLate ? all.fromSeq : Number.POSITIVE_INFINITY);

  await Promise.all(
    of.targets.map(async (target) => {
      const own = stalls.find(({ consumer }) => consumer === target.name);
      const ownLate = late.get(target.name);
      if (own && !ownLate) return; // its time hasn't come
      const events = (ownLate?.events ?? shared).filter(({ seq }) => seq < end);
      const behind = (await chain(of, target, events, own, settled)) ?? rest(ownLate, end, of.now());
      if (behind) settled.held.push({ ...behind, consumer: target.name });
      else if (own) settled.over.push(target.name);
    }),
  );

  const held = unknown ? wait(of, unknown) : rest(allLate, end, of.now());
  if (held) settled.held.push({ ...held, consumer: everyone });
  else if (allLate) settled.over.push(everyone);
  return settled;
}

type Behind = Omit<Held, "consumer">;

/** One target's events, one after the other, up to one that it can't take now. @returns where it stopped, or null */
async function chain(
  of: Delivering,
  target: Target,
  events: readonly DeliveredEvent[],
  own: Stall | undefined,
  settled: Settlement,
): Promise<Behind | null> {
  for (const event of events) {
    if (!target.hears(event)) continue;
    if (of.stopping()) return { ...behindAt(event), attempts: 0, retryAt: of.now(), errorCode: null };
    const failures = own?.fromSeq === event.seq ? own.attempts : 0;
    const error = await attempt(of, target, event, failures + 1);
    if (error === null) continue;
    const attempts = failures + 1;
    if (attempts < of.patience.attempts) {
      const retryAt = new Date(of.now().getTime() + waitMs(of.patience, attempts, of.chance));
      return { ...behindAt(event), attempts, retryAt, errorCode: error };
    }
    settled.dead.push({ consumer: target.name, event, attempts, errorCode: error });
    of.meter.dead(target.name);
  }
  return null;
}

/** @returns null, or the code of what it failed with */
async function attempt(of: Delivering, target: Target, event: DeliveredEvent, nth: number): Promise<string | null> {
  try {
    await of.slot(() => within(of.patience.limitMs, target.deliver(event)));
    of.meter.delivered(target.name, (of.now().getTime() - event.occurredAt.getTime()) / 1000);
    return null;
  } catch (error) {
    const code = errorCode(error);
    of.meter.failed(target.name, code);
    const { id, name, tenantId, requestId } = event;
    const fields = { consumer: target.name, eventId: id, event: name, tenantId, requestId, attempt: nth };
    of.log.warn({ ...fields, code, err: rootOf(error) }, "an event was not taken");
    return code;
  }
}

async function again(
  of: Delivering,
  { id, consumer, attempts, event }: Letter,
): Promise<Settlement["letters"][number]> {
  const target = of.targets.find(({ name }) => name === consumer) as Target;
  const errorCode = knows(of, event) ? await attempt(of, target, event, attempts + 1) : "unknown_version";
  return { id, attempts: attempts + 1, errorCode };
}

/** Where more is late than was read, the rest is due at once. */
function rest(late: { events: DeliveredEvent[]; whole: boolean } | undefined, end: number, now: Date): Behind | null {
  const last = late?.events.at(-1);
  if (!late || late.whole || !last || last.seq >= end) return null;
  return { ...behindAt(last), fromSeq: last.seq + 1, attempts: 0, retryAt: now, errorCode: null };
}

function wait(of: Delivering, event: DeliveredEvent): Behind {
  of.meter.unknown(event.name, event.eventVersion);
  of.log.warn({ event: event.name, version: event.eventVersion }, "an event waits for a process that knows it");
  return { ...behindAt(event), attempts: 0, retryAt: of.now(), errorCode: "unknown_version" };
}

const knows = ({ known }: Delivering, { name, eventVersion }: DeliveredEvent) => (known.get(name) ?? 0) >= eventVersion;

const behindAt = ({ seq, tenantId, occurredAt }: DeliveredEvent) => ({ fromSeq: seq, tenantId, since: occurredAt });
