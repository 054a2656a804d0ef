import type { Person as Shown } from "@dais/contracts/person";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import type { Person, PersonOptions } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { type Reply, type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let here: Place;
/** An administrator who has just proven a second factor. */
let admin: Person;
let api: RestClient;
const never = "per_01kejc8ht0e6ssypg6m30swm9g";
const reason = "Left the company on 5 January.";

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  admin = await here.person();
  api = await proven(admin);
});

const proven = async (person: Person) => restClient(url, await person.session({ proven: true }));
const other = (options: PersonOptions = {}) => here.person({ roles: [], ...options });
const post = (id: string, verb: string, said: object = {}, by = api) => by.post(`/people/${id}/${verb}`, said);
const refused = (status: number, code: string) => ({ status, body: { code } });
const rolesOf = ({ person }: Reply["body"]) => (person as Shown).roles.map(({ role, source }) => `${role} ${source}`);
/** Gives a person a role as the directory does. */
const fromDirectory = ({ uuid }: Person, role: string) =>
  asOwner()`insert into person_roles (tenant_id, person_id, role, source, granted_by, granted_at)
    values (${here.tenantId}, ${uuid}, ${role}, 'directory', 'app_role', now())`;
const outcome = ({ body, status }: Reply) => body.code ?? status;

describe("people.disable", () => {
  test("200: all sessions end at once, it is on record with the reason, and told", async () => {
    const person = await other({ roles: ["executive"] });
    const [one, two] = [restClient(url, await person.session()), restClient(url, await person.session())];
    for (const session of [one, two]) expect((await session.get("/me")).status).toBe(200);
    const { body } = await post(person.id, "disable", { reason });
    expect(body).toMatchObject({ changed: true, person: { id: person.id, version: 2 } });
    expect(Date.parse(body.person.disabledAt)).toBeGreaterThan(Date.now() - 60_000);
    for (const session of [one, two]) expect((await session.get("/me")).status).toBe(401);
    expect((await api.get(`/people/${person.id}/sessions`)).body.items).toEqual([]);
    expect(await here.trail(person.uuid)).toMatchObject([
      { action: "person.disable", actor_id: admin.id, reason, changes: { disabledAt: [null, body.person.disabledAt] } },
    ]);
    expect(await told(here)).toEqual([["person.disabled", { id: person.id, reason }]]);
  });

  test("200: a second time changes nothing, and is on record as that", async () => {
    const person = await other({ disabled: true });
    const { body } = await post(person.id, "disable", { reason });
    expect(body).toMatchObject({ changed: false, person: { version: 1 } });
    expect(await here.trail(person.uuid)).toMatchObject([{ changed: false }]);
    expect(await told(here)).toEqual([]);
  });

  test("401: a session that is opened for somebody who is shut out is good for nothing", async () => {
    const person = await other({ roles: ["executive"], disabled: true });
    expect((await restClient(url, await person.session()).get("/me")).status).toBe(401);
  });

  test("403 person_own_access: oneself, and it is on record", async () => {
    expect(await post(admin.id, "disable", { reason })).toMatchObject(refused(403, "person_own_access"));
    await expect
      .poll(async () => (await here.trail()).map(({ problem }) => problem), { timeout: 40_000 })
      .toEqual(["person_own_access"]);
  });

  test("409 person_last_admin: by a key, the only enabled administrator", async () => {
    await other({ roles: ["admin"], disabled: true });
    const key = restClient(url, await here.key());
    expect(await post(admin.id, "disable", { reason }, key)).toMatchObject(refused(409, "person_last_admin"));
    await other({ roles: ["admin"] });
    expect((await post(admin.id, "disable", { reason }, key)).status).toBe(200);
  });

  test("409 person_last_admin: two administrators who disable each other at once, one of them stays", async () => {
    for (let round = 0; round < 5; round += 1) {
      here = await place();
      const [a, b] = [await here.person(), await here.person()];
      const [asA, asB] = [await proven(a), await proven(b)];
      await Promise.all([post(b.id, "disable", { reason }, asA), post(a.id, "disable", { reason }, asB)]);
      const [left] = await asOwner()`select count(*)::int as n from people
        where tenant_id = ${here.tenantId} and disabled_at is null`;
      expect(left?.n).toBe(1);
    }
  });

  test("404 person_not_found: none, or one of another organisation", async () => {
    for (const id of [never, (await (await place()).person()).id])
      expect(await post(id, "disable", { reason })).toMatchObject(refused(404, "person_not_found"));
  });

  test("400: without a reason that says something", async () => {
    const person = await other();
    for (const said of [{}, { reason: "" }, { reason: "gone" }, { reason: "          " }])
      expect((await post(person.id, "disable", said)).body.code).toBe("invalid_input");
  });
});

describe("people.enable", () => {
  test("200: the person may sign in again; the sessions from before stay over", async () => {
    const person = await other({ roles: ["executive"] });
    const before = restClient(url, await person.session());
    await post(person.id, "disable", { reason });
    expect((await post(person.id, "enable")).body).toMatchObject({ changed: true, person: { disabledAt: null } });
    expect((await before.get("/me")).status).toBe(401);
    expect((await restClient(url, await person.session()).get("/me")).status).toBe(200);
    expect((await post(person.id, "enable")).body.changed).toBe(false);
    expect((await told(here)).map(([name]) => name)).toEqual(["person.disabled", "person.enabled"]);
  });

  test("403 person_own_access, 404 person_not_found", async () => {
    expect(await post(admin.id, "enable")).toMatchObject(refused(403, "person_own_access"));
    expect(await post(never, "enable")).toMatchObject(refused(404, "person_not_found"));
  });
});

describe("people.grantRole", () => {
  const grant = (id: string, role: string, by = api) => post(id, "grant-role", { role }, by);

  test("200: it holds at once, in a session that is open already", async () => {
    const person = await other();
    const session = restClient(url, await person.session());
    expect((await session.get("/signals")).status).toBe(403);
    const { body } = await grant(person.id, "operational");
    expect(body).toMatchObject({
      changed: true,
      person: { roles: [{ role: "operational", source: "granted", grantedBy: admin.id }], version: 2 },
    });
    expect((await session.get("/signals")).status).toBe(200);
    expect((await session.get("/me")).body.roles).toEqual(["executive", "operational"]);
    expect(await told(here)).toEqual([["person.role_granted", { id: person.id, role: "operational" }]]);
  });

  test("200: beside the same role from the directory; a second time changes nothing; again after it was taken", async () => {
    const person = await other();
    await fromDirectory(person, "auditor");
    expect(rolesOf((await grant(person.id, "auditor")).body)).toEqual(["auditor directory", "auditor granted"]);
    expect((await grant(person.id, "auditor")).body).toMatchObject({ changed: false, person: { version: 2 } });
    await post(person.id, "revoke-role", { role: "auditor" });
    expect(rolesOf((await grant(person.id, "auditor")).body)).toEqual(["auditor directory", "auditor granted"]);
    expect((await here.trail(person.uuid)).map(({ changed }) => changed)).toEqual([true, false, true, true]);
  });

  test("200: two roles at once are two roles", async () => {
    const person = await other();
    await Promise.all(["executive", "approver", "auditor"].map((role) => grant(person.id, role)));
    const { body } = await api.get(`/people/${person.id}`);
    expect(body.roles.map(({ role }: { role: string }) => role)).toEqual(["approver", "auditor", "executive"]);
    expect(body.version).toBe(4);
    const after = (await here.trail(person.uuid)).map(({ changes }) => (changes as { roles: unknown[][] }).roles[1]);
    expect(after.map((roles) => roles?.length)).toEqual([1, 2, 3]);
  });

  test("401 step_up_required: without a second factor, or with one too long ago", async () => {
    const person = await other();
    for (const old of [false, 301_000] as const) {
      const session = restClient(url, await admin.session({ proven: old }));
      expect(await grant(person.id, "executive", session)).toMatchObject(refused(401, "step_up_required"));
    }
  });

  test("403 person_required: a key, whatever it may do", async () => {
    const key = restClient(url, await here.key());
    expect(await grant((await other()).id, "executive", key)).toMatchObject(refused(403, "person_required"));
  });

  test("403 person_own_access: oneself, also what one has already", async () => {
    for (const role of ["approver", "admin", "no_such_role"])
      expect(await grant(admin.id, role)).toMatchObject(refused(403, "person_own_access"));
  });

  test("404 person_not_found, 422 person_role_unknown", async () => {
    expect(await grant((await (await place()).person()).id, "admin")).toMatchObject(refused(404, "person_not_found"));
    expect(await grant((await other()).id, "no_such_role")).toMatchObject(refused(422, "person_role_unknown"));
  });
});

describe("people.revokeRole", () => {
  const take = (id: string, role: string, by = api) => post(id, "revoke-role", { role }, by);

  test("200: it holds at once", async () => {
    const person = await other({ roles: ["executive", "approver"] });
    const session = restClient(url, await person.session());
    expect((await session.get("/signals")).status).toBe(200);
    expect(rolesOf((await take(person.id, "executive")).body)).toEqual(["approver granted"]);
    expect((await session.get("/signals")).status).toBe(403);
    expect((await take(person.id, "executive")).body).toMatchObject({ changed: false, person: { version: 2 } });
    expect(await told(here)).toEqual([["person.role_revoked", { id: person.id, role: "executive" }]]);
  });

  test("409 person_role_from_directory: what the directory gives is taken there", async () => {
    const person = await other();
    await fromDirectory(person, "executive");
    expect(await take(person.id, "executive")).toMatchObject(refused(409, "person_role_from_directory"));
  });

  test("200: of a role that is granted and the directory's, the grant", async () => {
    const person = await other({ roles: ["executive"] });
    await fromDirectory(person, "executive");
    expect(rolesOf((await take(person.id, "executive")).body)).toEqual(["executive directory"]);
  });

  test("403 person_own_access: nobody resigns, either", async () => {
    expect(await take(admin.id, "admin")).toMatchObject(refused(403, "person_own_access"));
  });

  test("409 person_last_admin: two administrators who take each other's role at once, one of them stays", async () => {
    for (let round = 0; round < 5; round += 1) {
      here = await place();
      const [a, b] = [await here.person(), await here.person()];
      const [asA, asB] = [await proven(a), await proven(b)];
      const answers = await Promise.all([take(b.id, "admin", asA), take(a.id, "admin", asB)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const [left] = await asOwner()`select count(*)::int as n from person_roles
        where tenant_id = ${here.tenantId} and role = 'admin' and ended_at is null`;
      expect(left?.n).toBe(1);
    }
  });

  test("409 person_last_admin: of one who is not shut out; who is, may lose it", async () => {
    const [enabled, disabled] = [await other({ roles: ["admin"] }), await other({ roles: ["admin"], disabled: true })];
    const granter = await here.person({ roles: ["admin"] });
    const by = await proven(granter);
    expect((await take(disabled.id, "admin", by)).status).toBe(200);
    expect((await take(admin.id, "admin", by)).status).toBe(200);
    expect((await take(enabled.id, "admin", by)).status).toBe(200);
    await asOwner()`update people set disabled_at = now() where id = ${granter.uuid}`;
    // The server knows the granter for up to a minute: the database alone says that the last enabled administrator is another one.
    const last = await other({ roles: ["admin"] });
    expect(await take(last.id, "admin", by)).toMatchObject(refused(409, "person_last_admin"));
  });

  test("404 person_not_found", async () => {
    expect(await take(never, "admin")).toMatchObject(refused(404, "person_not_found"));
  });
});

describe("people.setClearance", () => {
  const set = (id: string, clearance: string, version = 1, by = api) =>
    post(id, "set-clearance", { version, clearance }, by);

  test("200: it holds at once; the same again changes nothing", async () => {
    const person = await other({ roles: ["executive"], clearance: "public" });
    const session = restClient(url, await person.session());
    expect((await session.get("/me")).body.clearance).toBe("public");
    expect((await set(person.id, "secret")).body).toMatchObject({ clearance: "secret", version: 2 });
    expect((await session.get("/me")).body.clearance).toBe("secret");
    expect((await set(person.id, "secret", 2)).body.version).toBe(2);
    expect(await told(here)).toEqual([["person.clearance_set", { id: person.id, clearance: "secret" }]]);
    expect(await here.trail(person.uuid)).toMatchObject([
      { changes: { clearance: ["public", "secret"] } },
      { changed: false },
    ]);
  });

  test("403 person_clearance_exceeds: above one's own; down to it, anybody's", async () => {
    const low = await proven(await here.person({ clearance: "internal" }));
    const person = await other({ clearance: "secret" });
    for (const level of ["confidential", "secret"])
      expect(await set(person.id, level, 1, low)).toMatchObject(refused(403, "person_clearance_exceeds"));
    expect((await set(person.id, "internal", 1, low)).body.clearance).toBe("internal");
  });

  test("403 person_own_access, 404 person_not_found, 412 person_changed, 422 person_clearance_unknown", async () => {
    const { id } = await other();
    expect(await set(admin.id, "public")).toMatchObject(refused(403, "person_own_access"));
    expect(await set(never, "public")).toMatchObject(refused(404, "person_not_found"));
    expect(await set(id, "public", 2)).toMatchObject(refused(412, "person_changed"));
    expect(await set(id, "cosmic")).toMatchObject(refused(422, "person_clearance_unknown"));
  });

  test("401 step_up_required, 403 person_required", async () => {
    const { id } = await other();
    expect(outcome(await set(id, "public", 1, restClient(url, await admin.session())))).toBe("step_up_required");
    expect(outcome(await set(id, "public", 1, restClient(url, await here.key())))).toBe("person_required");
  });
});

describe("people.sessions", () => {
  test("200: where somebody is signed in, newest first, without what would open one", async () => {
    const person = await other();
    await person.session();
    const text = await person.session({ proven: true });
    const { body } = await api.get(`/people/${person.id}/sessions`);
    expect(body.items).toHaveLength(2);
    expect(body.items).toContainEqual({
      id: expect.stringMatching(/^ses_/),
      ...{ openedAt: expect.any(String), lastSeenAt: expect.any(String), endsAt: expect.any(String) },
      ...{ provenAt: expect.any(String), address: "127.0.0.1", userAgent: "test", current: false },
    });
    expect(JSON.stringify(body)).not.toContain(text.split(":")[1]);
    const mine = await api.get(`/people/${admin.id}/sessions`);
    expect(mine.body.items).toMatchObject([{ current: true }]);
  });

  test("404 person_not_found: of another organisation", async () => {
    const theirs = await (await place()).person();
    await theirs.session();
    expect(await api.get(`/people/${theirs.id}/sessions`)).toMatchObject(refused(404, "person_not_found"));
  });
});

describe("people.signOut", () => {
  test("200: everywhere at once, and in again is possible", async () => {
    const person = await other({ roles: ["executive"] });
    const open = [restClient(url, await person.session()), restClient(url, await person.session())];
    for (const one of open) await one.get("/me");
    expect((await post(person.id, "sign-out")).body).toEqual({ changed: true, ended: 2 });
    for (const one of open) expect((await one.get("/me")).status).toBe(401);
    expect((await restClient(url, await person.session()).get("/me")).status).toBe(200);
    const trail = (await here.trail()).filter(({ action }) => action === "session.revoke");
    expect(trail).toMatchObject(
      Array(2).fill({ resource_type: "session", actor_id: admin.id, changes: { personId: [person.id, null] } }),
    );
    expect(await told(here)).toMatchObject(Array(2).fill(["session.revoked", { personId: person.id }]));
  });

  test("200: nobody there to sign out, on record as that", async () => {
    expect((await post((await other()).id, "sign-out")).body).toEqual({ changed: false, ended: 0 });
    expect(await here.trail()).toMatchObject([{ action: "session.revoke", changed: false }]);
  });

  test("404 person_not_found: of another organisation, who stays signed in", async () => {
    const theirs = await (await place()).person({ roles: [] });
    const session = restClient(url, await theirs.session());
    expect(await post(theirs.id, "sign-out")).toMatchObject(refused(404, "person_not_found"));
    expect((await session.get("/me")).status).toBe(200);
  });
});
