import { pgTable, text } from "drizzle-orm/pg-core";
import { texts } from "./texts.ts";

/** What each role may do, as the contract declares it; written by whoever migrates (drizzle/reference.ts), the same for every tenant. */
export const roles = pgTable("roles", {
  key: text().primaryKey(),
  /** Keys of the roles that this one holds, too. */
  inherits: texts().notNull(),
  permissions: texts().notNull(),
});

/** The digests of what the tables of reference hold, so that a server sees that it has nothing to write. */
export const reference = pgTable("reference", {
  name: text().primaryKey(),
  digest: text().notNull(),
});
