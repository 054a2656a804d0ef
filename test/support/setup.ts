import { serverLogin } from "@dais/drizzle/login";
import type { PostgresConnection } from "@dais/local/postgres";
import { testServices } from "@dais/local/services";
import type { TestProject } from "vitest/node";
import { dropDatabase, testDatabase } from "./database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** As its owner. */
    postgres: PostgresConnection;
    /** The name of a database with the newest schema and nothing else, to copy. */
    template: string;
    /** As the user that a server connects as. */
    login: PostgresConnection;
    redis: string;
    amqp: string;
  }
}

/** Gives every test file `inject("postgres")`, `inject("redis")` and `inject("amqp")`; starts them when the caller hasn't. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await testServices();
  const template = await testDatabase(services.postgres);
  const database = await testDatabase(services.postgres, template.database);
  project.provide("postgres", database);
  project.provide("template", template.database);
  project.provide("login", await serverLogin(database, "dais_test_login", "only on this machine"));
  project.provide("redis", services.redis);
  project.provide("amqp", services.amqp);
  return async () => {
    await dropDatabase(database);
    await dropDatabase(template);
    await services.stop();
  };
}
