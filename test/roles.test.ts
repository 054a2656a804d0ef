import { operations, permissions } from "@dais/contracts";
import { builtInRoles, permissionsOf } from "@dais/contracts/roles/builtIn";
import { rolesPage } from "@dais/documents/roles";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let here: Place;
let api: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await (await here.person()).session({ proven: true }));
});

const refused = (status: number, code: string) => ({ status, body: { code } });
const mapping = (value: string, role: string, kind = "app_role") => ({ kind, value, role });
const mappings = async (query = "") => (await api.get(`/roles/mappings?${query}`)).body;

describe("the roles", () => {
  test("have every permission of the contract, and no other", () => {
    const placed = new Set(builtInRoles.flatMap((role) => role.permissions));
    expect([...placed].sort()).toEqual(Object.keys(permissions).sort());
  });

  test("inherit roles that there are, and never themselves", () => {
    const keys = builtInRoles.map(({ key }) => key);
    const above = (key: string): string[] =>
      builtInRoles.find((role) => role.key === key)?.inherits.flatMap((one) => [one, ...above(one)]) ?? [];
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) {
      expect(keys).toEqual(expect.arrayContaining(above(key)));
      expect(above(key)).not.toContain(key);
    }
  });

  test("are those of the database, which the server asks", async () => {
    const rows = await asOwner()`select key, inherits, permissions from roles order by key`;
    const declared = builtInRoles.map(({ key, inherits, permissions }) => ({ key, inherits, permissions }));
    expect(rows).toEqual(declared.sort((a, b) => (a.key < b.key ? -1 : 1)));
  });

  test.each(builtInRoles.map(({ key }) => key))("%s: who has it may do what it says, and no more", async (key) => {
    const session = await (await here.person({ roles: [key] })).session();
    expect((await restClient(url, session).get("/me")).body.permissions).toEqual(permissionsOf(key));
  });

  test("executive and auditor change nothing, but that they say when they got what was sent to them", () => {
    const changing = [...operations.values()]
      .filter(({ kind }) => kind === "command")
      .map(({ meta }) => meta.permission);
    for (const key of ["executive", "auditor"])
      expect(permissionsOf(key).filter((permission) => changing.includes(permission))).toEqual([
        "dispatch_recipient.acknowledge",
      ]);
  });
});

describe("docs/roles.md", () => {
  const page = rolesPage();

  test("has a row for each operation, and a column for each role", () => {
    for (const { path, meta } of operations.values()) {
      const cells =
        page
          .split("\n")
          .find((line) => line.startsWith(`| \`${path}\` |`))
          ?.split("|") ?? [];
      const marks = cells.slice(3, -1).map((cell) => cell.trim());
      expect(marks, path).toHaveLength(builtInRoles.length);
      const people = builtInRoles.map(({ key }, n) => [key, marks[n]] as const).slice(0, 5);
      for (const [key, mark] of people)
        expect(mark !== "", `${path} ${key}`).toBe(!meta.permission || permissionsOf(key).includes(meta.permission));
    }
  });

  test("says where a second factor is needed, and what an agent may only propose or not do at all", () => {
    expect(page).toMatch(/^\| `people.grantRole` \| `person.grant_role` \| +\| +\| +\| ✓² \| +\| +\| +\|$/m);
    expect(page).toMatch(/^\| `signals.acknowledge` .* \? \| +\|$/m);
    expect(page).toMatch(/^\| `me.update` \| +(\| ✓ ){5}\| +\| +\|$/m);
  });
});

describe("roles.list", () => {
  test("200: each with what it may do, inherited ones included", async () => {
    const { items } = (await api.get("/roles")).body;
    expect(items.map(({ key }: { key: string }) => key)).toEqual(builtInRoles.map(({ key }) => key));
    const operational = items.find(({ key }: { key: string }) => key === "operational");
    expect(operational).toMatchObject({ name: { en: "Operational", ar: "تشغيلي" }, inherits: ["executive"] });
    expect(operational.permissions).toEqual(expect.arrayContaining(["signal.read", "signal.dismiss"]));
  });
});

describe("roles.mappings", () => {
  test("200: by kind, value and role, page by page, or those of one role", async () => {
    for (const one of [mapping("b", "admin"), mapping("a", "auditor"), mapping("g", "admin", "group")])
      await api.post("/roles/map", one);
    const first = await mappings("limit=2");
    expect(first.items).toEqual([mapping("a", "auditor"), mapping("b", "admin")]);
    expect(await mappings(`limit=2&cursor=${first.nextCursor}`)).toEqual({
      items: [mapping("g", "admin", "group")],
      nextCursor: null,
    });
    expect((await mappings("role=auditor")).items).toEqual([mapping("a", "auditor")]);
  });

  test("200: none of another organisation; 400 invalid_cursor", async () => {
    await api.post("/roles/map", mapping("a", "auditor"));
    const there = restClient(url, await (await place()).key());
    expect((await there.get("/roles/mappings")).body.items).toEqual([]);
    expect(await api.get("/roles/mappings?cursor=made-up")).toMatchObject(refused(400, "invalid_cursor"));
  });
});

describe("roles.map", () => {
  test("200: on record and told; a second time changes nothing; again after it was taken back", async () => {
    const one = mapping("Dais.Executive", "executive");
    expect((await api.post("/roles/map", one)).body).toEqual({ changed: true, mapping: one });
    expect((await api.post("/roles/map", one)).body).toEqual({ changed: false, mapping: one });
    await api.post("/roles/unmap", one);
    expect((await api.post("/roles/map", one)).body.changed).toBe(true);
    const trail = await here.trail(here.tenantId);
    expect(trail).toMatchObject([
      { action: "role.map", changes: { mapping: [null, one] } },
      { action: "role.map", changed: false },
      { action: "role.unmap", changes: { mapping: [one, null] } },
      { action: "role.map", changed: true },
    ]);
    expect(await told(here)).toMatchObject([
      ["role.mapped", one],
      ["role.unmapped", one],
      ["role.mapped", one],
    ]);
  });

  test("401 step_up_required, 403 person_required, 422 role_unknown", async () => {
    const person = await here.person();
    const once = restClient(url, await person.session());
    const one = mapping("a", "auditor");
    expect(await once.post("/roles/map", one)).toMatchObject(refused(401, "step_up_required"));
    const key = restClient(url, await here.key());
    expect(await key.post("/roles/map", one)).toMatchObject(refused(403, "person_required"));
    expect(await api.post("/roles/map", mapping("a", "wizard"))).toMatchObject(refused(422, "role_unknown"));
  });

  test("400: what can't be said of a directory", async () => {
    for (const one of [
      mapping("", "admin"),
      mapping("a\nb", "admin"),
      mapping("a", "Admin"),
      mapping("a", "admin", "oid"),
    ])
      expect((await api.post("/roles/map", one)).body.code).toBe("invalid_input");
  });
});

describe("roles.unmap", () => {
  test("200: what isn't mapped changes nothing, also a mapping to a role that there isn't", async () => {
    for (const one of [mapping("a", "auditor"), mapping("a", "wizard"), mapping("a", "admin")])
      expect((await api.post("/roles/unmap", one)).body).toEqual({ changed: false, mapping: one });
  });

  test("409 role_last_admin_mapping: where nobody would be administrator after the next sign-ins", async () => {
    const person = await here.person();
    const session = restClient(url, await person.session({ proven: true }));
    const [one, two] = [mapping("a", "admin"), mapping("b", "admin", "group")];
    for (const each of [one, two]) await session.post("/roles/map", each);
    // As if both had the role from the directory alone.
    await asOwner()`update person_roles set source = 'directory' where tenant_id = ${here.tenantId}`;
    const answers = await Promise.all([one, two].map((each) => session.post("/roles/unmap", each)));
    expect(answers.map(({ body }) => body.code ?? "done").sort()).toEqual(["done", "role_last_admin_mapping"]);
    expect((await mappings()).items).toHaveLength(1);
    await asOwner()`update person_roles set source = 'granted' where person_id = ${person.uuid}`;
    const [left] = (await mappings()).items;
    expect((await session.post("/roles/unmap", left)).body.changed).toBe(true);
  });

  test("401 step_up_required, 403 person_required", async () => {
    const once = restClient(url, await (await here.person()).session());
    expect(await once.post("/roles/unmap", mapping("a", "auditor"))).toMatchObject(refused(401, "step_up_required"));
    const key = restClient(url, await here.key());
    expect(await key.post("/roles/unmap", mapping("a", "auditor"))).toMatchObject(refused(403, "person_required"));
  });
});
