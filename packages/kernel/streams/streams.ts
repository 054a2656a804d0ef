import type { Subscription } from "@dais/contracts/kit/derive";
import type { Admission } from "../authenticate.ts";
import type { KernelOptions, Listening } from "../call.ts";
import type { Tenant } from "../context.ts";
import { hashOf } from "../credential.ts";
import { holderOf } from "../holder.ts";
import { accepted } from "../input.ts";
import { refusalOf } from "../permit.ts";
import { Problem } from "../problem.ts";
import type { Reads } from "../reads.ts";
import type { FedEvent, Feed } from "../relay/feed.ts";
import { renewals } from "../renewal.ts";
import { provenance } from "../serve.ts";
import { type Wanted, wanting } from "./hearing.ts";
import { type Hub, hub } from "./hub.ts";
import { type Message, messageOf } from "./message.ts";
import { noStreamMeter, type StreamMeter } from "./meter.ts";
import { placeId, placeIn } from "./place.ts";
import { reader } from "./reader.ts";
import { room } from "./room.ts";
import { watch, within } from "./watch.ts";

/** What streams are made of. */
export type StreamOptions = {
  /** Committed events, as they become visible. */
  feed: Feed;
  /** How many streams there may be: in this process, and of one actor in it. */
  most: { process: number; actor: number };
  /** How much may wait for a reader. */
  waiting: { messages: number; bytes: number };
  /** How often a stream on which nothing happens shows that it is alive. */
  beatMs: number;
  meter?: StreamMeter;
};

export type Streams = {
  /** Whether there is room for one more. @throws busy, unavailable */
  check(): void;
  /** Opens a stream for a caller that has been let in. @throws every problem that the subscription may answer with */
  open(subscription: Subscription, call: Listening, admission: Admission): Promise<AsyncIterableIterator<Message>>;
  count(): number;
  /** Ends all of them, and opens no more. */
  close(): void;
};

/** A feed that has not looked into the database by then can't. */
const feedMs = 2000;

/** Tells what happens to whoever listens: see reader.ts for one stream, hub.ts for an organisation, watch.ts for who may still hear. */
export function streams(kernel: KernelOptions, options: StreamOptions, kept: Reads, newId: () => string): Streams {
  const { cursorKey: key, log, gate, sources, publicUrl: url = "" } = kernel;
  const { feed, meter = noStreamMeter } = options;
  const { app: pool, sessions, tokens } = kernel;
  const lookUp = holderOf({ pool, sessions, tokens, now: sources.now });
  const keepFresh = renewals(kernel.renew, sources.now);
  const watched = watch({ gate, lookUp, keepFresh, now: sources.now, log });
  const rooms = room(options.most);
  const hubs = new Map<string, Hub>();
  const beats = setInterval(() => {
    for (const one of hubs.values()) one.beat();
  }, options.beatMs).unref();

  /** The organisation's hub, from the first of its streams to the last. */
  function hubOf(tenant: Tenant, output: Subscription["output"]): Hub {
    const known = hubs.get(tenant.id);
    if (known) return known;
    const idOf = (position: string) => placeId({ key, tenantId: tenant.id }, position);
    const show = (event: FedEvent) => messageOf(event, { url, tenant: tenant.slug, output, idOf });
    const made = hub({
      tenantId: tenant.id,
      feed,
      watch: watched,
      show,
      idOf,
      log,
      empty: () => hubs.delete(tenant.id),
    });
    hubs.set(tenant.id, made);
    return made;
  }

  async function open(subscription: Subscription, call: Listening, { identity, epoch }: Admission) {
    const { actor, tenant } = identity;
    const refusal = refusalOf(subscription, actor, sources.now());
    if (refusal) throw refusal;
    const input = (await accepted(subscription, call)) as Wanted & { lastEventId?: string };
    const from = input.lastEventId === undefined ? null : placeIn({ key, tenantId: tenant.id }, input.lastEventId);
    const now = await within(feedMs, feed.position()).catch(away);
    const leave = rooms.enter(`${tenant.id} ${actor.id}`);
    const own = hubOf(tenant, subscription.output);
    const credential = call.credential as NonNullable<Listening["credential"]>; // it was let in by one
    const by = { credential, hash: hashOf(credential), address: call.address };
    const of = () => provenance(subscription, call, one.watched().identity, sources.now(), newId);
    const one = reader({
      kept: ({ data }) => kept.heard(data, tenant, of),
      from,
      now,
      since: (position, limit) => feed.since(tenant.id, position, limit),
      here: async () => own.idOf(await feed.position()),
      wants: wanting(input),
      show: own.show,
      most: options.waiting,
      watch: (listener) => watched.add({ ...by, identity, epoch }, listener),
      look: (its) => watched.look([its]),
      told: meter.told,
      left(why, its, listener) {
        leave();
        own.leave(one);
        watched.remove(its, listener);
        meter.ended(why);
      },
      drop: call.drop,
    });
    own.join(one);
    if (from === null) one.beat(own.idOf(now));
    return one.messages;
  }

  return {
    check: rooms.check,
    open,
    count: rooms.count,
    close() {
      rooms.close();
      clearInterval(beats);
      for (const one of [...hubs.values()]) one.end("shutting_down");
      watched.close();
    },
  };
}

const away = (): never => {
  throw new Problem("unavailable", { retryAfterSeconds: 2 });
};
