import { uuidOf } from "@dais/contracts/kit/ids";
import { dispatchJobs } from "@dais/modules/dispatches";
import { describe, expect, test } from "vitest";
import { aDispatch, anAddressee, aPolicy, aTemplate, setDailyMessages } from "./support/dispatches.ts";
import { ownDatabase } from "./support/jobs.ts";
import { restClient } from "./support/rest.ts";

const base = await ownDatabase();

/** An organisation with so many people in one entity, made by the database. */
async function crowd(count: number) {
  const here = await base.place();
  const api = restClient(base.server.url, await here.key());
  const company = uuidOf(here.entities.company);
  await base.owner`insert into people (id, tenant_id, tid, oid, name_en, clearance, entity_id, created_at, updated_at)
    select gen_random_uuid(), ${here.tenantId}, 'test', 'p' || n, 'Person ' || n, case n % 10 when 0 then 'public' else 'secret' end, ${company}, now(), now()
    from generate_series(1, ${count}) n`;
  await base.owner`analyze people`;
  await setDailyMessages(here, 1_000_000, base.owner);
  const template = (await api.post("/message-templates", aTemplate())).body;
  const said = (more: object = {}) =>
    aDispatch({
      ...{ templateId: template.id, audience: { entityIds: [here.entities.company] }, classification: "internal" },
      ...{ policy: aPolicy("sms"), ...more },
    });
  return { here, api, said, company };
}
const written = async (id: string) =>
  (
    await base.owner`select count(*)::int as n, count(distinct person_id)::int as people from dispatch_recipients where dispatch_id = ${uuidOf(id)}`
  )[0];
const addressed = (id: string, timeout = 120_000) =>
  expect
    .poll(
      async () => (await base.owner`select addressed_at from dispatches where id = ${uuidOf(id)}`)[0]?.addressed_at,
      {
        ...{ timeout, interval: 200 },
      },
    )
    .not.toBeNull();

describe("a large audience", () => {
  test("is answered at once, and written down in the background: everybody once, and nobody who isn't cleared", async () => {
    const { api, said, here } = await crowd(2000);
    const addressees = Array.from({ length: 300 }, (_, n) =>
      anAddressee({ phone: null, email: `huda${n}@example.org` }),
    );
    const audience = { entityIds: [here.entities.company], addressees };
    const policy = aPolicy("email");
    const { body } = await api.post("/dispatches", said({ audience, policy, classification: "public" }));
    expect(body).toMatchObject({ recipients: 2300, addressedAt: null });
    expect(await written(body.id)).toMatchObject({ n: 200 });
    const worker = await base.work(dispatchJobs.jobs);
    await addressed(body.id);
    expect(await written(body.id)).toEqual({ n: 2300, people: 2000 });
    const unaudited = await base.owner`select 1 from dispatch_recipients r where dispatch_id = ${uuidOf(body.id)}
      and not exists (select from audit a where a.tenant_id = r.tenant_id and a.resource_id = r.id and a.event = 'address')`;
    expect(unaudited).toHaveLength(0);
    const next = await api.post("/dispatches", said());
    expect(next.body.recipients).toBe(1800);
    await addressed(next.body.id);
    expect(await written(next.body.id)).toEqual({ n: 1800, people: 1800 });
    const low = await base.owner`select 1 from dispatch_recipients r join people p on p.id = r.person_id
      where dispatch_id = ${uuidOf(next.body.id)} and p.clearance = 'public'`;
    expect(low).toHaveLength(0);
    const told =
      await base.owner`select payload from outbox where name = 'dispatch.addressed' and resource_id = ${uuidOf(body.id)}`;
    expect(told).toMatchObject([{ payload: { recipients: 2300 } }]);
    await worker.stop();
  });

  test("is written down no further once the dispatch is stopped", async () => {
    const { api, said } = await crowd(1000);
    const { id } = (await api.post("/dispatches", said())).body;
    await api.post(`/dispatches/${id}/stop`, {});
    const worker = await base.work(dispatchJobs.jobs);
    await addressed(id);
    expect(await written(id)).toEqual({ n: 200, people: 200 });
    await worker.stop();
  });

  test("of 100 000 is made; of one more it is refused, with a word why", async () => {
    const { api, said, here, company } = await crowd(100_000);
    const { status, body } = await api.post("/dispatches", said({ classification: "public", policy: aPolicy("sms") }));
    expect({ status, body }).toMatchObject({ status: 201, body: { recipients: 100_000, addressedAt: null } });
    expect(await written(body.id)).toMatchObject({ n: 200 });
    await base.owner`insert into people (id, tenant_id, tid, oid, name_en, clearance, entity_id, created_at, updated_at)
      values (gen_random_uuid(), ${here.tenantId}, 'test', 'one more', 'One more', 'public', ${company}, now(), now())`;
    expect(await api.post("/dispatches/estimate", said({ classification: "public" }))).toMatchObject({
      ...{ status: 422, body: { code: "dispatch_audience_too_large", recipients: 100_001 } },
    });
    await api.post(`/dispatches/${body.id}/stop`, {});
  });
});
