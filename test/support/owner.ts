import postgres from "postgres";
import { inject } from "vitest";

let owner: postgres.Sql | undefined;

/** The database as its owner sees it, over all tenants: for setting the stage and for looking behind it. */
export function asOwner(): postgres.Sql {
  owner ??= postgres({ ...inject("postgres"), max: 2, onnotice: () => {}, idle_timeout: 5 });
  return owner;
}
