import { randomBytes, randomUUID } from "node:crypto";
import { idOf } from "@dais/contracts/kit/ids";
import type { Limits } from "@dais/kernel/gate";
import { redisStore } from "@dais/kernel/store";
import { authorized, sessionPrefix } from "../support/credential.ts";
import { makePerson } from "../support/people.ts";
import type { Effect } from "./equal.ts";
import { type Next, once } from "./load.ts";
import type { Stage, Tenant } from "./stage.ts";
import type { Subject } from "./subject.ts";
import { written } from "./wire.ts";

type Waiting = { id: string; tenant: Tenant };

/** Proposed changes of posture, each of an entity of its own, and in each organisation somebody who may confirm them. */
export async function proposals({ owner, redis, tenants }: Stage, count: number) {
  const sessions = new Map<string, string>();
  for (const tenant of tenants)
    sessions.set(tenant.id, (await signedIn(redis, owner, tenant, ["executive", "approver"])).session);
  const ids = tenants.map(({ id }) => id);
  const rows = await owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    return tx`
      with e as (
        insert into entities (id, tenant_id, key, name_en, kind, created_at, updated_at)
        select gen_random_uuid(), (${ids}::uuid[])[1 + n % cardinality(${ids}::uuid[])], 'site-' || n, 'Site', 'company', now(), now()
        from generate_series(0, ${count - 1}::int) n returning id, tenant_id
      )
      insert into posture_changes (id, tenant_id, entity_id, from_level, level, rank, reason, signal_ids, proposed_by, classification, state,
        created_at, updated_at)
      select gen_random_uuid(), tenant_id, id, null, 'high', 2, 'Water in the yard of the site.', '{}', 'agt_bench', 'internal', 'proposed',
        '2026-01-06T04:00:00Z', '2026-01-06T04:00:00Z' from e returning id, tenant_id`;
  });
  await owner.unsafe("vacuum (analyze) posture_changes, entities");
  const whose = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  const waiting: Waiting[] = rows.map((row) => ({ id: row.id, tenant: whose.get(row.tenant_id) as Tenant }));
  const confirming = ({ id, tenant }: Waiting): string =>
    written({
      method: "POST",
      path: `/v1/posture/changes/${idOf("pos", id)}/confirm`,
      headers: { ...authorized(sessions.get(tenant.id) as string), "idempotency-key": randomUUID() },
      body: '{"version":1,"reason":"The site says so itself."}',
    });
  const next: Next = () => {
    const one = waiting.shift();
    if (!one) throw new Error(`There are no more than ${count} proposals.`);
    return confirming(one);
  };
  /** Has a server confirm one of the first organisation's. */
  const confirmed = async (subject: Subject): Promise<Effect> => {
    const at = waiting.findIndex(({ tenant }) => tenant === tenants[0]);
    const [one] = waiting.splice(at, 1) as [Waiting];
    const { body } = await once({ subject, next: () => confirming(one), status: 200 });
    return { table: "posture_changes", answer: JSON.parse(body), uuid: one.id };
  };
  return { next, confirmed };
}

/** Somebody who has proven a second factor, and their session, good for longer than the measurement takes. */
export async function signedIn(
  redis: string,
  owner: Stage["owner"],
  tenant: Tenant,
  roles: readonly string[],
  uuid?: string,
) {
  const person = await makePerson(owner, tenant.id, new Date(), { roles, clearance: "confidential", uuid });
  const limits = Object.fromEntries(
    ["read", "write", "heavy", "auth"].map((rate) => [rate, { limit: 1, windowSeconds: 60 }]),
  ) as Limits;
  const options = { now: () => new Date(), random: randomBytes, idleMs: 3_600_000 };
  const store = await redisStore(redis, limits, options);
  const openedAt = Date.now();
  const session = {
    ...{ id: idOf("ses", randomUUID()), tenantId: tenant.id, personId: person.id, openedAt, address: "127.0.0.1" },
    ...{ provenAt: openedAt + 3_600_000, endsAt: openedAt + 12 * 3_600_000, userAgent: null, issuer: "bench" },
    ...{ issuerSid: null, subject: person.oid },
  };
  const text = await store.sessions.open(session, null);
  await store.close();
  return { person, session: `${sessionPrefix}${text}` };
}
