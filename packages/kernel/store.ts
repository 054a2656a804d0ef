import type { Gate, Limits } from "./gate.ts";
import { memoryGate } from "./gate-memory.ts";
import { redisGate } from "./gate-redis.ts";
import type { Sources } from "./ids.ts";
import { connectRedis } from "./redis.ts";
import type { Sessions } from "./sessions.ts";
import { memorySessions } from "./sessions-memory.ts";
import { redisSessions } from "./sessions-redis.ts";

/** `idleMs`: a session that nobody uses for so long is gone. `prefix`: what names in Redis begin with. */
export type StoreOptions = Sources & { idleMs: number; prefix?: string };

/** What all processes of an installation share. */
export type Store = { gate: Gate; sessions: Sessions; close(): Promise<void> };

/** Gate and sessions on one connection, so that a call asks both in one exchange. @throws Error where Redis can't be reached */
export async function redisStore(url: string, limits: Limits, options: StoreOptions): Promise<Store> {
  const redis = await connectRedis(url);
  const close = async () => redis.disconnect();
  try {
    return { gate: await redisGate(redis, limits, options), sessions: redisSessions(redis, options), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The same for a single process without Redis; what it holds ends with the process. */
export function memoryStore(limits: Limits, options: StoreOptions): Store {
  const sessions = memorySessions(options);
  return { gate: memoryGate(limits, options.now, sessions), sessions, close: async () => {} };
}
