import { demoUuid } from "@dais/demo/fixed";
import type { Connection } from "@dais/kernel/lane";
import postgres from "postgres";
import { Refusal } from "./stop.ts";

/** The demo's organisations, whichever start has loaded them. */
const organisations = [demoUuid("org", "9a"), demoUuid("org", "fa")];

/**
 * Sees to it that no vendor is handed what the demo's organisations have to say, also where an earlier start loaded them: nobody means it, and it
 * costs.
 * @throws Refusal where one of them is there
 */
export async function withoutDemo(connection: Connection): Promise<void> {
  const role = { ...connection.connection, role: "dais_app" };
  const sql = postgres({ ...connection, connection: role, max: 1, fetch_types: false, onnotice: () => {} });
  try {
    for (const id of organisations) {
      const [, found] = await sql.begin((tx) => [
        tx`select set_config('dais.tenant', ${id}, true)`,
        tx`select 1 from organisations where id = ${id}`,
      ]);
      if (found?.length) throw new Refusal(sentence);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const sentence =
  "The demo is in this database, and vendors are to carry messages: set DAIS_COURIERS to standin or none, or take another database (DATABASE_URL, or DAIS_HOME for the embedded one).";
