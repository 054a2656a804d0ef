import { idOf } from "@dais/contracts/kit/ids";
import type { RateClass } from "@dais/contracts/kit/operation";
import type { Settings } from "@dais/contracts/organisations";
import { sha256 } from "./canonical.ts";
import type { Actor, Tenant } from "./context.ts";
import type { Gate, Limit } from "./gate.ts";
import { readKeyText } from "./keys.ts";
import type { Pool } from "./pool.ts";
import { Problem } from "./problem.ts";

export type Identity = { actor: Actor; tenant: Tenant; expiresAt: number | null };
export type Admission = { identity: Identity; limit: Limit };

/** How long a process remembers a credential without asking the database again, changed or not. */
const rememberMs = 60_000;
const rememberMost = 10_000;

/**
 * Turns an API key's text into who it is, and takes one call off its allowance. Warm: one exchange with the gate and none with
 * Postgres. Which part of a credential is wrong is never told.
 * @throws unauthenticated, rate_limited, unavailable
 */
export function authenticator(pool: Pool, gate: Gate, now: () => Date) {
  const known = new Map<string, { identity: Identity; epoch: string; until: number }>();
  const blocked = new Map<string, number>();

  async function cold(text: string, rate: RateClass, address: string): Promise<Admission> {
    const found = await lookUp(pool, text, now());
    if (!found) throw await refused(address);
    const { epoch, limit } = await admit(gate, found, rate);
    // Read again after the epoch: what is remembered under an epoch must not be older than it.
    const identity = await lookUp(pool, text, now());
    if (!identity) throw await refused(address);
    if (known.size >= rememberMost) known.clear();
    known.set(sha256(text), { identity, epoch, until: now().getTime() + rememberMs });
    return { identity, limit };
  }

  async function refused(address: string): Promise<Problem> {
    const limit = await gate.strike(address).catch(away);
    if (limit.allowed) return new Problem("unauthenticated");
    if (blocked.size > rememberMost) blocked.clear();
    blocked.set(address, now().getTime() + limit.resetSeconds * 1000);
    return new Problem("rate_limited", { retryAfterSeconds: limit.resetSeconds });
  }

  return async (text: string | null, rate: RateClass, address: string): Promise<Admission> => {
    if (!text) throw new Problem("unauthenticated");
    const time = now().getTime();
    const cached = known.get(sha256(text));
    if (cached && cached.until > time && !expired(cached.identity, time)) {
      const { epoch, limit } = await admit(gate, cached.identity, rate);
      if (epoch === cached.epoch) return { identity: cached.identity, limit };
    }
    known.delete(sha256(text));
    const until = blocked.get(address) ?? 0;
    if (until > time) throw new Problem("rate_limited", { retryAfterSeconds: Math.ceil((until - time) / 1000) });
    if (!readKeyText(text)) throw await refused(address);
    return cold(text, rate, address);
  };
}

const expired = ({ expiresAt }: Identity, time: number) => expiresAt !== null && expiresAt <= time;
const away = (): never => {
  throw new Problem("unavailable", { retryAfterSeconds: 2 });
};
const admit = (gate: Gate, { actor, tenant }: Identity, rate: RateClass) =>
  gate.admit({ tenantId: tenant.id, actorId: actor.id }, rate).catch(away);

/** One exchange: the key names its tenant, the tenant is set, and the hash is looked for behind the wall. */
async function lookUp(pool: Pool, text: string, now: Date): Promise<Identity | null> {
  const key = readKeyText(text);
  if (!key) return null;
  const [row] = await pool.hold("", async (lane) => {
    const opening = lane.send(
      `select set_config('dais.tenant', coalesce(tenant_of($1), '00000000-0000-0000-0000-000000000000')::text, false),
              set_config('default_transaction_read_only', 'on', false)`,
      [key.slug],
    );
    opening.catch(() => {});
    const rows = lane.send(
      `select k.id, k.kind, k.permissions, k.clearance, k.on_behalf_of, k.expires_at,
              o.id as tenant_id, o.slug, o.time_zone, o.settings
       from api_keys k join organisations o on o.id = k.tenant_id
       where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)`,
      [key.hash, now.toISOString()],
    );
    rows.catch(() => {});
    await opening;
    return rows;
  });
  return row ? identityOf(row) : null;
}

function identityOf(row: Record<string, unknown>): Identity {
  const permissions = String(row.permissions).slice(1, -1).split(",");
  return {
    actor: {
      kind: row.kind as Actor["kind"],
      id: idOf("key", row.id as string),
      permissions: new Set(permissions),
      clearance: row.clearance as string,
      onBehalfOf: row.on_behalf_of as string | null,
    },
    tenant: {
      id: row.tenant_id as string,
      slug: row.slug as string,
      timeZone: row.time_zone as string,
      levels: (row.settings as Settings).classifications.map((level) => level.key),
    },
    expiresAt: row.expires_at ? new Date(row.expires_at as string).getTime() : null,
  };
}
