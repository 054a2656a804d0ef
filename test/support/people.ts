import { randomBytes } from "node:crypto";
import { idOf } from "@dais/contracts/kit/ids";
import { connectRedis } from "@dais/kernel/redis";
import type { Sessions } from "@dais/kernel/sessions";
import { redisSessions } from "@dais/kernel/sessions-redis";
import type postgres from "postgres";
import { inject } from "vitest";
import { sessionPrefix } from "./credential.ts";

export type Person = {
  /** `per_…` */
  id: string;
  uuid: string;
  tid: string;
  oid: string;
  /** Opens a session, as a sign-in would, and answers with the credential. `proven`: a second factor, just now or so many ms ago. */
  session(of?: { proven?: boolean | number; sessions?: Sessions; openedAt?: number; endsAt?: number }): Promise<string>;
};
export type PersonOptions = {
  roles?: readonly string[];
  clearance?: string;
  name?: string;
  disabled?: boolean;
  uuid?: string;
  entityId?: string | null;
};

let shared: Promise<Sessions> | undefined;
/** The run's Redis, as the servers of the tests use it. */
const inRedis = () =>
  (shared ??= connectRedis(inject("redis")).then((redis) =>
    redisSessions(redis, { idleMs: 30 * 60_000, now: () => new Date(), random: randomBytes }),
  ));

/** Makes a person as the directory would have brought them, with roles granted here. */
export async function makePerson(
  sql: postgres.Sql,
  tenantId: string,
  now: Date,
  {
    roles = ["admin"],
    clearance = "secret",
    name = "Sara Ahmed",
    disabled = false,
    entityId = null,
    uuid = crypto.randomUUID(),
  }: PersonOptions = {},
): Promise<Person> {
  const [tid, oid] = [crypto.randomUUID(), crypto.randomUUID()];
  await sql`insert into people (id, tenant_id, tid, oid, name_en, clearance, disabled_at, entity_id, created_at, updated_at)
    values (${uuid}, ${tenantId}, ${tid}, ${oid}, ${name}, ${clearance}, ${disabled ? now : null}, ${entityId}, ${now}, ${now})`;
  for (const role of roles) {
    await sql`insert into person_roles (tenant_id, person_id, role, source, granted_by, granted_at)
      values (${tenantId}, ${uuid}, ${role}, 'granted', 'test', ${now})`;
  }
  const id = idOf("per", uuid);
  return {
    ...{ id, uuid, tid, oid },
    async session({ proven = false, sessions, openedAt = Date.now(), endsAt } = {}) {
      const store = sessions ?? (await inRedis());
      const text = await store.open(
        {
          id: idOf("ses", crypto.randomUUID()),
          tenantId,
          personId: id,
          openedAt,
          provenAt: proven === false ? null : openedAt - (proven === true ? 0 : proven),
          endsAt: endsAt ?? openedAt + 12 * 3_600_000,
          address: "127.0.0.1",
          userAgent: "test",
          issuer: "http://issuer.test",
          issuerSid: null,
          subject: oid,
        },
        null,
      );
      return `${sessionPrefix}${text}`;
    },
  };
}
