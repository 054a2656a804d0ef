import { hash } from "node:crypto";
import { Redis } from "ioredis";

/**
 * One connection, which comes back by itself. While it is away each command rejects at once: nothing waits for it, nothing is sent twice.
 * @throws Error where Redis can't be reached
 */
export async function connectRedis(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 2000,
    connectTimeout: 2000,
    retryStrategy: (times) => Math.min(50 * times, 1000),
  });
  redis.on("error", () => {}); // each call that needs Redis says so itself
  try {
    await new Promise((resolve, reject) =>
      redis.once("ready", resolve).once("close", () => reject(new Error("Redis can't be reached"))),
    );
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  return redis;
}

export type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** A script by its digest, in one exchange; its text goes out only to a Redis that doesn't know it. What it does is done as a whole. */
export function script(redis: Redis, text: string): Script {
  const digest = hash("sha1", text, "hex"); // the name that Redis itself gives it
  return async (keys, args) => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!String(error).includes("NOSCRIPT")) throw error;
      return redis.eval(text, keys.length, ...keys, ...args);
    }
  };
}
