import { readConnection } from "./connection.ts";
import { type PostgresConnection, startPostgres } from "./postgres.ts";
import { findBroker } from "./rabbitmq.ts";
import { findRedis } from "./redis.ts";

/** What the tests stand on. */
export interface TestServices {
  postgres: PostgresConnection;
  redis: string;
  /** Address of a RabbitMQ, which others may be using, too. */
  amqp: string;
  /** Ends what was started for them; leaves alone what was there before. */
  stop(): Promise<void>;
}

/**
 * The Postgres, the Redis and the RabbitMQ of a test run: what `DAIS_TEST_POSTGRES`, `DAIS_TEST_REDIS` and `DAIS_TEST_AMQP` name, and
 * otherwise servers of its own.
 *
 * @throws Error of one line when there is no Redis or no RabbitMQ, nor a way to get one
 */
export async function testServices(): Promise<TestServices> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => void (await Promise.allSettled(started.map((service) => service.stop())));
  try {
    const redis = process.env.DAIS_TEST_REDIS ? given(process.env.DAIS_TEST_REDIS) : await findRedis();
    started.push(redis);
    const broker = process.env.DAIS_TEST_AMQP ? given(process.env.DAIS_TEST_AMQP) : await findBroker();
    started.push(broker);
    const postgres = process.env.DAIS_TEST_POSTGRES
      ? { connection: readConnection(process.env.DAIS_TEST_POSTGRES), stop: async () => {} }
      : await startPostgres({ temporary: true });
    started.push(postgres);
    return { postgres: postgres.connection, redis: redis.url, amqp: broker.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function given(url: string) {
  return { url, stop: async () => {} };
}
