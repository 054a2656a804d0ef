import { uuidOf } from "@dais/contracts/kit/ids";
import { actingFor } from "./acting.ts";
import type { Identity } from "./authenticate.ts";
import type { Credential } from "./credential.ts";
import { keyHolder } from "./holder-key.ts";
import { queueHolder } from "./holder-queue.ts";
import { tokenHolder } from "./holder-token.ts";
import { type LentRow, lentOf } from "./lent.ts";
import type { Pool } from "./pool.ts";
import { Problem } from "./problem.ts";
import type { Sessions } from "./sessions.ts";
import { looksSigned, type ReadToken } from "./tokens.ts";
import { behind, organisation, tenantOf } from "./wall.ts";

type Parts = { pool: Pool; sessions: Sessions; tokens?: ReadToken; now(): Date };

/** Who holds a credential, as the database has it now; null where it is good for nothing. */
export function holderOf({ pool, sessions, tokens = async () => null, now }: Parts) {
  const ofKey = keyHolder({ pool, now });
  const ofQueue = queueHolder({ pool, now });
  const ofToken = tokenHolder({ pool, tokens, now });

  async function ofSession(hash: string): Promise<Identity | null> {
    const found = await sessions.read(hash).catch(() => {
      throw new Problem("unavailable", { retryAfterSeconds: 2 });
    });
    if (!found) return null;
    const { session, tokens } = found;
    const [row] = await behind(pool, "select set_config('dais.tenant', $1, false)", [session.tenantId], person, [
      uuidOf(session.personId),
      now().toISOString(),
    ]);
    if (!row) return null;
    const { permissions, roles, clearance } = row as { permissions: string[]; roles: string[]; clearance: string };
    const provenAt = session.provenAt === null ? null : new Date(session.provenAt);
    return {
      actor: {
        kind: "user",
        id: session.personId,
        roles,
        permissions: new Set(permissions),
        clearance,
        onBehalfOf: null,
        persons: [],
        session: { id: session.id, provenAt },
        lent: lentOf(row.lent as LentRow[]),
      },
      tenant: tenantOf(row),
      expiresAt: session.endsAt,
      session: { renewAt: tokens?.renewAt ?? null, expiresAt: tokens?.expiresAt ?? null },
    };
  }

  const found = ({ scheme, text }: Credential, hash: string): Promise<Identity | null> => {
    if (scheme === "queue") return ofQueue(text);
    return scheme === "session" ? ofSession(hash) : looksSigned(text) ? ofToken(text) : ofKey(text);
  };

  return async (credential: Credential, hash: string): Promise<Identity | null> => {
    const { actingFor: person = null } = credential;
    const identity = await found(credential, hash);
    return identity && withPersons(person !== null ? await actingFor(pool, identity, person) : identity);
  };
}

/**
 * Adds who is behind the actor, once all is known that stands behind its credential. Who lets the actor do something is not behind all
 * that it does, but what is remembered of the actor is forgotten with what is known of them.
 */
function withPersons(identity: Identity): Identity {
  const { actor, behind = [] } = identity;
  const all = [actor.id, actor.onBehalfOf, actor.agent?.ownerId, ...behind].filter((id) => id?.startsWith("per_"));
  const givers = [...new Set((actor.lent ?? []).map(({ fromId }) => fromId))].sort();
  return {
    ...identity,
    actor: { ...actor, persons: [...new Set(all as string[])] },
    ...(givers.length > 0 && { behind: [...behind, ...givers] }),
  };
}

/** Roles bring those that they inherit, over any number of steps. */
const person = `
  with recursive held (key) as (
    select r.role from person_roles r where r.person_id = $1 and r.ended_at is null
    union select unnest(r.inherits) from roles r join held on held.key = r.key
  )
  select p.clearance, ${organisation}, lent_to(p.id, $2) as lent,
    (select coalesce(json_agg(h.key order by h.key), '[]') from held h join roles r on r.key = h.key) as roles,
    (select coalesce(json_agg(distinct x.permission), '[]')
       from held h join roles r on r.key = h.key cross join unnest(r.permissions) as x(permission)) as permissions
  from people p join organisations o on o.id = p.tenant_id
  where p.id = $1 and p.disabled_at is null`;
