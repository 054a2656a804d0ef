import { idOf } from "@dais/contracts/kit/ids";
import type { Identity } from "./authenticate.ts";
import type { Pool } from "./pool.ts";
import { type Link, standingOf } from "./standing.ts";
import { behind, organisation, tenantOf } from "./wall.ts";

/**
 * Who sends by a queue: the key that its integration was opened with, as it is now. Null where the integration is closed, or the key is
 * over. Of whoever may publish there, the broker has judged.
 */
export function queueHolder({ pool, now }: { pool: Pool; now(): Date }) {
  return async (text: string): Promise<Identity | null> => {
    const [tenantId, id] = text.split(" ") as [string, string];
    const wall = "select set_config('dais.tenant', $1, false)";
    const [row] = await behind(pool, wall, [tenantId], integration, [id]);
    if (!row) return null;
    const tenant = tenantOf(row);
    const standing = standingOf(tenant.levels, row.line as Link[], now());
    if (standing.over) return null;
    const via = idOf("int", id);
    const keyId = row.key_id as string;
    return {
      actor: {
        kind: "client",
        id: idOf("key", keyId),
        roles: [],
        permissions: new Set(standing.permissions),
        clearance: standing.clearance,
        onBehalfOf: row.on_behalf_of as string | null,
        persons: [],
        session: null,
        via,
      },
      tenant,
      expiresAt: standing.endsAt,
      session: null,
      behind: [via, ...standing.behind],
      used: { table: "api_keys", id: keyId },
    };
  };
}

const integration = `
  select i.key_id, k.on_behalf_of, key_line(k.id) as line, ${organisation}
  from integrations i join organisations o on o.id = i.tenant_id join api_keys k on k.tenant_id = i.tenant_id and k.id = i.key_id
  where i.id = $1 and i.closed_at is null and k.revoked_at is null and k.kind = 'client'`;
