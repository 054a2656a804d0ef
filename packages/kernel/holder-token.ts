import { idOf } from "@dais/contracts/kit/ids";
import type { Identity } from "./authenticate.ts";
import type { Actor } from "./context.ts";
import { type AgentRow, agentOf, agentRow } from "./holder-key.ts";
import { type Lent, type LentRow, lentOf } from "./lent.ts";
import type { Pool } from "./pool.ts";
import { lowest } from "./standing.ts";
import { isWhole, type ReadToken, type TokenClaims, within } from "./tokens.ts";
import { behind, organisation, tenantOf } from "./wall.ts";

/**
 * Who calls with an access token of the issuer; null where it is good for nothing. The application must be registered, and says for which
 * tenant the call is; a person must be there already.
 */
export function tokenHolder({ pool, tokens, now }: { pool: Pool; tokens: ReadToken; now(): Date }) {
  return async (text: string): Promise<Identity | null> => {
    const claims = await tokens(text);
    if (!claims) return null;
    const application = [claims.tid, claims.clientId];
    const [row] = await behind(pool, named, application, program, [
      ...application,
      JSON.stringify(claims.appRoles),
      claims.person?.oid ?? null,
      now().toISOString(),
    ]);
    return row ? holding(row as unknown as Row, claims) : null;
  };
}

type Row = {
  id: string;
  kind: "client" | "agent";
  clearance: string;
  permissions: string[];
  agent: (AgentRow & { permissions: string[]; clearance: string }) | null;
  person: {
    id: string;
    clearance: string;
    roles: string[];
    permissions: string[];
    signed_out_at: string | null;
    lent: LentRow[];
  } | null;
};

function holding(row: Row, claims: TokenClaims): Identity | null {
  const { agent, person } = row;
  if (row.kind === "agent" && !agent) return null;
  if (claims.person && (!person || isOver(person.signed_out_at, claims))) return null;
  const tenant = tenantOf(row as unknown as Record<string, unknown>);
  const clearance = lowest(
    tenant.levels,
    [row, ...(agent ? [agent] : []), ...(person ? [person] : [])].map((one) => one.clearance),
  );
  const via = idOf("prg", row.id);
  const its = { via, clearance, persons: [], session: null };
  const allowed = person && claims.person ? within(claims.person.scopes, person.permissions) : null;
  return {
    actor: agent
      ? { ...its, ...agentActor(agent, allowed), onBehalfOf: person && idOf("per", person.id) }
      : person && claims.person
        ? {
            ...its,
            kind: "user",
            id: idOf("per", person.id),
            roles: person.roles,
            permissions: new Set(allowed),
            onBehalfOf: null,
            lent: lentWithin(person.lent, claims.person.scopes),
            token: { provenAt: claims.person.provenAt, whole: isWhole(claims.person.scopes) },
          }
        : { ...its, kind: "client", id: via, roles: [], permissions: new Set(row.permissions), onBehalfOf: null },
    tenant,
    expiresAt: claims.expiresAt,
    session: null,
    behind: [via, ...(agent ? [idOf("per", agent.owner)] : []), ...(person ? [idOf("per", person.id)] : [])],
    used: { table: "programs", id: row.id },
  };
}

/** A program may do no more for a person by a delegation than without one. */
const lentWithin = (rows: readonly LentRow[], scopes: Parameters<typeof within>[0]): Lent[] =>
  lentOf(rows).map((one) => ({ ...one, moves: within(scopes, one.moves) }));

/** An agent has what it was registered with; what its application was given in the directory adds nothing. */
const agentActor = (
  agent: NonNullable<Row["agent"]>,
  allowed: readonly string[] | null,
): Pick<Actor, "kind" | "id" | "roles" | "permissions" | "agent"> => ({
  kind: "agent",
  id: idOf("agt", agent.id),
  roles: [],
  permissions: new Set(agent.permissions.filter((one) => allowed?.includes(one) ?? true)),
  agent: agentOf(agent),
});

/** Whether the person has signed out everywhere since the token was given. A token tells the second only: in doubt it is over. */
const isOver = (signedOutAt: string | null, { issuedAt }: TokenClaims): boolean =>
  signedOutAt !== null && issuedAt.getTime() <= new Date(signedOutAt).getTime();

const named =
  "select set_config('dais.tenant', coalesce(tenant_of_program($1, $2), '00000000-0000-0000-0000-000000000000')::text, false)";

const program = `
  select p.id, p.kind, p.clearance, ${organisation},
    to_json(permissions_of(roles_within(array(
      select d.role from directory_rules d where d.kind = 'app_role' and d.ended_at is null
        and d.value in (select json_array_elements_text($3::json)))))) as permissions,
    case when a.id is not null then (${agentRow})::jsonb
      || jsonb_build_object('permissions', to_json(a.permissions), 'clearance', a.clearance) end as agent,
    case when w.id is not null then json_build_object('id', w.id, 'clearance', w.clearance, 'signed_out_at', w.signed_out_at,
      'lent', lent_to(w.id, $5), 'roles', to_json(roles_of(w.id)), 'permissions', to_json(permissions_of(roles_of(w.id)))) end as person
  from programs p join organisations o on o.id = p.tenant_id
    left join people w on w.tenant_id = p.tenant_id and w.tid = $1 and w.oid = $4 and w.disabled_at is null
    left join agents a on a.tenant_id = p.tenant_id and a.id = p.agent_id and a.state = 'active'
      and exists (select from people b where b.tenant_id = a.tenant_id and b.id = a.owner_id and b.disabled_at is null)
  where p.tid = $1 and p.client_id = $2 and p.disabled_at is null`;
