import { authorized } from "../../support/credential.ts";
import { atMost, type Bench } from "../bench.ts";
import { compare } from "../compare.ts";
import { signedIn } from "../confirming.ts";
import { sameAnswers } from "../equal.ts";
import type { Side } from "../load.ts";
import { type Stage, setStage, type Tenant } from "../stage.ts";
import { subject } from "../subject.ts";
import { written } from "../wire.ts";

const rows = 200_000;
const bar = 1.8;

export const inbox: Bench = {
  name: "inbox",
  title: "An inbox",
  about:
    "`GET /v1/inbox` of a person for whom 20 things wait, by name, by a permission and by a group, of the 200 000 that wait for somebody in their organisation. CPU per request of the server as it is delivered, against `node:http` + postgres.js by hand with the same SQL, row-level security, authentication and exchange with Redis, which checks no schema and writes no log.",
  async run() {
    const stage = await setStage({ tenants: 1, rows: 10 });
    const credential = await waiting(stage);
    const two = [await subject("dais", stage), await subject("limit", stage)] as const;
    const request = written({ method: "GET", path: "/v1/inbox", headers: authorized(credential) });
    const [dais, limit] = two.map((one): Side => ({ subject: one, next: () => request, status: 200 })) as [Side, Side];
    await sameAnswers(dais, limit);
    const comparison = await compare(dais, limit);
    for (const one of two) await one.stop();
    await stage.stop();
    return [atMost("20 of 200 000 things that wait", bar, comparison)];
  },
};

/** Has all of it wait, and answers with the session of the person for whom 20 of it do. */
async function waiting({ owner, redis, tenants }: Stage): Promise<string> {
  const tenant = tenants[0] as Tenant;
  const [me, team] = [crypto.randomUUID(), crypto.randomUUID()];
  const { session } = await signedIn(redis, owner, tenant, ["executive", "approver"], me);
  await owner`insert into groups (id, tenant_id, name_en, owner_id, created_at, updated_at)
    values (${team}, ${tenant.id}, 'Board', ${me}, now(), now())`;
  await owner`insert into group_members (id, tenant_id, group_id, person_id, added_at)
    values (${crypto.randomUUID()}, ${tenant.id}, ${team}, ${me}, now())`;
  // Every ten-thousandth is mine; the others wait for one of 2000 people, for a permission of theirs or for one of 50 groups.
  await owner`
    insert into waiting (tenant_id, machine, resource_id, state, person_id, permission, group_id, moves, classification, title_en, since, due_at)
    select ${tenant.id}, 'approval', md5('thing' || n)::uuid, 'pending',
      case when way < 6 then case when mine then ${me}::uuid else md5('person' || n % 2000)::uuid end end,
      case when way in (6, 7) then case when mine then 'approval.approve' else 'agent.resume' end end,
      case when way > 7 then case when mine then ${team}::uuid else md5('group' || n % 50)::uuid end end,
      '{approval.approve,approval.refuse}', 'internal', 'Cooling units for hall ' || n,
      timestamptz '2026-01-06T04:00:00Z' + n * interval '1 second', timestamptz '2026-01-09T20:00:00Z'
    from (select n, n % 10000 = 0 as mine, n / 10000 % 10 as way from generate_series(1, ${rows}::int) n) as t`;
  await owner.unsafe("vacuum (analyze) waiting");
  return session;
}
