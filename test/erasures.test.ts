import type { Server } from "@dais/api/server";
import { uuidOf } from "@dais/contracts/kit/ids";
import { digest, sha256 } from "@dais/kernel/canonical";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { manyEntries, reported } from "./support/auditing.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

const sql = asOwner();
/** The server's own role, past every check of the server's. */
const app = postgres({ ...inject("login"), max: 1, onnotice: () => {}, connection: { role: "dais_app" } });
afterAll(() => app.end());
const reason = "Article 15 of the data protection law.";

let server: Server;
let here: Place;
let api: RestClient;
let officer: Person;
let chief: Person;
let asking: RestClient;
let deciding: RestClient;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  here = await place();
  api = restClient(server.url, await here.key());
  officer = await here.person({ roles: ["admin"] });
  chief = await here.person({ roles: ["executive", "approver"] });
  asking = restClient(server.url, await officer.session({ proven: true }));
  deciding = restClient(server.url, await chief.session({ proven: true }));
});

/** An entry with something of everything in it. */
async function anEntry(fields: Record<string, unknown> = {}): Promise<string> {
  const id = await reported(api, fields);
  await api.post(`/signals/${id}/acknowledge`, { version: 1 });
  const said = { version: 2, reason: "Fatima asked for it." };
  await api.post(`/signals/${id}/dismiss`, said, { "idempotency-key": `of-${id}` });
  return (await api.get(`/audit?resourceId=${id}&event=dismiss`)).body.items[0].id;
}
const requested = async (...entryIds: string[]) => (await asking.post("/erasures", { entryIds, reason })).body;
const erased = (id: string, by = deciding, version = 1) => by.post(`/erasures/${id}/erase`, { version, reason });
const rowOf = async (entry: string) => (await sql`select * from audit where id = ${uuidOf(entry)}`)[0];
const contents = [
  ...["session_id", "address", "before_digest", "after_digest", "changes", "reason", "decision", "trace_id"],
  ...["idempotency_key", "content_salt"],
];

describe("erasures.request", () => {
  test("201: names entries, and nothing is erased by it", async () => {
    const [one, other] = [await anEntry(), await anEntry({ classification: "confidential" })];
    const before = await rowOf(one);
    const made = await requested(one, other, one);
    expect(made).toMatchObject({
      ...{ state: "requested", entries: 2, personId: null, requestedBy: officer.id, classification: "confidential" },
      ...{ reason, decidedBy: null, version: 1, entriesSha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(await rowOf(one)).toEqual(before);
    expect((await asking.get("/me/waiting")).status).toBe(200);
    expect((await deciding.get("/me/waiting")).body.items).toMatchObject([{ machine: "erasure", resourceId: made.id }]);
  });

  test("201: or a person: what they did, what was done for them, and what was done to them, in a time", async () => {
    const person = await here.person({ roles: ["operational"] });
    const session = restClient(server.url, await person.session());
    const id = await reported(session);
    await session.post(`/signals/${id}/acknowledge`, { version: 1 });
    await api.patch(`/people/${person.id}`, { version: 1, nameAr: "ليلى" });
    const made = (await asking.post("/erasures", { personId: person.id, reason })).body;
    expect(made).toMatchObject({ personId: person.id, entries: 3 });
    const later = { personId: person.id, reason, from: "2999-01-01T00:00:00.000Z" };
    expect((await asking.post("/erasures", later)).body.code).toBe("erasure_nothing");
  });

  test("422: entries of another organisation, above the clearance, or erased already: it says which", async () => {
    const there = await place();
    const theirs = restClient(server.url, await there.key());
    const foreign = (await theirs.get(`/audit?resourceId=${await reported(theirs)}`)).body.items[0].id;
    const [secret, gone, mine] = [await anEntry({ classification: "secret" }), await anEntry(), await anEntry()];
    await erased((await requested(gone)).id);
    const low = await here.person({ roles: ["admin"], clearance: "internal" });
    const by = restClient(server.url, await low.session());
    expect(await by.post("/erasures", { entryIds: [mine, foreign, secret, gone], reason })).toMatchObject({
      status: 422,
      body: { code: "erasure_entries_unknown", entryIds: [foreign, secret, gone] },
    });
    expect(await sql`select 1 from erasures where tenant_id = ${here.tenantId} and requested_by = ${low.id}`).toEqual(
      [],
    );
  });

  test("422: more than one transaction takes; a shorter time goes", async () => {
    await manyEntries(here, 2001, { people: 1 });
    const personId = "per_01kejc8ht0e6ssypg6m30swmp0";
    expect((await asking.post("/erasures", { personId, reason })).body).toMatchObject({
      ...{ code: "erasure_too_large", limit: 2000 },
    });
    const shorter = { personId, reason, from: "2026-01-01T00:00:01.000Z", to: "2026-01-01T00:33:21.000Z" };
    const { id, entries } = (await asking.post("/erasures", shorter)).body;
    expect(entries).toBe(2000);
    expect((await erased(id)).status).toBe(200);
    const [left] =
      await sql`select count(*)::int as n from audit where tenant_id = ${here.tenantId} and erasure_id = ${uuidOf(id)}`;
    expect(left?.n).toBe(2000);
  }, 60_000);

  test.each([
    ["neither entries nor a person", {}],
    ["both", { entryIds: ["aud_01kejc8ht0e6ssypg6m30swm9k"], personId: "per_01kejc8ht0e6ssypg6m30swmp3" }],
    ["a time without a person", { entryIds: ["aud_01kejc8ht0e6ssypg6m30swm9k"], from: "2026-01-01T00:00:00Z" }],
    ["no entries", { entryIds: [] }],
    ["a short reason", { personId: "per_01kejc8ht0e6ssypg6m30swmp3", reason: "GDPR" }],
  ])("400: %s", async (_, said) => {
    expect((await asking.post("/erasures", { reason, ...said })).status).toBe(400);
  });
});

describe("erasures.erase", () => {
  test("200: what more the entry told is gone from it, who did what to which thing stays, and all of that is on record", async () => {
    const entry = await anEntry();
    const before = await rowOf(entry);
    const { id } = await requested(entry);
    const entriesSha256 = sha256(`${uuidOf(entry)},`);
    expect((await erased(id)).body).toMatchObject({ state: "erased", decidedBy: chief.id, version: 2 });
    const after = await rowOf(entry);
    const gone = Object.fromEntries(contents.map((name) => [name, null]));
    expect(before).toMatchObject({ reason: "Fatima asked for it.", content_salt: expect.any(String) });
    expect(after).toEqual({ ...before, ...gone, erased_at: expect.any(Date), erasure_id: uuidOf(id) });
    const shown = (await api.get(`/audit/${entry}`)).body;
    expect(shown).toMatchObject({
      ...{ event: "dismiss", fromState: "acknowledged", withheld: false, erased: { erasureId: id } },
      ...{ changes: null, reason: null, decision: null, address: null, idempotencyKey: null, afterDigest: null },
    });
    expect((await here.trail(uuidOf(id))).map(({ event, actor_id }) => [event, actor_id])).toEqual([
      ["request", officer.id],
      ["erase", chief.id],
    ]);
    const { decision } = (await here.trail(uuidOf(id))).at(-1) as { decision: object };
    expect(decision).toMatchObject({ fourEyes: true, secondFactorAt: expect.any(String), roles: ["approver"] });
    // By this `verify --database` knows of which entries it was.
    expect(decision).toMatchObject({ contentSha256: digest({ entriesSha256, reason }) });
  });

  test("200: the erasure's own entries can be erased, too, by another one; the facts say still who asked and who did it", async () => {
    const { id } = await requested(await anEntry());
    await erased(id);
    const [asked] = (await api.get(`/audit?resourceId=${id}&event=request`)).body.items;
    expect((await erased((await requested(asked.id)).id)).status).toBe(200);
    expect((await api.get(`/audit/${asked.id}`)).body).toMatchObject({
      actorId: officer.id,
      event: "request",
      reason: null,
    });
  });

  test("403 four_eyes: whoever asked for it, also with every role there is", async () => {
    const both = await here.person({ roles: ["admin", "approver"] });
    const session = restClient(server.url, await both.session({ proven: true }));
    const { id } = (await session.post("/erasures", { entryIds: [await anEntry()], reason })).body;
    expect((await erased(id, session)).body.code).toBe("four_eyes");
  });

  test("403 and 401: a key, an agent, and who has proven no second factor", async () => {
    const { id } = await requested(await anEntry());
    expect((await erased(id, api)).body.code).toBe("person_required");
    expect((await erased(id, api.as(await here.key({ kind: "agent" })))).body.code).toBe("agent_denied");
    expect((await erased(id, restClient(server.url, await chief.session()))).body.code).toBe("step_up_required");
  });

  test("412 and 409: an old version, and what is decided", async () => {
    const { id } = await requested(await anEntry());
    expect((await erased(id, deciding, 2)).body.code).toBe("erasure_changed");
    await deciding.post(`/erasures/${id}/reject`, { version: 1, reason: "The law asks to keep it." });
    expect((await erased(id, deciding, 2)).body.code).toBe("erasure_wrong_state");
    expect((await erased(id, deciding, 1)).body.code).toBe("erasure_changed");
  });

  test("200: an entry that two erasures name is erased by the first, and the second does the rest", async () => {
    const [shared, own] = [await anEntry(), await anEntry()];
    const [one, two] = [await requested(shared), await requested(shared, own)];
    expect((await Promise.all([erased(one.id), erased(two.id)])).map(({ status }) => status)).toEqual([200, 200]);
    const rows = [await rowOf(shared), await rowOf(own)];
    expect(rows.every((row) => row?.erased_at !== null && row?.reason === null)).toBe(true);
  });
});

describe("the database", () => {
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => "nothing was refused",
      (error) => `${error.code} ${error.message}`,
    );
  const erasing = (id: string, entry: string) => sql`
    update audit set session_id = null, address = null, before_digest = null, after_digest = null, changes = null, reason = null,
      decision = null, trace_id = null, idempotency_key = null, content_salt = null, erased_at = now(), erasure_id = ${uuidOf(id)}
    where id = ${uuidOf(entry)}`;

  test("DA002: no entry loses anything without an erasure that takes effect in the same transaction, whoever writes", async () => {
    const [entry, other] = [await anEntry(), await anEntry()];
    const { id } = await requested(entry);
    expect(await refusal(erasing(id, entry).execute())).toMatch(/^DA002 /);
    await erased(id);
    expect(await refusal(erasing(id, other).execute())).toMatch(/^DA002 /); // one that it isn't about
    const again = sql`update audit set erased_at = now() where id = ${uuidOf(entry)}`;
    expect(await refusal(again.execute())).toMatch(/^DA002 /);
    for (const set of ["actor_id = 'x'", "reason = 'x'", "erased_at = null, erasure_id = null, reason = 'back'"])
      expect(await refusal(sql.unsafe(`update audit set ${set} where id = '${uuidOf(entry)}'`))).toMatch(/^DA002 /);
    expect(await refusal(sql`delete from audit where id = ${uuidOf(entry)}`.execute())).toMatch(/^DA002 /);
  });

  test("DA001: an erasure that is marked as done without its move on record takes nothing with it", async () => {
    const entry = await anEntry();
    const { id } = await requested(entry);
    const work = app.begin(async (tx) => {
      await tx`select set_config('dais.tenant', ${here.tenantId}, true)`;
      await tx`update erasures set state = 'erased', version = 2 where id = ${uuidOf(id)}`;
      const [done] = await tx`select erase_entries(${uuidOf(id)}, now())::int as n`;
      expect(done?.n).toBe(1);
    });
    expect(await refusal(work)).toMatch(/^DA001 /);
    expect(await rowOf(entry)).toMatchObject({ reason: "Fatima asked for it.", erased_at: null });
  });

  test("nothing happens for an erasure that isn't decided, or decided before; entries that came to it later keep it from being done", async () => {
    const [entry, later] = [await anEntry(), await anEntry()];
    const { id } = await requested(entry);
    const attempt = () =>
      app.begin(async (tx) => {
        await tx`select set_config('dais.tenant', ${here.tenantId}, true)`;
        return (await tx`select erase_entries(${uuidOf(id)}, now())::int as n`)[0]?.n;
      });
    expect(await attempt()).toBeNull();
    await app.begin(async (tx) => {
      await tx`select set_config('dais.tenant', ${here.tenantId}, true)`;
      await tx`insert into erasure_entries (tenant_id, erasure_id, entry_id) values (${here.tenantId}, ${uuidOf(id)}, ${uuidOf(later)})`;
    });
    await expect(erased(id)).rejects.toThrow("answered 500, a bug");
    for (const one of [entry, later]) expect(await rowOf(one)).toMatchObject({ erased_at: null });
    expect((await api.get(`/erasures/${id}`)).body.state).toBe("requested");
    for (const what of ["update erasure_entries set entry_id = entry_id", "delete from erasure_entries"])
      expect(await refusal(sql.unsafe(what))).toMatch(/^DA002 /);
  });
});

describe("erasures.reject", () => {
  test("200: it stays", async () => {
    const entry = await anEntry();
    const { id } = await requested(entry);
    const said = { version: 1, reason: "The law asks to keep it." };
    expect((await deciding.post(`/erasures/${id}/reject`, said)).body).toMatchObject({ state: "rejected" });
    expect(await rowOf(entry)).toMatchObject({ erased_at: null, reason: "Fatima asked for it." });
  });
});

describe("erasures.withdraw", () => {
  test("200 for who asked; 403 for others", async () => {
    const { id } = await requested(await anEntry());
    const other = await here.person({ roles: ["admin"] });
    const others = restClient(server.url, await other.session());
    expect((await others.post(`/erasures/${id}/withdraw`, { version: 1 })).body.code).toBe("erasure_not_own");
    expect((await asking.post(`/erasures/${id}/withdraw`, { version: 1 })).body.state).toBe("withdrawn");
  });
});

describe("erasures.list", () => {
  test("200: newest first, by state; what names something above the clearance is not there", async () => {
    const low = restClient(server.url, await here.key({ clearance: "internal" }));
    const [one, two] = [await requested(await anEntry()), await requested(await anEntry({ classification: "secret" }))];
    const ids = async (by: RestClient, query = "") =>
      (await by.get(`/erasures${query}`)).body.items.map((item: { id: string }) => item.id);
    expect(await ids(api)).toEqual([two.id, one.id]);
    expect(await ids(low)).toEqual([one.id]);
    expect(await ids(api, "?state=erased")).toEqual([]);
    const { body } = await api.get("/erasures?limit=1");
    expect(await ids(api, `?limit=1&cursor=${body.nextCursor}`)).toEqual([one.id]);
  });
});

describe("erasures.get", () => {
  test("404: one that names something above the clearance", async () => {
    const { id } = await requested(await anEntry({ classification: "secret" }));
    const low = restClient(server.url, await here.key({ clearance: "internal" }));
    for (const path of ["", "/entries", "/moves"]) expect((await low.get(`/erasures/${id}${path}`)).status).toBe(404);
    expect((await api.get(`/erasures/${id}`)).body).toMatchObject({ id, classification: "secret" });
  });
});

describe("erasures.entries", () => {
  test("200: which entries it is about, page by page", async () => {
    const entries = [await anEntry(), await anEntry(), await anEntry()].sort();
    const { id } = await requested(...entries);
    const first = (await api.get(`/erasures/${id}/entries?limit=2`)).body;
    const second = (await api.get(`/erasures/${id}/entries?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map((item) => item.entryId)).toEqual(entries);
    expect(second.nextCursor).toBeNull();
  });
});

describe("erasures.moves", () => {
  test("200: who asked may take it back, and somebody else may do it", async () => {
    const { id } = await requested(await anEntry());
    const whys = async (by: RestClient) =>
      Object.fromEntries(
        (await by.get(`/erasures/${id}/moves`)).body.items.map((move: { event: string; why: string }) => [
          move.event,
          move.why,
        ]),
      );
    expect(await whys(asking)).toEqual({ erase: "forbidden", reject: "forbidden", withdraw: null });
    expect(await whys(deciding)).toEqual({ erase: null, reject: null, withdraw: "forbidden" });
  });
});
