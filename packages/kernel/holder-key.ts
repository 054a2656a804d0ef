import { idOf } from "@dais/contracts/kit/ids";
import type { Identity } from "./authenticate.ts";
import type { Actor } from "./context.ts";
import { readKeyText } from "./keys.ts";
import { networks } from "./networks.ts";
import type { Pool } from "./pool.ts";
import { type Link, standingOf } from "./standing.ts";
import { behind, organisation, tenantOf } from "./wall.ts";

/** Who holds an API key, as the database has it now; null where its text is good for nothing. */
export function keyHolder({ pool, now }: { pool: Pool; now(): Date }) {
  return async (text: string): Promise<Identity | null> => {
    const parts = readKeyText(text);
    if (!parts) return null;
    const time = now();
    const [row] = await behind(pool, named, [parts.slug], key, [parts.hash, time.toISOString()]);
    if (!row) return null;
    const tenant = tenantOf(row);
    const { over, permissions, clearance, endsAt, behind: its } = standingOf(tenant.levels, row.line as Link[], time);
    if (over) return null;
    const id = idOf("key", row.id as string);
    const agent = row.agent as AgentRow | null;
    const grace = row.grace_ends_at === null ? null : new Date(row.grace_ends_at as string).getTime();
    const ranges = row.ip_ranges as string[] | null;
    return {
      actor: {
        kind: row.kind as Actor["kind"],
        id: agent ? idOf("agt", agent.id) : id,
        roles: [],
        permissions: new Set(permissions),
        clearance,
        onBehalfOf: agent ? null : (row.on_behalf_of as string | null),
        persons: [],
        session: null,
        ...(agent && { via: id, agent: agentOf(agent) }),
      },
      tenant,
      expiresAt: endsAt !== null && grace !== null ? Math.min(endsAt, grace) : (endsAt ?? grace),
      session: null,
      behind: agent ? [id, ...its.slice(1)] : its,
      used: { table: "api_keys", id: row.id as string },
      ...(ranges && { from: networks(ranges) }),
    };
  };
}

/** As `json_build_object` has it in the statements that look for one. */
export type AgentRow = { id: string; model: string; version: string; owner: string; acts_for: string[] };

export const agentOf = ({ model, version, owner, acts_for }: AgentRow): NonNullable<Actor["agent"]> => ({
  model,
  version,
  ownerId: idOf("per", owner),
  actsFor: [owner, ...acts_for].map((id) => idOf("per", id)),
});

/** Of an agent `a`. */
export const agentRow = `case when a.id is not null then json_build_object('id', a.id, 'model', a.model, 'version', a.model_version,
  'owner', a.owner_id, 'acts_for', to_json(a.acts_for)) end`;

/** The key names its tenant, the tenant is set, and the hash is looked for behind the wall. */
const named =
  "select set_config('dais.tenant', coalesce(tenant_of($1), '00000000-0000-0000-0000-000000000000')::text, false)";

const key = `
  select k.id, k.kind, k.on_behalf_of, to_json(k.ip_ranges) as ip_ranges, key_line(k.id) as line, ${organisation},
    case when k.hash = $1 then null else k.grace_ends_at end as grace_ends_at, ${agentRow} as agent
  from api_keys k join organisations o on o.id = k.tenant_id
    left join agents a on a.tenant_id = k.tenant_id and a.id = k.agent_id
  where (k.hash = $1 or (k.previous_hash = $1 and k.grace_ends_at > $2)) and k.revoked_at is null`;
