import { courierCallbacks } from "@dais/drizzle/schema/dispatches";
import { rowsInserter } from "../insert.ts";
import type { Pool } from "../pool.ts";
import type { Told } from "./port.ts";

/**
 * Puts aside what a vendor told, once however often it says the same: whose it is, and what comes of it, is found out later. One exchange, in
 * which nothing can be read.
 */
export async function putAside(
  pool: Pool,
  vendor: string,
  told: readonly Told[],
  { now, newId }: { now: Date; newId(): string },
): Promise<void> {
  const at = now.toISOString();
  const rows = told.map((one) => ({
    ...{ id: newId(), vendor, digest: one.digest, told: one, received_at: at, next_at: at, tries: 0, outcome: null },
  }));
  await pool.hold("", async (lane) => {
    // The lane served somebody before, who may have been an organisation or a reader.
    const opening = lane.send(nobody, []);
    const inserted = insert((text, params) => lane.send(text, params), rows);
    inserted.catch(() => {});
    await opening;
    await inserted;
  });
}

const nobody = "select set_config('dais.tenant', '', false), set_config('default_transaction_read_only', 'off', false)";
const insert = rowsInserter(courierCallbacks, [], "on conflict do nothing");
