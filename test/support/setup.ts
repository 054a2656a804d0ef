import { serverLogin } from "@dais/drizzle/login";
import type { PostgresConnection } from "@dais/local/postgres";
import { testServices } from "@dais/local/services";
import type { TestProject } from "vitest/node";
import { dropDatabase, testDatabase } from "./database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** As its owner. */
    postgres: PostgresConnection;
    /** As the user that a server connects as. */
    login: PostgresConnection;
    redis: string;
    amqp: string;
  }
}

/** Gives every test file `inject("postgres")`, `inject("redis")` and `inject("amqp")`; starts them when the caller hasn't. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await testServices();
  const database = await testDatabase(services.postgres);
  project.provide("postgres", database);
  project.provide("login", await serverLogin(database, "dais_test_login", "only on this machine"));
  project.provide("redis", services.redis);
  project.provide("amqp", services.amqp);
  return async () => {
    await dropDatabase(database);
    await services.stop();
  };
}
