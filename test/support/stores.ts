import { randomBytes } from "node:crypto";
import type { Limits } from "@dais/kernel/gate";
import type { Session, Tokens } from "@dais/kernel/sessions";
import { memoryStore, redisStore, type Store } from "@dais/kernel/store";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { afterFile } from "./ending.ts";

export const idleMs = 30 * 60_000;
const roomy = { limit: 1_000_000, windowSeconds: 60 };
export const limits: Limits = { read: roomy, write: roomy, heavy: roomy, auth: roomy };

/** Two processes' stores that share what they keep, and a clock of theirs. */
export type Stores = { one: Store; two: Store; now(): number; pass(ms: number): Promise<void> };

/** The memory has one process: both are the same. */
export async function inMemory(): Promise<Stores> {
  let time = Date.now();
  const store = memoryStore(limits, { now: () => new Date(time), random: randomBytes, idleMs });
  const pass = async (ms: number) => {
    time += ms;
  };
  return { one: store, two: store, now: () => time, pass };
}

/** Two connections, and names of their own in the run's Redis. Times to live are Redis' own: passing time takes from each of them. */
export async function inRedis(url = inject("redis")): Promise<Stores & { redis: Redis; prefix: string }> {
  let time = Date.now();
  const prefix = `test-${randomBytes(8).toString("hex")}`;
  const options = { now: () => new Date(time), random: randomBytes, idleMs, prefix };
  const [one, two] = await Promise.all([redisStore(url, limits, options), redisStore(url, limits, options)]);
  const redis = new Redis(inject("redis"));
  const keys = () => redis.keys(`${prefix}:*`);
  afterFile(async () => {
    await Promise.all([one.close(), two.close()]);
    for (const key of await keys()) await redis.del(key);
    redis.disconnect();
  });
  async function pass(ms: number): Promise<void> {
    time += ms;
    for (const key of await keys()) {
      const left = await redis.pttl(key);
      if (left >= 0) await redis.pexpire(key, Math.max(0, left - ms));
    }
  }
  return { one, two, now: () => time, pass, redis, prefix };
}

/** A session of somebody new, opened now and good for twelve hours. */
export function aSession(now: number, over: Partial<Session> = {}): Session {
  const name = () => randomBytes(8).toString("hex");
  return {
    id: `ses_${name()}`,
    tenantId: crypto.randomUUID(),
    personId: `per_${name()}`,
    openedAt: now,
    provenAt: null,
    endsAt: now + 12 * 3_600_000,
    address: "192.0.2.7",
    userAgent: 'Firefox \ud83e\udd8a "quoted" \ud800 النص',
    issuer: "https://login.example.org/v2.0",
    issuerSid: `sid ${name()}`,
    subject: `sub-${name()}`,
    ...over,
  };
}

export const someTokens = (sealed: string, now = 0): Tokens => ({ sealed, renewAt: now + 1000, expiresAt: now + 2000 });
