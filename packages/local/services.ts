import { readConnection } from "./connection.ts";
import { type PostgresConnection, startPostgres } from "./postgres.ts";
import { findRedis } from "./redis.ts";

/** What the tests stand on. */
export interface TestServices {
  postgres: PostgresConnection;
  redis: string;
  /** Ends what was started for them; leaves alone what was there before. */
  stop(): Promise<void>;
}

/**
 * The Postgres and the Redis of a test run: what `DAIS_TEST_POSTGRES` and `DAIS_TEST_REDIS` name, and otherwise
 * servers of its own.
 *
 * @throws Error of one line when there is no Redis, nor a way to get one
 */
export async function testServices(): Promise<TestServices> {
  const redis = process.env.DAIS_TEST_REDIS ? given(process.env.DAIS_TEST_REDIS) : await findRedis();
  try {
    const postgres = process.env.DAIS_TEST_POSTGRES
      ? { connection: readConnection(process.env.DAIS_TEST_POSTGRES), stop: async () => {} }
      : await startPostgres({ temporary: true });
    const stop = async () => void (await Promise.allSettled([redis.stop(), postgres.stop()]));
    return { postgres: postgres.connection, redis: redis.url, stop };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

function given(url: string) {
  return { url, stop: async () => {} };
}
