import type { PostgresConnection } from "@dais/local/postgres";
import { testServices } from "@dais/local/services";
import type { TestProject } from "vitest/node";
import { dropDatabase, testDatabase } from "./database.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgres: PostgresConnection;
    redis: string;
  }
}

/** Gives every test file `inject("postgres")` and `inject("redis")`; starts them when the caller hasn't. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await testServices();
  const database = await testDatabase(services.postgres);
  project.provide("postgres", database);
  project.provide("redis", services.redis);
  return async () => {
    await dropDatabase(database);
    await services.stop();
  };
}
