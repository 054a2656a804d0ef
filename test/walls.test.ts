import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { setBriefings } from "./support/briefings.ts";
import { alertXml, infoXml } from "./support/cap/documents.ts";
import { setDispatches } from "./support/dispatches.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import {
  make,
  setAction,
  setAgent,
  setApproval,
  setDeadCommand,
  setDeadLetter,
  setDelegation,
  setJob,
  setPeople,
  setPosture,
  setPostureChange,
  setProgram,
  setSignalGroups,
  setStall,
  setTaken,
  setWaiting,
} from "./support/things.ts";
import { setAudit } from "./support/witness.ts";

const owner = asOwner();
const roles = ["dais_app", "dais_system"];
/** The database as the server's own role has it: past every check of ours, but not past the database's. */
const app = postgres({ ...inject("login"), max: 1, onnotice: () => {}, connection: { role: "dais_app" } });
afterAll(() => app.end());

/** Tables with something of a tenant in them, from the catalogue: a new one is covered without a line here. */
const tables = (
  await owner<{ name: string; tenant: string; columns: string[]; security: boolean[] }[]>`
    select c.relname as name, case c.relname when 'organisations' then 'id' else 'tenant_id' end as tenant,
      array_agg(a.attname::text) filter (where a.attidentity = '' and a.attgenerated = '' and a.attname <> 'xid') as columns, array[c.relrowsecurity, c.relforcerowsecurity] as security
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    group by c.oid, c.relname having bool_or(a.attname = 'tenant_id') or c.relname = 'organisations' order by 1`
).map((table) => [table.name, table] as const);

let url: string;
let mine: Place;
let theirs: Place;

beforeAll(async () => {
  url = (await startServer()).url;
  [mine, theirs] = [await place(), await place()];
  for (const one of [mine, theirs]) {
    const api = restClient(url, await one.key());
    await api.post("/signals", aSignal(), { "idempotency-key": "k" });
    for (const kind of ["asm", "nte", "lnk", "viw", "fed", "prp", "whd", "ers"] as const)
      await make(kind, { place: one, api });
    await setPosture(one, {});
    await setAction({ place: one, api });
    await api.post("/signals/cap?classification=internal", alertXml({}, infoXml()), {
      "content-type": "application/cap+xml",
    });
    await setPostureChange(url, { place: one, api });
    await setSignalGroups(one, api);
    await setPeople(one, api);
    await setJob(one);
    await setAgent(one);
    await setApproval(url, { place: one, api });
    await setProgram(one);
    await setDeadCommand(one);
    await setDeadLetter(one);
    await setStall(one);
    await setTaken(one);
    await setDelegation(one);
    await setWaiting({ place: one, api });
    await setAudit({ place: one, api });
    await setBriefings(url, { place: one, api });
    await setDispatches({ place: one, api });
  }
});

const within = <T>(tenantId: string, work: (tx: postgres.TransactionSql) => Promise<T>) =>
  app.begin(async (tx) => {
    await tx`select set_config('dais.tenant', ${tenantId}, true)`;
    return work(tx);
  });
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "nothing was refused",
    (error) => `${error.code} ${error.message}`,
  );

describe("the catalogue", () => {
  test.each(tables)(
    "%s: row-level security is enabled and forced, with a policy for dais_app alone",
    async (name, { security }) => {
      expect(security).toEqual([true, true]);
      const policies =
        await owner`select roles::text[] as roles, qual, with_check from pg_policies where tablename = ${name} and 'dais_app' = any (roles)`;
      expect(policies).toMatchObject([
        {
          roles: ["dais_app"],
          qual: expect.stringContaining("current_setting('dais.tenant'::text)"),
          with_check: expect.any(String),
        },
      ]);
      expect(await owner`select 1 from pg_policies where tablename = ${name} and 'public' = any (roles)`).toHaveLength(
        0,
      );
    },
  );

  test.each(roles)("%s: owns nothing, and is no more than it must be", async (role) => {
    const [row] =
      await owner`select oid, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication from pg_roles where rolname = ${role}`;
    const { oid, ...powers } = row as Record<string, unknown>;
    expect(Object.values(powers)).toEqual(Array(6).fill(false));
    expect(await owner`select 1 from pg_shdepend where refobjid = ${oid as number} and deptype = 'o'`).toHaveLength(0);
    expect(await owner`select 1 from pg_auth_members where member = ${oid as number}`).toHaveLength(0);
    expect(
      await owner`select 1 where has_schema_privilege(${role}, 'public', 'create') or has_database_privilege(${role}, current_database(), 'create')`,
    ).toHaveLength(0);
  });

  test("dais_app may delete, empty, reference or rig nothing, and change nothing that tells what happened", async () => {
    const may = async (privileges: string[]) =>
      (
        await owner`select c.relname || ' ' || p as what from pg_class c, unnest(${privileges}::text[]) p
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and has_table_privilege('dais_app', c.oid, p)`
      ).map((row) => row.what);
    expect(await may(["TRUNCATE", "REFERENCES", "TRIGGER"])).toEqual([]);
    // What an organisation says of itself, and what only says again what states say.
    expect((await may(["DELETE"])).sort()).toEqual(["posture_levels DELETE", "terms DELETE", "waiting DELETE"]);
    expect(await may(["UPDATE"])).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(audit|outbox|posture|workflow_moves|security_events) /)]),
    );
    expect(await may(["INSERT"])).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(workflow_moves|security_events) /)]),
    );
    const columns =
      await owner`select attname from pg_attribute where attrelid = 'audit'::regclass and attnum > 0 and has_column_privilege('dais_app', 'audit', attname, 'INSERT')`;
    expect(columns.length).toBeGreaterThan(20);
    expect(columns.map((column) => column.attname)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(seq|xid)$/)]),
    );
    expect(
      await owner`select 1 where has_any_column_privilege('dais_app', 'audit', 'UPDATE') or has_table_privilege('dais_app', 'audit', 'INSERT')`,
    ).toHaveLength(0);
  });
});

describe.each(tables)("raw SQL as the server's role: %s", (name, { tenant, columns }) => {
  const all = (sql: postgres.ISql) => sql<Record<string, unknown>[]>`select ${sql(columns)} from ${sql(name)}`;

  test("sees the tenant's own, and nothing of another", async () => {
    const there = await owner`select 1 from ${owner(name)} where ${owner(tenant)} = ${theirs.tenantId}`;
    expect(there.length, `This test must put something into ${name} for both tenants.`).toBeGreaterThan(0);
    const seen = await within(mine.tenantId, all);
    expect(new Set(seen.map((row) => row[tenant]))).toEqual(new Set([mine.tenantId]));
  });

  test("raises without a tenant, also after a call that had one", async () => {
    const fresh = postgres({ ...inject("login"), max: 1, connection: { role: "dais_app" } });
    expect(await refusal(all(fresh))).toMatch(/^42704 unrecognized configuration parameter/);
    await fresh.end();
    await within(mine.tenantId, all);
    expect(await refusal(all(app))).toMatch(/^(42704|22P02) /);
  });

  test("can't put a row into another tenant", async () => {
    const [row] =
      await owner`select to_jsonb(t) as row from ${owner(name)} t where ${owner(tenant)} = ${theirs.tenantId} limit 1`;
    const insert = within(
      mine.tenantId,
      (tx) =>
        tx`insert into ${tx(name)} (${tx(columns)}) select ${tx(columns)} from jsonb_populate_record(null::${tx(name)}, ${tx.json(row?.row)})`,
    );
    expect(await refusal(insert)).toMatch(/^42501 (new row violates row-level security policy|permission denied)/);
    const give = within(mine.tenantId, (tx) => tx`update ${tx(name)} set ${tx({ [tenant]: theirs.tenantId })}`);
    expect(await refusal(give)).toMatch(/^42501 (new row violates row-level security policy|permission denied)/);
  });
});

describe("raw SQL as the server's role", () => {
  test("reset role doesn't lead out of it", async () => {
    for (const way of ["reset role", "reset all"]) {
      await app.unsafe(way);
      expect(await app`select current_user::text as who`).toEqual([{ who: "dais_app" }]);
    }
  });

  test("set role none leads to a user who may do nothing", async () => {
    const trespass = app.begin(async (tx) => {
      await tx`set local role none`;
      await tx`select * from signals`;
    });
    await expect(trespass).rejects.toMatchObject({ code: "42501" });
    const [login] =
      await app`select rolsuper, rolcreaterole, rolbypassrls, rolinherit from pg_roles where rolname = session_user`;
    expect(login).toEqual({ rolsuper: false, rolcreaterole: false, rolbypassrls: false, rolinherit: false });
  });

  test("tenant_of says which organisation a slug names, and nothing more", async () => {
    expect(await app`select tenant_of(${theirs.slug}) as id`).toEqual([{ id: theirs.tenantId }]);
    expect(await app`select tenant_of('nobody') as id`).toEqual([{ id: null }]);
  });
});
