import { randomUUID } from "node:crypto";
import { idOf } from "@dais/contracts/kit/ids";
import type { Log } from "@dais/kernel/context";
import type { CourierMeter } from "@dais/kernel/couriers/meter";
import type { Told } from "@dais/kernel/couriers/port";
import type { Steady } from "@dais/kernel/relay/steady";
import type { Perform } from "@dais/kernel/task";
import {
  type About,
  acknowledges,
  apply,
  attemptsByVendor,
  chooseChannel,
  type Ended,
  endCallbacks,
  type Heard,
  lastSentTo,
  type Status,
  takeCallbacks,
  tenantsOfAddress,
} from "@dais/modules/dispatches/sending";
import { acknowledgeAs } from "@dais/modules/dispatchRecipients";

export type ApplyingOptions = {
  perform: Perform;
  line: Steady;
  meter: CourierMeter;
  now(): Date;
  chance(): number;
  log: Log;
};

const batch = 500;
/** An answer that doesn't say to which message it is, is to the last one of so long. */
const answersMs = 7 * 24 * 3_600_000;
/** What speaks of a message that nobody knows may have come before the answer to its sending: it is looked at again for so long. */
const waitsMs = 600_000;
const later = (tries: number): number => Math.min(60_000, 250 * 2 ** tries);

type Outcome = NonNullable<Ended["outcome"]>;
type Of<K extends Told["kind"]> = Omit<Heard, "told"> & { told: Extract<Told, { kind: K }> };
const kind = <K extends Told["kind"]>(all: readonly Heard[], ...kinds: K[]): Of<K>[] =>
  all.filter(({ told }) => (kinds as string[]).includes(told.kind)) as Of<K>[];

/** Brings in what vendors told of their own accord: how far messages came, and what people answer. */
export function applying(of: ApplyingOptions) {
  const on = (tenantId: string, onBehalfOf: string | null = null) => ({
    tenantId,
    onBehalfOf,
    requestId: `told-${randomUUID()}`,
  });

  /** @returns whether there may be more at once */
  async function look(): Promise<boolean> {
    const heard = await of.line.use((lane) => takeCallbacks(lane, of.now(), batch));
    if (heard.length === 0) return false;
    const ended = await Promise.all([
      statuses(kind(heard, "status")),
      each(kind(heard, "reply"), reply),
      each(kind(heard, "opt_out", "opt_in"), choose),
    ]);
    await of.line.use((lane) => endCallbacks(lane, ended.flat()));
    return heard.length === batch;
  }

  function end({ id, vendor, receivedAt, tries }: Omit<Heard, "told">, outcome: Outcome): Ended {
    const now = of.now();
    if (outcome === "unknown" && now.getTime() - receivedAt.getTime() < waitsMs)
      return { id, outcome: null, nextAt: new Date(now.getTime() + later(tries)) };
    of.meter.told({ vendor, outcome });
    return { id, outcome, nextAt: null };
  }

  async function statuses(heard: Of<"status">[]): Promise<Ended[]> {
    const known = await of.line.use((lane) =>
      attemptsByVendor(
        lane,
        heard.map(({ vendor, told }) => ({ vendor, vendorId: told.vendorId })),
      ),
    );
    const aboutOf = ({ vendor, told }: Of<"status">): About | undefined => known.get(`${vendor} ${told.vendorId}`);
    const unknown = heard.filter((one) => !aboutOf(one)).map((one) => end(one, "unknown"));
    const byTenant = Map.groupBy(heard.filter(aboutOf), (one) => aboutOf(one)?.tenantId as string);
    const applied = await Promise.all(
      [...byTenant].map(async ([tenantId, its]) => {
        const news = await quietly(of.perform(apply, on(tenantId), furthest(its, aboutOf, of.chance)));
        if (!news) return [];
        return its.map((one) => end(one, news.includes(aboutOf(one)?.attemptId as string) ? "applied" : "stale"));
      }),
    );
    return [...unknown, ...applied.flat()];
  }

  /**
   * Who says that they got it has acknowledged what they reply to, or what was last sent to their number. Where several organisations wrote there
   * lately, nobody can tell whom they answer.
   */
  async function reply(one: Of<"reply">): Promise<Outcome> {
    const { channel, from, inReplyTo, text } = one.told;
    const named = inReplyTo
      ? (await of.line.use((lane) => attemptsByVendor(lane, [{ vendor: one.vendor, vendorId: inReplyTo }])))
          .values()
          .next().value
      : null;
    const since = new Date(one.receivedAt.getTime() - answersMs);
    const last = named ? [named] : await of.line.use((lane) => lastSentTo(lane, channel, from, since));
    const [about] = last;
    if (!about) return "unknown";
    if (last.length > 1) return "ambiguous";
    if (!acknowledges(text)) return "stale";
    const person = about.personId && idOf("per", about.personId);
    await of.perform(acknowledgeAs, on(about.tenantId, person), { recipientId: about.recipientId, via: "reply" });
    return "applied";
  }

  async function choose({ told }: Of<"opt_out" | "opt_in">): Promise<Outcome> {
    const tenants = await of.line.use((lane) => tenantsOfAddress(lane, told.channel, told.from));
    const source = told.by ?? (told.channel === "email" ? "complaint" : "reply");
    for (const tenantId of tenants)
      await of.perform(chooseChannel, on(tenantId), {
        ...{ channel: told.channel, address: told.from, source, out: told.kind === "opt_out" },
      });
    return tenants.length > 0 ? "applied" : "unknown";
  }

  /** Each by itself: one that can't be brought in comes again when its lease ends, and keeps no other from it. */
  async function each<T extends Omit<Heard, "told">>(
    some: readonly T[],
    bring: (one: T) => Promise<Outcome>,
  ): Promise<Ended[]> {
    const ended: Ended[] = [];
    for (const one of some) {
      const outcome = await quietly(bring(one));
      if (outcome) ended.push(end(one, outcome));
    }
    return ended;
  }

  async function quietly<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      of.log.warn({ err: error }, "what a vendor told could not be brought in");
      return null;
    }
  }

  return look;
}

const ranks = { failed: 0, sent: 1, delivered: 2, read: 3 } as const;

/** Of each attempt what is furthest: the rest is no news. What failed after it was sent has failed. */
function furthest(
  heard: readonly Of<"status">[],
  aboutOf: (one: Of<"status">) => About | undefined,
  chance: () => number,
): Status[] {
  const found = new Map<string, Status>();
  for (const one of heard) {
    const about = aboutOf(one);
    if (!about) continue;
    const { status, code, then } = one.told;
    const was = found.get(about.attemptId);
    const more =
      !was ||
      (status === "failed"
        ? was.status === "sent"
        : was.status === "failed"
          ? ranks[status] > 1
          : ranks[status] > ranks[was.status]);
    if (more) found.set(about.attemptId, { ...about, status, code, then, chance: chance() });
  }
  return [...found.values()];
}
