import { createHash } from "node:crypto";
import { grow, hashBytes, type Tile, width } from "@dais/kernel/proof/tiles";
import type postgres from "postgres";
import type { Place } from "../place.ts";

/** Leaves that the tree grows by at a time. */
const batch = 256 * width;

/**
 * Gives an organisation a log that has grown to `size` entries already, as the sealer would have left it: its tree is the product's own, over
 * hashes of leaves that stand for entries which nobody has to write. What is written from now on is sealed behind them.
 */
export async function plant(sql: postgres.Sql, { tenantId, slug }: Place, size: number): Promise<void> {
  let edge: readonly Tile[] = [];
  for (let from = 0; from < size; from += batch) {
    const grown = grow(edge, from, leaves(from, Math.min(batch, size - from)));
    const tiles = grown.changed.map((tile) => ({ tenant_id: tenantId, ...tile }));
    await sql`insert into audit_nodes ${sql(tiles)} on conflict (tenant_id, level, tile) do update set hashes = excluded.hashes`;
    edge = grown.edge;
  }
  await sql`insert into audit_trees (tenant_id, origin, size) values (${tenantId}, ${`dais.test/audit/${slug}`}, ${size})`;
}

/** Hashes of leaves, the same for the same place in the log. */
function leaves(from: number, count: number): Buffer[] {
  const bytes = createHash("shake256", { outputLength: count * hashBytes })
    .update(`leaves from ${from}`)
    .digest();
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * hashBytes, (n + 1) * hashBytes));
}
