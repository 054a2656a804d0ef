import { uuidOf } from "@dais/contracts/kit/ids";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

const owner = asOwner();
/** The server's own role, past every check of the server's. */
const app = postgres({ ...inject("login"), max: 1, onnotice: () => {}, connection: { role: "dais_app" } });
afterAll(() => app.end());

let here: Place;
let api: RestClient;
beforeAll(async () => {
  const { url } = await startServer();
  here = await place();
  api = restClient(url, await here.key());
});

type Work = (sql: postgres.Sql | postgres.TransactionSql) => Promise<unknown>;
const within = (work: Work) =>
  app.begin(async (tx) => {
    await tx`select set_config('dais.tenant', ${here.tenantId}, true)`;
    await work(tx);
  });
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "nothing was refused",
    (error) => `${error.code} ${error.message}`,
  );
const aNew = async () => uuidOf((await api.post("/signals", aSignal())).body.signal.id as string);
const stateOf = async (id: string) => (await owner`select state from signals where id = ${id}`)[0]?.state;

/** An audit entry as the server writes one. */
const entry = (id: string, event: string, from: string | null, to: string, more: object = {}) => ({
  ...{ id: crypto.randomUUID(), tenant_id: here.tenantId, at: new Date(), outcome: "done", actor_kind: "client" },
  ...{ actor_id: "x", operation: "x", action: "x", resource_type: "signal", resource_id: id, event, from_state: from },
  ...{ to_state: to, changed: true, request_id: "x", salt: "x", ...more },
});
const set = (sql: postgres.Sql | postgres.TransactionSql, id: string, state: string) =>
  sql`update signals set state = ${state} where id = ${id}`;

describe("the audit trail", () => {
  test("can't be changed, thinned out or emptied, by nobody", async () => {
    await aNew();
    const mine = owner`tenant_id = ${here.tenantId}`;
    const before = await here.trail();
    expect(before.length).toBeGreaterThan(0);
    expect(await refusal(owner`update audit set reason = 'another' where ${mine}`.execute())).toMatch(/^DA002 /);
    expect(await refusal(owner`delete from audit where ${mine}`.execute())).toMatch(/^DA002 /);
    expect(await refusal(owner`truncate audit`.execute())).toMatch(/^DA002 /);
    for (const work of [(sql) => sql`update audit set reason = 'x'`, (sql) => sql`delete from audit`] as Work[])
      expect(await refusal(within(work))).toMatch(/^42501 permission denied/);
    expect(await here.trail()).toEqual(before);
  });

  test("an entry's place and transaction are Postgres' own, and can't be named", async () => {
    const id = await aNew();
    const rule = { xid: "", seq: "overriding system value" };
    for (const [field, words] of Object.entries(rule)) {
      const row = entry(id, "x", null, "x", { [field]: "1" });
      const insert = within((sql) => {
        const columns = Object.keys(row) as (keyof typeof row)[];
        const names = columns.map((name) => `"${name}"`).join();
        return sql.unsafe(
          `insert into audit (${names}) ${words} values (${columns.map((_, n) => `$${n + 1}`).join()})`,
          columns.map((name) => row[name]),
        );
      });
      expect(await refusal(insert)).toMatch(/^42501 permission denied/);
    }
    const forged = owner`insert into audit ${owner({ ...entry(id, "x", null, "x"), seq: 1 })}`.execute();
    expect(await refusal(forged)).toMatch(/^428C9 /);
    const [row] = await owner`select xid::text, pg_current_xact_id()::text as now from audit order by seq desc limit 1`;
    expect(BigInt(row?.xid)).toBeLessThanOrEqual(BigInt(row?.now));
  });
});

describe("a state changes by a legal move on record, or not at all, whoever writes", () => {
  const both: [string, (work: Work) => Promise<unknown>][] = [
    ["the server's role", within],
    ["the owner", (work) => owner.begin((sql) => work(sql))],
  ];

  test.each(both)("DA001: a change without an entry, by %s", async (_, as) => {
    const id = await aNew();
    for (const state of ["acknowledged", "dismissed", "nonsense"])
      expect(await refusal(as((sql) => set(sql, id, state)))).toMatch(/^DA001 /);
    expect(await stateOf(id)).toBe("new");
  });

  test.each([
    ["an illegal move", "dismiss", "new", "dismissed"],
    ["another event's move", "escalate", "new", "acknowledged"],
    ["another state than it had", "acknowledge", "acknowledged", "acknowledged"],
    ["another state than it got", "acknowledge", "new", "escalated"],
  ])("DA001: an entry that tells of %s", async (_, event, from, to) => {
    const id = await aNew();
    const state = to === "escalated" ? "acknowledged" : to;
    const work: Work = async (sql) => {
      await set(sql, id, state);
      await sql`insert into audit ${sql(entry(id, event, from, to))}`;
    };
    expect(await refusal(within(work))).toMatch(/^DA001 /);
    expect(await stateOf(id)).toBe("new");
  });

  test("DA001: an entry of another transaction, of another signal, or of something refused", async () => {
    const [id, other] = [await aNew(), await aNew()];
    const legal = (of: string, more?: object) => entry(of, "acknowledge", "new", "acknowledged", more);
    await within((sql) => sql`insert into audit ${sql(legal(id))}`);
    expect(await refusal(within((sql) => set(sql, id, "acknowledged")))).toMatch(/^DA001 /);
    for (const wrong of [legal(other), legal(id, { outcome: "refused" }), legal(id, { resource_type: "entity" })]) {
      const work: Work = async (sql) => {
        await sql`insert into audit ${sql(wrong)}`;
        await set(sql, id, "acknowledged");
      };
      expect(await refusal(within(work))).toMatch(/^DA001 /);
    }
    expect(await stateOf(id)).toBe("new");
  });

  test("DA001: a thing that begins in the middle of its life, or without a word about it", async () => {
    const [row] = await owner`select to_jsonb(s) - 'words' as row from signals s where id = ${await aNew()}`;
    const columns = Object.keys(row?.row); // all but the one that the database makes of the others
    for (const [state, event] of [
      ["acknowledged", "ingest"],
      ["dismissed", "dismiss"],
      ["new", null],
    ] as const) {
      const id = crypto.randomUUID();
      const work: Work = async (sql) => {
        await sql`insert into signals (${sql(columns)})
          select ${sql(columns)} from jsonb_populate_record(null::signals, ${sql.json({ ...row?.row, id, state })})`;
        if (event) await sql`insert into audit ${sql(entry(id, event, null, state))}`;
      };
      expect(await refusal(within(work))).toMatch(/^DA001 /);
      expect(await stateOf(id)).toBeUndefined();
    }
  });

  test("a legal move with its entry goes through: that is what the others lack", async () => {
    const id = await aNew();
    await within(async (sql) => {
      await set(sql, id, "acknowledged");
      await sql`insert into audit ${sql(entry(id, "acknowledge", "new", "acknowledged"))}`;
    });
    expect(await stateOf(id)).toBe("acknowledged");
  });
});
