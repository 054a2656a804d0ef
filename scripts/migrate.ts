/**
 * Brings the database to the newest schema, and ends: `npm run migrate`.
 *
 * It is the database of `DATABASE_OWNER_URL`, else of `DATABASE_URL`, else the embedded one of this checkout. Two at once
 * migrate once. `npm start` does the same by itself.
 */
import { migrate } from "@dais/drizzle/migrate";
import { failed, withDatabase } from "./database.ts";

try {
  await withDatabase(({ owner }) => migrate(owner));
  process.stdout.write("The database has the newest schema.\n");
} catch (error) {
  failed(error);
}
