import { type Identity, subjectOf } from "../authenticate.ts";
import type { Log } from "../context.ts";
import { type Credential, nameOf } from "../credential.ts";
import type { Gate, Stand } from "../gate.ts";
import type { renewals } from "../renewal.ts";
import type { Ending } from "./message.ts";

type Listener = { end(reason: Ending): void };

/** A credential behind which streams are open, and what it means now. */
export type Watched = {
  readonly credential: Credential;
  readonly hash: string;
  /** From where it is used. */
  readonly address: string;
  identity: Identity;
  /** Under which `identity` holds; empty where it must be looked up again. */
  epoch: string;
  /** The newest that the gate has told. */
  target: string;
  lookedUpAt: number;
  /** While it is found out anew what the credential means, nothing is told to its streams. */
  fresh: Promise<void> | null;
  /** It was good once. */
  over: boolean;
  readonly listeners: Set<Listener>;
};

export type Watch = ReturnType<typeof watch>;
type Parts = {
  gate: Gate;
  lookUp(credential: Credential, hash: string): Promise<Identity | null>;
  keepFresh: ReturnType<typeof renewals>;
  now(): Date;
  log: Log;
};

/** All credentials are looked at so often, in one exchange. */
const everyMs = 400;
/** A look that takes longer has failed. */
const lookMs = 1000;
/** When nobody has been able to look for so long, streams end: who can't be checked isn't served. */
const patienceMs = 1500;
/** As long as calls remember a credential. */
const rememberMs = 60_000;

/**
 * Watches the credentials behind open streams. The gate is asked for their epochs, and whether sessions are there, all at once, whenever
 * something is to be told, and every now and then. To be watched is no use of a session: one that is idle ends, and its streams with it.
 */
export function watch({ gate, lookUp, keepFresh, now, log }: Parts) {
  const all = new Map<string, Watched>();
  let goodAt = 0;
  let asked: Round | null = null;
  let running = false;
  const timer = setInterval(tick, everyMs).unref();

  function tick(): void {
    if (all.size === 0) return;
    if (performance.now() - goodAt > patienceMs) for (const one of all.values()) end(one, "unavailable");
    else void look(all.values());
    for (const one of all.values()) keep(one);
  }

  async function run(): Promise<void> {
    running = true;
    for (let round = asked; round !== null; round = asked) {
      asked = null;
      round.told(await exchange([...round.watched]));
    }
    running = false;
  }

  async function exchange(watched: Watched[]): Promise<boolean> {
    try {
      const answers = await within(lookMs, gate.look(watched.map(questionOf)));
      goodAt = performance.now();
      for (const [at, one] of watched.entries()) judge(one, answers[at] as Stand);
      return true;
    } catch (error) {
      log.debug({ err: error, credentials: watched.length }, "the credentials of streams could not be looked at");
      return false;
    }
  }

  function judge(one: Watched, { epoch, settled, alive }: Stand): void {
    const { expiresAt } = one.identity;
    const expired = expiresAt !== null && expiresAt <= now().getTime();
    one.target = epoch;
    if (performance.now() - one.lookedUpAt > (settled ? rememberMs : everyMs)) one.epoch = "";
    if (!alive || expired) end(one, "signed_out");
    else if (one.epoch !== epoch && !one.fresh) hold(one, () => learn(one));
  }

  /** Looks up what the credential means, until it is known under the epoch that holds. */
  async function learn(one: Watched): Promise<void> {
    while (one.epoch !== one.target && !one.over) {
      const epoch = one.target;
      const identity = await lookUp(one.credential, one.hash);
      if (!identity || identity.from?.(one.address) === false) end(one, "signed_out");
      else if (identity.refusal) end(one, "not_allowed");
      else Object.assign(one, { identity, epoch, lookedUpAt: performance.now() });
    }
  }

  /** Has the issuer's word renewed, as a call would. */
  function keep(one: Watched): void {
    const { session } = one.identity;
    const time = now().getTime();
    if (!session || session.renewAt === null || time < session.renewAt || one.fresh) return;
    const anew = () => {
      one.epoch = "";
    };
    const renewed = () => keepFresh(one.hash, one.identity, anew).then((waited) => (waited ? learn(one) : undefined));
    if (session.expiresAt !== null && time >= session.expiresAt) hold(one, renewed);
    else void renewed().catch(() => {}); // ahead of its end: there is time
  }

  function hold(one: Watched, work: () => Promise<void>): void {
    one.fresh = work()
      .catch((error) => {
        log.debug({ err: error }, "a stream's credential could not be looked up");
        end(one, (error as { code?: unknown }).code === "unauthenticated" ? "signed_out" : "unavailable");
      })
      .finally(() => {
        one.fresh = null;
        // A newer epoch may have come with the last statement under way.
        if (one.epoch !== one.target && !one.over) hold(one, () => learn(one));
      });
  }

  function end(one: Watched, reason: Ending): void {
    forget(one);
    for (const listener of [...one.listeners]) listener.end(reason);
  }

  function forget(one: Watched): void {
    one.over = true;
    if (all.get(keyOf(one)) === one) all.delete(keyOf(one));
  }

  /**
   * Looks at these credentials now. Whoever is over has been ended when it resolves; of whom more must be found out, `fresh` says so.
   * False where nobody could be asked.
   */
  function look(watched: Iterable<Watched>): Promise<boolean> {
    asked ??= newRound();
    for (const one of watched) asked.watched.add(one);
    const { answer } = asked;
    if (!running) void run();
    return answer;
  }

  return {
    look,
    /** Watches for one stream more. Under the same credential all have the same. */
    add(of: Pick<Watched, "credential" | "hash" | "address" | "identity" | "epoch">, listener: Listener): Watched {
      const name = keyOf(of);
      if (all.size === 0) goodAt = performance.now();
      const one = all.get(name) ?? {
        ...of,
        target: of.epoch,
        lookedUpAt: performance.now(),
        fresh: null,
        over: false,
        listeners: new Set(),
      };
      all.set(name, one);
      one.listeners.add(listener);
      return one;
    },
    remove(one: Watched, listener: Listener): void {
      one.listeners.delete(listener);
      if (one.listeners.size === 0) forget(one);
    },
    close: () => clearInterval(timer),
  };
}

const keyOf = ({ credential, hash, address }: Pick<Watched, "credential" | "hash" | "address">): string =>
  `${nameOf(credential, hash)} ${address}`;

const questionOf = ({ credential, hash, identity }: Watched) => ({
  subject: subjectOf(identity),
  ...(credential.scheme === "session" ? { session: { hash, endsAt: identity.expiresAt ?? 0 } } : {}),
});

/** Those that are looked at together, and who waits for it. */
type Round = { watched: Set<Watched>; answer: Promise<boolean>; told(whether: boolean): void };

function newRound(): Round {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  return { watched: new Set(), answer: promise, told: resolve };
}

/** @throws Error where it takes longer */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It took longer than ${ms} ms.`)), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
