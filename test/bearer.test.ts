import { operations } from "@dais/contracts";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { aProgram, asAdmin, type Bearer, knownPerson, letIn, startBearer, stepUpClaims } from "./support/bearer.ts";
import { faces } from "./support/faces/speak.ts";
import { somebody } from "./support/identity.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";

const stranger = aProgram();
const nowhere = somebody({ name: "Nobody Here", oid: crypto.randomUUID() });
const shut = somebody({ name: "Noura Falasi", oid: crypto.randomUUID() });

let here: Bearer;
let layla: Person;
let admin: ReturnType<typeof restClient>;
let programId: string;

const client = (token: string) => restClient(here.url, token);
const refused = (status: number, code: string) => ({ status, body: { code } });
const epoch = () => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  here = await startBearer({ clients: [stranger], people: [nowhere, shut] });
  layla = await knownPerson(here, here.layla.oid);
  admin = await asAdmin(here);
  programId = await letIn(here, here.program);
});

describe("a program that calls for itself", () => {
  test("200: with what its app roles mean here, on every face, under its own name", async () => {
    const token = await here.own();
    expect((await client(token).get("/me")).body).toMatchObject({
      actor: { id: programId, kind: "client", name: { en: "Importer" } },
      permissions: ["entity.read", "organisation.read", "signal.ingest", "signal.read", "workflow.read"],
      clearance: "internal",
      person: null,
      session: null,
    });
    const operation = operations.get("organisations.current");
    if (!operation) throw new Error("no such operation");
    for (const [name, face] of Object.entries(faces)) {
      const said = await face(here.url, { operation, input: {}, key: token, idempotencyKey: null, ifMatch: false });
      expect([name, said]).toEqual([name, { output: expect.objectContaining({ slug: here.place.slug }) }]);
    }
  });

  test("403: without an app role it may nothing that needs a permission", async () => {
    const bare = aProgram({ appRoles: [] });
    const there = await startBearer({ clients: [bare] });
    await letIn(there, bare);
    const token = await there.own(bare);
    expect((await restClient(there.url, token).get("/me")).body.permissions).toEqual([]);
    expect(await restClient(there.url, token).get("/signals")).toMatchObject(refused(403, "forbidden"));
  });

  test("401: an application that nobody let in, although the issuer gave it a token", async () => {
    expect(await client(await here.own(stranger)).get("/me")).toMatchObject(refused(401, "unauthenticated"));
  });

  test("403 person_required: what asks for a second factor", async () => {
    const body = { version: 1, clearance: "public" };
    const token = await here.own(here.program);
    await asOwner()`insert into directory_rules (tenant_id, kind, value, role)
      values (${here.place.tenantId}, 'app_role', 'integration', 'admin')`;
    await admin.send(`/programs/${programId}`, { method: "PATCH", body: { version: 1, name: "Weather" } });
    expect(await client(token).send(`/people/${layla.id}/set-clearance`, { method: "POST", body })).toMatchObject(
      refused(403, "person_required"),
    );
    expect(
      await client(token).post("/api-keys", { name: "x", permissions: ["signal.read"], clearance: "public" }),
    ).toMatchObject(refused(403, "api_key_exceeds_creator"));
    await asOwner()`delete from directory_rules where tenant_id = ${here.place.tenantId} and role = 'admin' and value = 'integration'`;
  });
});

describe("a program that calls for a person", () => {
  test("200: as the person, with what the person may, and no more than the program's clearance", async () => {
    const { body } = await client(await here.persons()).get("/me");
    expect(body).toMatchObject({
      actor: { id: layla.id, kind: "user" },
      roles: ["executive", "operational"],
      clearance: "internal",
      session: null,
    });
    expect(body.permissions).toContain("signal.ingest");
  });

  test("200: with some scopes only what they name", async () => {
    const named = await client(await here.persons({ scope: "signal.read" })).get("/me");
    expect(named.body.permissions).toEqual(["signal.read"]);
    const reading = (await client(await here.persons({ scope: "read" })).get("/me")).body.permissions;
    expect(reading).toContain("posture.read");
    expect(reading.every((permission: string) => permission.endsWith(".read"))).toBe(true);
  });

  test("403: with stripped scopes neither what another scope names, nor the person's own affairs", async () => {
    const api = client(await here.persons({ scope: "signal.read" }));
    expect(await api.get("/posture")).toMatchObject(refused(403, "forbidden"));
    expect(await api.send("/me", { method: "PATCH", body: { version: 1, language: "ar" } })).toMatchObject(
      refused(403, "forbidden"),
    );
    expect(await api.post("/sessions/revoke-all", {})).toMatchObject(refused(403, "forbidden"));
  });

  test("200: changes what is the person's own, with the scope that lets everything through", async () => {
    const api = client(await here.persons());
    const { version } = (await api.get("/me")).body.person;
    const answer = await api.send("/me", { method: "PATCH", body: { version, language: "ar" } });
    expect(answer).toMatchObject({ status: 200, body: { language: "ar" } });
    const entries = (await here.place.trail(layla.uuid)).filter(({ operation }) => operation === "me.update");
    expect(entries.at(-1)).toMatchObject({
      actor_kind: "user",
      actor_id: layla.id,
      session_id: null,
      decision: { via: programId },
    });
  });

  test("401: whom nobody knows here is not made by a token, and who is disabled stays out", async () => {
    const one = await here.persons({ presses: ["Nobody Here"] });
    expect(await client(one).get("/me")).toMatchObject(refused(401, "unauthenticated"));
    expect(await asOwner()`select 1 from people where oid = ${nowhere.oid}`).toEqual([]);
    const person = await knownPerson(here, shut.oid);
    const token = await here.persons({ presses: ["Noura Falasi"] });
    expect((await client(token).get("/me")).status).toBe(200);
    expect(await admin.post(`/people/${person.id}/disable`, { reason: "Left the company." })).toMatchObject({
      status: 200,
    });
    expect(await client(token).get("/me")).toMatchObject(refused(401, "unauthenticated"));
  });

  test("401 step_up_required, and after the claims challenge was answered, done", async () => {
    await asOwner()`insert into person_roles (tenant_id, person_id, role, source, granted_by, granted_at)
      values (${here.place.tenantId}, ${layla.uuid}, 'admin', 'granted', 'test', now())`;
    const mapping = { kind: "app_role", value: "by-token", role: "auditor" };
    const before = await client(await here.persons()).post("/roles/map", mapping);
    expect(before).toMatchObject(refused(401, "step_up_required"));
    const [, claims = ""] = /claims="([^"]+)"/.exec(before.headers.get("www-authenticate") ?? "") ?? [];
    const challenge = Buffer.from(claims, "base64").toString();
    expect(JSON.parse(challenge)).toMatchObject(JSON.parse(stepUpClaims));
    const token = await here.persons({ claims: challenge, presses: ["Layla Al Marri", "Approve"] });
    expect(decodeJwt(token)).toMatchObject({ acrs: ["c1"], auth_time: expect.any(Number) });
    expect(await client(token).post("/roles/map", mapping)).toMatchObject({ status: 200, body: { changed: true } });
    await asOwner()`delete from person_roles where person_id = ${layla.uuid} and role = 'admin'`;
  });
});

describe("a program that is an agent", () => {
  const [bot, short] = [aProgram({ appRoles: ["admin"] }), aProgram()];
  let there: Bearer;
  let person: Person;
  let agentId: string;
  let boss: Awaited<ReturnType<typeof asAdmin>>;
  beforeAll(async () => {
    there = await startBearer({ clients: [bot, short] });
    person = await knownPerson(there, there.layla.oid, ["executive"]);
    boss = await asAdmin(there);
    const made = await boss.post("/agents", {
      ...{ name: "Night watch", purpose: "A test.", model: "watch-1", modelVersion: "7", ownerId: person.id },
      ...{ permissions: ["signal.read", "signal.ingest"], clearance: "internal" },
    });
    agentId = made.body.id;
    await letIn(there, bot, { kind: "agent", agentId, clearance: "secret" });
  });
  const at = (token: string) => restClient(there.url, token);

  test("200: for itself it has what it was registered with; its app roles add nothing", async () => {
    expect((await at(await there.own(bot)).get("/me")).body).toMatchObject({
      actor: { id: agentId, kind: "agent" },
      permissions: ["signal.ingest", "signal.read"],
      clearance: "internal",
      onBehalfOf: null,
    });
  });

  test("200: for a person it is the agent still, with what both may, within the scopes, and the trail says all of it", async () => {
    const token = await there.persons({ client: bot });
    expect((await at(token).get("/me")).body).toMatchObject({
      actor: { id: agentId, kind: "agent" },
      permissions: ["signal.read"],
      clearance: "internal",
      onBehalfOf: person.id,
    });
    expect((await at(await there.persons({ client: bot, scope: "posture.read" })).get("/me")).body.permissions).toEqual(
      [],
    );
    expect((await at(token).post("/signals", {})).status).toBe(403);
    await there.server.kernel.settle();
    const entry = (await there.place.trail()).findLast(({ outcome }) => outcome === "refused");
    expect(entry).toMatchObject({
      actor_id: agentId,
      on_behalf_of: person.id,
      agent_model: "watch-1",
      agent_version: "7",
    });
  });

  test("403 on_behalf_of_denied: it says that it acts for somebody else than the token does", async () => {
    const other = await there.place.person();
    const token = await there.persons({ client: bot });
    const headers = (id: string) => ({ "dais-on-behalf-of": id });
    expect(await at(token).get("/me", headers(other.id))).toMatchObject(refused(403, "on_behalf_of_denied"));
    expect((await at(token).get("/me", headers(person.id))).status).toBe(200);
  });

  test("403: nothing that only a person may do, nor what agents may only propose", async () => {
    const token = await there.persons({ client: bot, claims: stepUpClaims, presses: ["Layla Al Marri", "Approve"] });
    expect((await at(token).post("/roles/map", { kind: "app_role", value: "x", role: "auditor" })).status).toBe(403);
    expect((await at(token).get("/api-keys")).status).toBe(403);
  });

  test("401: of an agent that is retired, with tokens of both kinds, old and new, on every face; there is no way back", async () => {
    const made = await boss.post("/agents", {
      ...{ name: "Day watch", purpose: "A test.", model: "watch-1", modelVersion: "7", ownerId: person.id },
      ...{ permissions: ["signal.read"], clearance: "internal" },
    });
    await letIn(there, short, { kind: "agent", agentId: made.body.id });
    const both = () => Promise.all([there.own(short), there.persons({ client: short })]);
    const before = await both();
    for (const token of before) expect((await at(token).get("/me")).status).toBe(200);
    const answer = await boss.post(`/agents/${made.body.id}/retire`, { version: 1, reason: "Its work is over." });
    expect(answer.status).toBe(200);
    const operation = operations.get("organisations.current");
    if (!operation) throw new Error("no such operation");
    for (const key of [...before, ...(await both())])
      for (const face of Object.values(faces))
        expect(
          await face(there.url, { operation, input: {}, key, idempotencyKey: null, ifMatch: false }),
        ).toMatchObject({
          problem: { code: "unauthenticated" },
        });
    expect((await boss.post(`/agents/${made.body.id}/resume`, { version: 2 })).status).toBe(409);
  });

  test("401: of an agent that is suspended, with tokens of both kinds; 200 again; 401 once its owner is shut out", async () => {
    const tokens = [await there.own(bot), await there.persons({ client: bot })];
    const statuses = () => Promise.all(tokens.map(async (token) => (await at(token).get("/me")).status));
    expect(await statuses()).toEqual([200, 200]);
    await boss.post(`/agents/${agentId}/suspend`, { version: 1, reason: "It is looked at." });
    expect(await statuses()).toEqual([401, 401]);
    await boss.post(`/agents/${agentId}/resume`, { version: 2 });
    expect(await statuses()).toEqual([200, 200]);
    await boss.post(`/people/${person.id}/disable`, { reason: "Left the company." });
    expect(await statuses()).toEqual([401, 401]);
  });
});

describe("a token that is none of ours", () => {
  const lies = async (claims: object, header = {}) => {
    const honest = decodeJwt(await here.persons());
    return here.issuer.sign({ ...honest, ...claims } as never, header);
  };

  test("401: of another audience, issuer, directory, version or time, without a party or scopes, or a changed one", async () => {
    const honest = await here.persons();
    const [head, body = "", mark] = honest.split(".");
    const told = JSON.parse(Buffer.from(body, "base64url").toString());
    const more = Buffer.from(JSON.stringify({ ...told, roles: ["admin"] })).toString("base64url");
    const unsigned = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
    const tokens = await Promise.all([
      here.persons({ scope: "api://elsewhere/access" }),
      lies({ aud: "another" }),
      lies({ aud: here.program.clientId }),
      lies({ iss: `${here.issuer.url}/${crypto.randomUUID()}/v2.0` }),
      lies({ tid: crypto.randomUUID() }),
      lies({ ver: "1.0" }),
      lies({ exp: epoch() - 120 }),
      lies({ nbf: epoch() + 600 }),
      lies({ iat: epoch() + 600 }),
      lies({ auth_time: epoch() + 600 }),
      lies({ azp: undefined }),
      lies({ azp: stranger.clientId }),
      lies({ scp: undefined }),
      lies({ scp: "" }),
      lies({ scp: ["access"] }),
      lies({ idtyp: "app" }),
      lies({ oid: undefined }),
      lies({ nonce: "an ID token's" }),
      lies({}, { typ: "logout+jwt" }),
      lies({}, { kid: "nobody's" }),
      `${head}.${more}.${mark}`,
      `${unsigned}.${body}.`,
      `${unsigned}.${body}.${mark}`,
      `${honest}x`,
    ]);
    for (const [n, token] of tokens.entries()) {
      const answer = await client(token).get("/me");
      expect([n, answer.status, answer.body.code]).toEqual([n, 401, "unauthenticated"]);
      expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
    expect((await client(honest).get("/me")).status).toBe(200);
  });

  test("401: an ID token, although its audience is ours", async () => {
    const token = await lies({ scp: undefined, azp: undefined, nonce: undefined });
    expect((await client(token).get("/me")).status).toBe(401);
  });

  test("401: opaque garbage, also as long as a header can be; past that the server doesn't listen", async () => {
    for (const length of [1, 100, 4000, 12_000])
      for (const text of ["x".repeat(length), `${"x".repeat(length)}.y.z`])
        expect(await client(text).get("/me")).toMatchObject(refused(401, "unauthenticated"));
    const headers = { authorization: `Bearer ${"x".repeat(100_000)}` };
    expect((await fetch(`${here.url}/v1/me`, { headers })).status).toBe(431);
  });

  test("is counted against its address in the security events, and not by a row for each", async () => {
    const noted = async () => {
      await here.server.kernel.settle();
      const [row] =
        await asOwner()`select coalesce(sum(count), 0)::int as calls, count(*)::int as rows from security_events
        where kind = 'bad_credential'`;
      return row as unknown as { calls: number; rows: number };
    };
    const before = await noted();
    for (let n = 0; n < 20; n += 1) await client("a.b.c").get("/me");
    const after = await noted();
    expect(after.calls - before.calls).toBeGreaterThanOrEqual(20);
    expect(after.rows - before.rows).toBeLessThan(5);
  });
});

describe("out means out", () => {
  test("401: a token that is replayed after its person has signed out everywhere", async () => {
    const token = await here.persons();
    expect((await client(token).get("/me")).status).toBe(200);
    expect((await client(token).post("/sessions/revoke-all", { includingThis: true })).status).toBe(200);
    expect(await client(token).get("/me")).toMatchObject(refused(401, "unauthenticated"));
    await new Promise((resolve) => setTimeout(resolve, 1100)); // tokens tell the second only
    expect((await client(await here.persons()).get("/me")).status).toBe(200);
  });

  test("401: at once when its program is disabled, and 200 when it is enabled again", async () => {
    const [own, persons] = [await here.own(), await here.persons()];
    for (const token of [own, persons]) expect((await client(token).get("/me")).status).toBe(200);
    expect((await admin.post(`/programs/${programId}/disable`)).body.changed).toBe(true);
    for (const token of [own, persons]) expect((await client(token).get("/me")).status).toBe(401);
    await admin.post(`/programs/${programId}/enable`);
    for (const token of [own, persons]) expect((await client(token).get("/me")).status).toBe(200);
  });

  test("403: at once when the person's role is taken back", async () => {
    const token = await here.persons();
    expect((await client(token).get("/signals")).status).toBe(200);
    await asOwner()`update person_roles set source = 'granted' where person_id = ${layla.uuid}`;
    await admin.post(`/people/${layla.id}/revoke-role`, { role: "operational" });
    expect(await client(token).get("/signals")).toMatchObject(refused(403, "forbidden"));
    await admin.post(`/people/${layla.id}/grant-role`, { role: "operational" });
    expect((await client(token).get("/signals")).status).toBe(200);
  });

  test("401: an expired one, also where a process knows it from before", async () => {
    const before = await here.persons();
    const claims = decodeJwt(before);
    const short = await here.issuer.sign({ ...claims, exp: epoch() - 58 } as never); // good for two seconds more: clocks may differ by a minute
    expect((await client(short).get("/me")).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect((await client(short).get("/me")).status).toBe(401);
  });
});

describe("the issuer's keys", () => {
  test("200 with new ones at once; 503 while nobody can say, and right again by itself", async () => {
    const there = await startBearer();
    await letIn(there, there.program);
    const token = await there.own();
    there.issuer.pause("drop");
    const answer = await restClient(there.url, token).get("/me");
    expect(answer).toMatchObject(refused(503, "unavailable"));
    there.issuer.resume();
    expect((await restClient(there.url, token).get("/me")).status).toBe(200);
    // What is known is good while the issuer is away.
    there.issuer.pause("drop");
    expect((await restClient(there.url, token).get("/me")).status).toBe(200);
    there.issuer.resume();
  });

  test("a token means nothing to an organisation in which its program isn't registered", async () => {
    const other = await place();
    const body = { name: "x", directory: here.tid, clientId: here.program.clientId, clearance: "secret" };
    const there = await asAdmin({ url: here.url, place: other });
    expect(await there.post("/programs", body)).toMatchObject(refused(422, "program_directory_unknown"));
    await asOwner()`insert into directories (tid, tenant_id, makes_people) values (${here.tid}, ${other.tenantId}, true)`;
    expect(await there.post("/programs", body)).toMatchObject(refused(409, "program_exists"));
    const { tenant } = (await client(await here.own()).get("/me")).body;
    expect(tenant.slug).toBe(here.place.slug);
  });
});

test("a token leaves no trace in the trail", async () => {
  const token = await here.own();
  await client(token).get("/me");
  const kept = await asOwner()`select to_jsonb(a) as row from audit a where tenant_id = ${here.place.tenantId}`;
  expect(JSON.stringify(kept)).not.toContain(token.slice(0, 60));
});
