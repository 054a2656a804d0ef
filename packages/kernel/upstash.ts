import { createHash } from "node:crypto";
import type { ChainableCommander, Redis } from "ioredis";

type Args = (string | number)[];

/**
 * What @upstash/ratelimit asks of a Redis client, over ioredis. Its scripts start with a flag that only Upstash's own server knows
 * (`#!lua flags=allow-key-locking`), and it calls them by the digest of that text: the line is taken off, and digests are mapped.
 */
export function scripts(redis: Redis) {
  const ours = new Map<string, string>();
  let joining: ChainableCommander | undefined;

  const client = {
    async evalsha(theirs: string, keys: string[], args: Args): Promise<unknown> {
      const sha = ours.get(theirs);
      if (!sha) throw new Error("NOSCRIPT No matching script.");
      const pipeline = joining;
      joining = undefined;
      if (!pipeline) return redis.evalsha(sha, keys.length, ...keys, ...args);
      return new Promise((resolve, reject) => {
        pipeline.evalsha(sha, keys.length, ...keys, ...args, (error: Error | null | undefined, result: unknown) =>
          error ? reject(error) : resolve(result),
        );
        pipeline.exec().catch(reject);
      });
    },
    /** Called when the script is new, or when Redis has lost it. */
    async eval(text: string, keys: string[], args: Args): Promise<unknown> {
      const sha = (await redis.script("LOAD", text.replace(/^#!lua[^\n]*\n/, ""))) as string;
      ours.set(createHash("sha1").update(text).digest("hex"), sha);
      return redis.evalsha(sha, keys.length, ...keys, ...args);
    },
  };

  return {
    client,
    /**
     * Runs `call`, whose script joins `pipeline` and sends it off. The library calls its script before its first await, so nobody
     * comes between; if it ever stopped doing so, the pipeline would be sent without the script, and the script by itself.
     */
    within<T>(pipeline: ChainableCommander, call: () => Promise<T>): Promise<T> {
      joining = pipeline;
      const result = call();
      if (joining) {
        joining = undefined;
        pipeline.exec().catch(() => {}); // each command's own callback has the error
      }
      return result;
    },
  };
}
