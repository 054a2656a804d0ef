import { randomBytes } from "node:crypto";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { sha256 } from "@dais/kernel/canonical";
import type { Limits } from "@dais/kernel/gate";
import { sessionHash } from "@dais/kernel/sessions";
import { redisStore } from "@dais/kernel/store";
import postgres from "postgres";
import type { Place } from "../subject.ts";
import { most } from "./fixed.ts";

export type Known = {
  tenantId: string;
  actorId: string;
  permissions: Set<string>;
  visible: string;
  epoch: string;
  until: number;
  /** Of a person who is signed in. */
  sessionId?: string | null;
  session?: { hash: string; endsAt: number };
  provenAt?: number | null;
};

const limits = Object.fromEntries(
  ["read", "write", "heavy", "auth"].map((rate) => [rate, { limit: most, windowSeconds: 60 }]),
) as Limits;

/**
 * Authentication of the baselines: what a process remembers of a key for a minute, and in one exchange with Redis its epoch and its
 * limit, by the same two commands as the server's. Null for strangers.
 */
export async function guard({ postgres: connection, redis }: Place) {
  const { gate, sessions } = await redisStore(redis, limits, {
    now: () => new Date(),
    random: randomBytes,
    idleMs: 1_800_000,
  });
  const sql = postgres({ ...connection, max: 1, onnotice: () => {} });
  const known = new Map<string, Known>();

  async function found(hash: string): Promise<Known | null> {
    const [row] = await sql`
      select k.id, k.tenant_id, k.clearance, k.permissions, o.settings from api_keys k join organisations o on o.id = k.tenant_id
      where k.hash = ${hash} and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;
    if (!row) return null;
    const levels = row.settings.classifications.map(({ key }: { key: string }) => key) as string[];
    const visible = arrayOf(levels.slice(0, levels.indexOf(row.clearance) + 1));
    const permissions = new Set<string>(row.permissions);
    return { tenantId: row.tenant_id, actorId: idOf("key", row.id), permissions, visible, epoch: "", until: 0 };
  }

  /** A person by the session's cookie. */
  async function signedIn(hash: string): Promise<Known | null> {
    const { session } = (await sessions.read(hash)) ?? {};
    if (!session) return null;
    const [row] = await sql`
      select p.clearance, permissions_of(roles_of(p.id)) as permissions, o.settings from people p join organisations o on o.id = p.tenant_id
      where p.id = ${uuidOf(session.personId)} and p.disabled_at is null`;
    if (!row) return null;
    const levels = row.settings.classifications.map(({ key }: { key: string }) => key) as string[];
    const { id, tenantId, personId, provenAt, endsAt } = session;
    return {
      ...{ tenantId, actorId: personId, permissions: new Set<string>(row.permissions), epoch: "", until: 0 },
      visible: arrayOf(levels.slice(0, levels.indexOf(row.clearance) + 1)),
      ...{ sessionId: id, session: { hash, endsAt }, provenAt },
    };
  }

  return async (
    authorization: string | undefined,
    rate: "read" | "write",
    permission: string,
    cookie?: string,
  ): Promise<Known | null> => {
    const text = cookie?.slice("__Host-dais_session=".length);
    if (!text && !authorization?.startsWith("Bearer ")) return null;
    const hash = text ? sessionHash(text) : sha256((authorization as string).slice(7));
    const remembered = known.get(hash);
    const one = remembered && remembered.until > Date.now() ? remembered : await (text ? signedIn(hash) : found(hash));
    if (!one?.permissions.has(permission)) return null;
    if (text && Date.now() - (one.provenAt ?? 0) > 300_000) return null;
    const { epoch, limit, alive } = await gate.admit(one, rate, one.session);
    if (epoch !== one.epoch) known.set(hash, { ...one, epoch, until: Date.now() + 60_000 });
    return limit.allowed && alive ? one : null;
  };
}
