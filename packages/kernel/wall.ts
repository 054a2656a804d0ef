import { type KeptSettings, readsFrom } from "@dais/contracts/organisations/settings";
import type { Tenant } from "./context.ts";
import type { Rows } from "./lane.ts";
import type { Pool } from "./pool.ts";

/** Asks behind the wall of a tenant, which the first statement sets: one exchange. */
export function behind(
  pool: Pool,
  wall: string,
  its: readonly unknown[],
  text: string,
  params: readonly unknown[],
): Promise<Rows> {
  return pool.hold("", async (lane) => {
    const opening = lane.send(`${wall}, set_config('default_transaction_read_only', 'on', false)`, its);
    const rows = lane.send(text, params);
    rows.catch(() => {});
    await opening;
    return rows;
  });
}

/** Of an organisation `o`, what `tenantOf` reads. */
export const organisation = "o.id as tenant_id, o.slug, o.time_zone, o.settings";

/** A tenant's row as calls know it. */
export function tenantOf(row: Record<string, unknown>): Tenant {
  const settings = row.settings as KeptSettings;
  const levels = settings.classifications.map((level) => level.key);
  const from = readsFrom(settings);
  return {
    id: row.tenant_id as string,
    slug: row.slug as string,
    timeZone: row.time_zone as string,
    levels,
    readsFrom: from === null ? levels.length : levels.indexOf(from),
  };
}

/** The tenant with an id, for work that nobody's credential stands behind. */
export async function tenantWith(pool: Pool, id: string): Promise<Tenant | null> {
  const [row] = await behind(pool, "select set_config('dais.tenant', $1, false)", [id], whole, [id]);
  return row ? tenantOf(row) : null;
}

const whole = `select ${organisation} from organisations o where o.id = $1`;
