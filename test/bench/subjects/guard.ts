import { randomBytes } from "node:crypto";
import { idOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import type { Limits } from "@dais/kernel/gate";
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
};

const limits = Object.fromEntries(
  ["read", "write", "heavy", "auth"].map((rate) => [rate, { limit: most, windowSeconds: 60 }]),
) as Limits;

/**
 * Authentication of the baselines: what a process remembers of a key for a minute, and in one exchange with Redis its epoch and its
 * limit, by the same two commands as the server's. Null for strangers.
 */
export async function guard({ postgres: connection, redis }: Place) {
  const { gate } = await redisStore(redis, limits, { now: () => new Date(), random: randomBytes, idleMs: 60_000 });
  const sql = postgres({ ...connection, max: 1, onnotice: () => {} });
  const known = new Map<string, Known>();

  async function found(hash: string): Promise<Known | null> {
    const [row] = await sql`
      select k.id, k.tenant_id, k.clearance, k.permissions, o.settings from api_keys k join organisations o on o.id = k.tenant_id
      where k.hash = ${hash} and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;
    if (!row) return null;
    const levels = row.settings.classifications.map(({ key }: { key: string }) => key) as string[];
    const visible = `{${levels.slice(0, levels.indexOf(row.clearance) + 1).join(",")}}`;
    const permissions = new Set<string>(row.permissions);
    return { tenantId: row.tenant_id, actorId: idOf("key", row.id), permissions, visible, epoch: "", until: 0 };
  }

  return async (
    authorization: string | undefined,
    rate: "read" | "write",
    permission: string,
  ): Promise<Known | null> => {
    if (!authorization?.startsWith("Bearer ")) return null;
    const hash = sha256(authorization.slice(7));
    const remembered = known.get(hash);
    const one = remembered && remembered.until > Date.now() ? remembered : await found(hash);
    if (!one?.permissions.has(permission)) return null;
    const { epoch, limit } = await gate.admit(one, rate);
    if (epoch !== one.epoch) known.set(hash, { ...one, epoch, until: Date.now() + 60_000 });
    return limit.allowed ? one : null;
  };
}
