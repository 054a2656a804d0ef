import type { Tenant } from "./context.ts";
import type { Pool } from "./pool.ts";
import { tenantWith } from "./wall.ts";

/** A tenant by its uuid, as it was at most a minute ago. @throws Error where there is none */
export type Tenants = (id: string) => Promise<Tenant>;

/** How long a process takes a tenant's settings for what they were. */
const rememberMs = 60_000;

export function tenantsOf(app: Pool, now: () => Date): Tenants {
  const known = new Map<string, { tenant: Tenant; until: number }>();
  return async (id) => {
    const time = now().getTime();
    const cached = known.get(id);
    if (cached && cached.until > time) return cached.tenant;
    const tenant = await tenantWith(app, id);
    if (!tenant) throw new Error(`no organisation has the id ${id}`);
    known.set(id, { tenant, until: time + rememberMs });
    return tenant;
  };
}
