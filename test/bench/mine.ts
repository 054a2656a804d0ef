import type postgres from "postgres";
import { authorized } from "../support/credential.ts";
import { signedIn } from "./confirming.ts";
import type { Next } from "./load.ts";
import type { Stage, Tenant } from "./stage.ts";
import { written } from "./wire.ts";

/** How many people of an organisation own its actions in turn. */
const owners = 100;

/** The reads of one person of each organisation in turn, of the actions that they see to. */
export async function mine(stage: Stage, rows: number): Promise<Next> {
  const { owner, redis, tenants } = stage;
  const people = await Promise.all(tenants.map((tenant) => signedIn(redis, owner, tenant, ["operational"])));
  await fillActions(
    owner,
    tenants,
    people.map(({ person }) => person.uuid),
    rows,
  );
  const reads = people.map(({ session }) =>
    written({ method: "GET", path: "/v1/actions/mine?limit=20", headers: authorized(session) }),
  );
  let n = 0;
  return () => reads[n++ % reads.length] as string;
}

/** Writes actions, one organisation after the other in turn; three in ten of them are done. Each person is the deputy for some, too. */
async function fillActions(owner: postgres.Sql, tenants: readonly Tenant[], first: string[], rows: number) {
  await owner.begin(async (tx) => {
    await tx.unsafe("set local session_replication_role = replica");
    const ids = tenants.map(({ id }) => id);
    // What of the people the actions need is that they have ids.
    await tx`create temporary table owners on commit drop as
      select t.n as tenant, p, case when p = 0 then (${first}::uuid[])[t.n] else gen_random_uuid() end as id
      from generate_series(1, ${ids.length}::int) as t (n), generate_series(0, ${owners - 1}::int) as p`;
    await tx`
      insert into actions (id, tenant_id, title, details, priority, due_day, due_at, owner_id, deputy_ids, entity_id, classification,
        source_type, source_id, created_by, state, version, created_at, updated_at)
      select (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || left(hex, 3) || '8' || substr(hex, 4, 15))::uuid,
        (${ids}::uuid[])[o.tenant], 'Call the supplier about station ' || n, repeat('It has one in stock. ', 10),
        (array['urgent', 'high', 'normal', 'low'])[1 + n % 4], case when n % 9 > 0 then at::date end,
        case when n % 9 > 0 then date_trunc('day', at) + interval '20 hours' end, o.id, case when d.id is null then '{}' else array[d.id] end, null,
        (array['public', 'internal', 'confidential'])[1 + n / 10 % 3], null, null, 'key_bench',
        case when n / 10 % 10 < 3 then 'done' else (array['open', 'in_progress', 'blocked'])[1 + n / 100 % 3] end, 1, at, at
      from generate_series(0, ${rows - 1}::int) as n
        cross join lateral (select timestamptz '2026-01-01' + n * interval '2 minutes' as at, md5(n || gen_random_uuid()::text) as hex) as its
        join owners o on o.tenant = 1 + n % ${ids.length}::int and o.p = n / ${ids.length}::int * 7 % ${owners}::int
        left join owners d on d.tenant = o.tenant and d.p = (o.p + 1) % ${owners}::int and n / 10 % 10 = 9`;
  });
  await owner.unsafe("vacuum (analyze) actions");
}
