import type { Server } from "@dais/api/server";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Person } from "@dais/contracts/person";
import { type SignIn, signIn } from "@dais/modules/people/sign-in";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sessionPrefix } from "./support/credential.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let server: Server;
let here: Place;
let api: RestClient;
let said: SignIn;

beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  here = await place();
  api = restClient(server.url, await here.key());
  const tid = crypto.randomUUID();
  await asOwner()`insert into directories (tid, tenant_id, makes_people) values (${tid}, ${here.tenantId}, true)`;
  said = {
    ...{ tid, oid: crypto.randomUUID(), name: "Layla Al Marri", email: "layla@rimal.example" },
    ...{ preferredUsername: "layla@rimal.example", appRoles: [], groups: [] },
  };
});

const perform = async (of: Partial<SignIn> = {}, at = here) => {
  const on = { tenantId: at.tenantId, requestId: "a-test-of-sign-in" };
  const done = await server.kernel.perform(signIn, on, { ...said, ...of });
  if (!done) throw new Error("a sign-in is no event to take in");
  return done;
};
const shown = async (id: string): Promise<Person> => (await api.get(`/people/${id}`)).body as Person;
const rolesOf = ({ roles }: Person) => roles.map(({ role, source, grantedBy }) => `${role} ${source} ${grantedBy}`);
const rule = (kind: "app_role" | "group", value: string, role: string) =>
  asOwner()`insert into directory_rules (tenant_id, kind, value, role) values (${here.tenantId}, ${kind}, ${value}, ${role})`;

describe("the first sign-in", () => {
  test("makes the person, with the lowest clearance and no role, on record and told", async () => {
    const { personId, made, disabled } = await perform();
    expect([made, disabled]).toEqual([true, false]);
    const person = await shown(personId);
    expect(person).toMatchObject({
      ...{ name: { en: "Layla Al Marri", ar: null }, email: "layla@rimal.example", clearance: "public" },
      ...{ roles: [], language: null, phone: null, lastSignedInAt: expect.any(String) },
    });
    expect(await here.trail()).toMatchObject([
      {
        ...{ operation: "people.signIn", action: "person.sign_in", actor_kind: "system", outcome: "done" },
        ...{ resource_id: uuidOf(personId), resource_version: person.version, before_digest: null },
      },
    ]);
    expect(await told(here)).toEqual([
      ["person.created", { id: personId }],
      ["person.signed_in", { id: personId }],
    ]);
  });

  test("at once with others, makes one person", async () => {
    for (let round = 0; round < 5; round += 1) {
      const oid = crypto.randomUUID();
      const done = await Promise.all(Array.from({ length: 4 }, () => perform({ oid })));
      expect(new Set(done.map(({ personId }) => personId)).size).toBe(1);
      expect(done.filter(({ made }) => made)).toHaveLength(1);
    }
  });

  test("is of a directory and the id there: the same address elsewhere is somebody else", async () => {
    const { personId } = await perform();
    const other = await perform({ oid: crypto.randomUUID() });
    expect(other).toMatchObject({ made: true });
    expect(other.personId).not.toBe(personId);
    const there = await place();
    await asOwner()`insert into directories (tid, tenant_id, makes_people) values (${said.tid}, ${there.tenantId}, true)`;
    expect((await perform({}, there)).personId).not.toBe(personId);
  });

  test("is refused where the directory makes no people, or is none of the organisation's; who is there gets in", async () => {
    const { personId } = await perform();
    await asOwner()`update directories set makes_people = false where tid = ${said.tid}`;
    await expect(perform({ oid: "somebody new" })).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await perform()).toEqual({ personId, made: false, disabled: false });
    await expect(perform({ tid: "a directory of nobody" })).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test.each([
    ["markup stays what it is: text", "<b>Layla</b><script>alert(1)</script>", "<b>Layla</b><script>alert(1)</script>"],
    [
      "line breaks and other controls become spaces",
      "Layla\r\nBcc: all@rimal.example\u0000\u2028\u0007 x ",
      "Layla Bcc: all@rimal.example x",
    ],
    ["marks that turn the direction are taken out", "Layla\u202egnp.exe\u2066", "Layla gnp.exe"],
    ["Arabic, and letters of two places, stay", "ليلى المري 🛰️", "ليلى المري 🛰️"],
    ["half a letter is none", "Layla \ud83d", "Layla \ufffd"],
    ["what is too long is cut, never within a letter", `${"x".repeat(199)}🛰️ and more`, "x".repeat(199)],
    ["nothing to read: the user name", " \n\t", "layla@rimal.example"],
  ])("a name: %s", async (_, name, kept) => {
    const { personId } = await perform({ name });
    expect((await shown(personId)).name.en).toBe(kept);
  });

  test("without any name: the id of the directory stands in", async () => {
    const { personId } = await perform({ name: null, preferredUsername: null, email: null });
    expect(await shown(personId)).toMatchObject({ name: { en: said.oid }, email: null });
  });

  test.each(["layla@rimal.example\r\nBcc: all@rimal.example", `${"x".repeat(320)}@rimal.example`, "", "  "])(
    "an address that isn't a plain line is none: %j",
    async (email) => {
      const { personId } = await perform({ email });
      expect((await shown(personId)).email).toBeNull();
    },
  );
});

describe("a later sign-in", () => {
  test("takes over what the directory says, and leaves what is ours", async () => {
    const { personId } = await perform();
    await api.patch(`/people/${personId}`, { version: 2, nameAr: "ليلى", phone: "+971501234567" });
    expect(await perform({ name: "Layla Haddad", email: null })).toEqual({ personId, made: false, disabled: false });
    expect(await shown(personId)).toMatchObject({
      ...{ name: { en: "Layla Haddad", ar: "ليلى" }, email: null, phone: "+971501234567", version: 4 },
    });
    const names = (await told(here)).map(([name]) => name);
    expect(names.slice(-2)).toEqual(["person.updated", "person.signed_in"]);
    expect((await here.trail()).at(-1)).toMatchObject({
      changes: {
        name: [
          { en: "Layla Al Marri", ar: "ليلى" },
          { en: "Layla Haddad", ar: "ليلى" },
        ],
      },
    });
  });

  test("that says nothing new is a sign-in, and no update", async () => {
    await perform();
    await perform();
    expect((await told(here)).map(([name]) => name)).toEqual([
      "person.created",
      "person.signed_in",
      "person.signed_in",
    ]);
  });

  test("of somebody who is shut out changes nothing, and is on record as that", async () => {
    const { personId } = await perform();
    await api.post(`/people/${personId}/disable`, { reason: "Left the company." });
    const before = await shown(personId);
    expect(await perform({ name: "Other", appRoles: ["admin"] })).toEqual({ personId, made: false, disabled: true });
    expect(await shown(personId)).toEqual(before);
    expect((await here.trail()).at(-1)).toMatchObject({ action: "person.sign_in", changed: false });
    expect((await told(here)).map(([name]) => name).slice(-1)).toEqual(["person.disabled"]);
  });
});

describe("the directory's roles", () => {
  test("follow app roles and groups by the organisation's rules; what no rule names gives nothing", async () => {
    await rule("app_role", "Dais.Executive", "executive");
    await rule("group", "11111111-2222", "approver");
    await rule("group", "Dais.Executive", "admin"); // a group of that name, not the app role
    await rule("app_role", "Dais.Wizard", "wizard"); // there is no such role
    const appRoles = ["Dais.Executive", "Dais.Wizard", "admin", "executive"];
    const { personId } = await perform({ appRoles, groups: ["11111111-2222", "another"] });
    expect(rolesOf(await shown(personId))).toEqual(["approver directory group", "executive directory app_role"]);
  });

  test("are another organisation's business there", async () => {
    const there = await place();
    await asOwner()`insert into directory_rules (tenant_id, kind, value, role) values (${there.tenantId}, 'app_role', 'admin', 'admin')`;
    const { personId } = await perform({ appRoles: ["admin"] });
    expect((await shown(personId)).roles).toEqual([]);
  });

  test("are replaced at each sign-in, at once in sessions that are open; what was granted here stays", async () => {
    await rule("app_role", "auditor", "auditor");
    await rule("app_role", "operational", "operational");
    const { personId } = await perform({ appRoles: ["auditor"] });
    const admin = restClient(server.url, await (await here.person()).session({ proven: true }));
    await admin.post(`/people/${personId}/grant-role`, { role: "approver" });
    const text = await opened(personId);
    const session = restClient(server.url, text);
    expect((await session.get("/me")).body.roles).toEqual(["approver", "auditor", "executive"]);
    await perform({ appRoles: ["operational"] });
    expect((await session.get("/me")).body.roles).toEqual(["approver", "executive", "operational"]);
    expect(rolesOf(await shown(personId)).map((role) => role.replace(/ per_.*/, ""))).toEqual([
      "approver granted",
      "operational directory app_role",
    ]);
    await perform({ appRoles: [] });
    expect((await session.get("/me")).body.roles).toEqual(["approver"]);
    await perform({ appRoles: ["auditor"] });
    expect((await session.get("/me")).body.roles).toEqual(["approver", "auditor", "executive"]);
  });

  test("where the groups can't be had, those that a group gave stay; those of app roles follow", async () => {
    await rule("group", "g1", "approver");
    await rule("group", "g2", "auditor");
    await rule("app_role", "executive", "executive");
    await rule("app_role", "auditor", "auditor");
    const { personId } = await perform({ appRoles: ["executive"], groups: ["g1"] });
    await perform({ appRoles: ["auditor"], groups: null });
    expect(rolesOf(await shown(personId))).toEqual(["approver directory group", "auditor directory app_role"]);
    await perform({ appRoles: [], groups: null });
    expect(rolesOf(await shown(personId))).toEqual(["approver directory group"]);
    await perform({ appRoles: ["auditor"], groups: ["g2"] });
    expect(rolesOf(await shown(personId))).toEqual(["auditor directory app_role, group"]);
    await perform({ appRoles: [], groups: null });
    expect(rolesOf(await shown(personId))).toEqual(["auditor directory group"]);
    await asOwner()`update directory_rules set ended_at = now() where tenant_id = ${here.tenantId} and value = 'g2'`;
    await perform({ appRoles: [], groups: null });
    expect((await shown(personId)).roles).toEqual([]);
  });

  test("with thousands of groups, and values that look like SQL and JSON", async () => {
    const odd = `'); drop table people; -- "},{`;
    await rule("group", odd, "auditor");
    const groups = [...Array.from({ length: 5000 }, (_, n) => `group ${n}`), "\0", "\ud83d", odd];
    const { personId } = await perform({ groups });
    expect(rolesOf(await shown(personId))).toEqual(["auditor directory group"]);
  });
});

/** A session of a person whom a sign-in made. */
async function opened(personId: string): Promise<string> {
  const openedAt = Date.now();
  const text = await server.sessions.open(
    {
      ...{ id: "ses_01kejc8ht0e6ssypg6m30swm9a", tenantId: here.tenantId, personId, openedAt, provenAt: null },
      ...{ endsAt: openedAt + 3_600_000, address: "127.0.0.1", userAgent: null },
      ...{ issuer: "http://issuer.test", issuerSid: null, subject: said.oid },
    },
    null,
  );
  return `${sessionPrefix}${text}`;
}
