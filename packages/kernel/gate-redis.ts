import type { RateClass } from "@dais/contracts/kit/operation";
import { Ratelimit } from "@upstash/ratelimit";
import type { ChainableCommander, Redis } from "ioredis";
import { epochsOf, type Gate, type Limit, type Limits, type Subject, unsettledSeconds } from "./gate.ts";
import { thereWithin, useWithin } from "./sessions-redis.ts";
import type { StoreOptions } from "./store.ts";
import { scripts } from "./upstash.ts";

/**
 * The gate of many processes. A Redis that has lost its data has another generation, and what was remembered under the old one
 * is forgotten: a missing epoch never passes for one that hasn't changed.
 */
export async function redisGate(redis: Redis, limits: Limits, options: StoreOptions): Promise<Gate> {
  const { prefix = "dais" } = options;
  const script = scripts(redis);
  const limiters = Object.fromEntries(
    Object.entries(limits).map(([rate, { limit, windowSeconds }]) => [
      rate,
      new Ratelimit({
        redis: script.client as never,
        limiter: Ratelimit.slidingWindow(limit, `${windowSeconds} s`),
        prefix: `${prefix}:limit:${rate}`,
        ephemeralCache: false,
        timeout: 0, // its time limit lets the call pass; ours, commandTimeout, refuses it
      }),
    ]),
  ) as Record<RateClass, Ratelimit>;
  const generationKey = `${prefix}:generation`;
  const epochKey = ({ tenantId, actorId }: Subject) => `${prefix}:epoch:${tenantId}:${actorId}`;
  const unsettledKey = ({ tenantId, actorId }: Subject) => `${prefix}:unsettled:${tenantId}:${actorId}`;
  const keysOf = (subject: Subject) => epochsOf(subject).flatMap((one) => [epochKey(one), unsettledKey(one)]);

  async function take(key: string, rate: RateClass, together?: ChainableCommander): Promise<Limit> {
    const ask = () => limiters[rate].limit(key);
    const answer = await (together ? script.within(together, ask) : ask());
    return {
      class: rate,
      allowed: answer.success,
      limit: answer.limit,
      windowSeconds: limits[rate].windowSeconds,
      remaining: Math.max(0, answer.remaining),
      resetSeconds: Math.max(1, Math.ceil((answer.reset - Date.now()) / 1000)),
    };
  }

  // The first call of a script loads it, which takes two exchanges; from then on it joins its pipeline.
  await take("warm-up", "read");

  async function generation(): Promise<string> {
    await redis.set(generationKey, crypto.randomUUID(), "NX");
    return (await redis.get(generationKey)) ?? "";
  }

  return {
    kind: "redis",
    async admit(subject, rate, session) {
      const together = redis.pipeline();
      let told: (string | null)[] = [];
      together.mget(generationKey, ...keysOf(subject), (error, values) => {
        if (!error) told = values as (string | null)[];
      });
      const alive = session === undefined ? () => true : useWithin(together, session, options);
      const limit = await take(`${subject.tenantId}:${subject.actorId}`, rate, together);
      const known = told[0] ?? (await generation());
      return { ...standIn(known, told.slice(1)), limit, alive: alive() };
    },
    async look(watched) {
      const together = redis.pipeline();
      let told: (string | null)[] | undefined;
      const keys = watched.map(({ subject }) => keysOf(subject));
      together.mget(generationKey, ...keys.flat(), (error, values) => {
        if (!error) told = values as (string | null)[];
      });
      const alive = watched.map(({ session }) => (session ? thereWithin(together, session, options) : () => true));
      await together.exec();
      if (!told) throw new Error("Redis didn't say which epochs there are.");
      const [known = null, ...own] = told;
      const current = known ?? (await generation());
      return alive.map((is, at) => ({ ...standIn(current, own.splice(0, keys[at]?.length)), alive: is() }));
    },
    strike: (address) => take(address, "auth"),
    async bump(subjects) {
      if (subjects.length === 0) return;
      const together = redis.multi();
      for (const subject of subjects)
        together.incr(epochKey(subject)).set(unsettledKey(subject), "1", "EX", unsettledSeconds);
      await together.exec();
    },
    ping: async () => void (await redis.ping()),
  };
}

/** `told`: epoch and mark of each in turn, as Redis has them. */
const standIn = (generation: string, told: readonly (string | null)[]) => ({
  epoch: [generation, ...told.filter((_, n) => n % 2 === 0).map((epoch) => epoch ?? 0)].join(":"),
  settled: told.every((mark, n) => n % 2 === 0 || mark === null),
});
