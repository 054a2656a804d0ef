import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let here: Place;
let api: RestClient;
const never = "per_01kejc8ht0e6ssypg6m30swm9g";

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
});

const named = (name: string, roles: string[] = []) => here.person({ name, roles });
const update = (id: string, said: object, version = 1) => api.patch(`/people/${id}`, { version, ...said });
const refused = (status: number, code: string) => ({ status, body: { code } });

describe("people.list", () => {
  const names = async (query: string) => {
    const { items, nextCursor } = (await api.get(`/people?${query}`)).body;
    return { names: items.map((item: { name: { en: string } }) => item.name.en), nextCursor };
  };

  test("200: by name, page by page, each once where names are the same", async () => {
    for (const name of ["Omar", "Layla", "Omar", "Mariam"]) await named(name);
    const first = await names("limit=3");
    expect(first.names).toEqual(["Layla", "Mariam", "Omar"]);
    expect(await names(`limit=3&cursor=${first.nextCursor}`)).toEqual({ names: ["Omar"], nextCursor: null });
    const ids = async (query: string) =>
      (await api.get(`/people?${query}`)).body.items.map((item: { id: string }) => item.id);
    expect(new Set([...(await ids("limit=3")), ...(await ids(`limit=3&cursor=${first.nextCursor}`))]).size).toBe(4);
  });

  test("200: by the beginning of the English or Arabic name, whatever the case, and nothing in it is a pattern", async () => {
    for (const name of ["Layla Al Marri", "LAYAN", "Omar", "100% Sure", "a_b"]) await named(name);
    const { id } = await named("Nobody");
    await update(id, { nameAr: "ليلى المري" });
    expect((await names("q=lay")).names.sort()).toEqual(["LAYAN", "Layla Al Marri"]);
    expect((await names(`q=${encodeURIComponent("ليلى")}`)).names).toEqual(["Nobody"]);
    for (const none of ["%", "_", "marri"]) expect((await names(`q=${encodeURIComponent(none)}`)).names).toEqual([]);
    expect((await names(`q=${encodeURIComponent("100%")}`)).names).toEqual(["100% Sure"]);
  });

  test("200: of an entity, with a role of their own, shut out or not", async () => {
    const { company } = here.entities;
    await here.person({ name: "Works there", roles: [], entityId: uuidOf(company) });
    await named("Admin", ["admin"]);
    await named("Reader", ["executive"]);
    await here.person({ name: "Gone", roles: ["executive"], disabled: true });
    expect((await names(`entityId=${company}`)).names).toEqual(["Works there"]);
    expect((await names("role=admin")).names).toEqual(["Admin"]);
    expect((await names("role=executive")).names).toEqual(["Gone", "Reader"]);
    expect((await names("role=executive&disabled=false")).names).toEqual(["Reader"]);
    expect((await names("disabled=true")).names).toEqual(["Gone"]);
    expect((await names("role=no_such_role")).names).toEqual([]);
  });

  test("200: nobody of another organisation", async () => {
    await (await place()).person({ name: "Theirs" });
    expect((await names("q=theirs")).names).toEqual([]);
  });

  test("400 invalid_cursor: of another filter", async () => {
    await named("A");
    await named("B");
    const { nextCursor } = await names("limit=1");
    expect(await api.get(`/people?limit=1&disabled=false&cursor=${nextCursor}`)).toMatchObject(
      refused(400, "invalid_cursor"),
    );
  });
});

describe("people.get", () => {
  test("200: with an ETag, and nothing that a store may keep", async () => {
    const { id } = await named("Layla", ["executive"]);
    const answer = await api.get(`/people/${id}`);
    expect(answer.body).toMatchObject({
      id,
      name: { en: "Layla", ar: null },
      email: null,
      roles: [{ role: "executive", source: "granted", grantedBy: "test", grantedAt: expect.stringMatching(/Z$/) }],
      deputies: [],
      disabledAt: null,
      lastSignedInAt: null,
      version: 1,
    });
    expect(answer.headers.get("etag")).toBe('"1"');
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("404 person_not_found: none, or one of another organisation", async () => {
    for (const id of [never, (await (await place()).person()).id])
      expect(await api.get(`/people/${id}`)).toMatchObject(refused(404, "person_not_found"));
  });
});

describe("people.update", () => {
  test("200: what the directory doesn't say; what is absent stays, null clears", async () => {
    const [{ id, uuid }, boss] = [await named("Layla"), await named("Mariam")];
    const said = {
      ...{ nameAr: "ليلى المري", phone: "+971501234567", timeZone: "Asia/Dubai", language: "ar" },
      ...{ entityId: here.entities.company, managerId: boss.id },
    };
    const { nameAr, ...rest } = said;
    const changed = (await update(id, said)).body;
    expect(changed).toMatchObject({ name: { en: "Layla", ar: nameAr }, ...rest, version: 2 });
    const cleared = (await update(id, { phone: null, managerId: null }, 2)).body;
    expect(cleared).toMatchObject({ ...rest, phone: null, managerId: null, version: 3 });
    expect((await update(id, { phone: null, language: "ar" }, 3)).body).toEqual(cleared);
    expect(await here.trail(uuid)).toMatchObject([
      { action: "person.update", resource_version: 2, changed: true },
      { changes: { phone: ["+971501234567", null], managerId: [boss.id, null] }, changed: true },
      { resource_version: 3, changed: false },
    ]);
    expect(await told(here)).toEqual([
      ["person.updated", { id }],
      ["person.updated", { id }],
    ]);
  });

  test("412 person_changed: an older version, also where the change would be none", async () => {
    const { id } = await named("Layla");
    await update(id, { language: "ar" });
    expect(await update(id, { language: "ar" })).toMatchObject({
      status: 412,
      body: { code: "person_changed", version: 2 },
    });
  });

  test("412 person_changed: of two at once, one", async () => {
    const { id } = await named("Layla");
    const answers = await Promise.all(["ar", "en"].map((language) => update(id, { language })));
    expect(answers.map((answer) => answer.body.code ?? answer.status).sort()).toEqual([200, "person_changed"]);
  });

  test("422 person_phone_invalid: the form is right, and yet no country has such numbers", async () => {
    const { id } = await named("Layla");
    for (const phone of ["+9999999999", "+97150123456", "+97150123456789"])
      expect(await update(id, { phone })).toMatchObject(refused(422, "person_phone_invalid"));
    for (const phone of ["0501234567", "+971 50 123 4567", "+0", "+971501234567x", ""])
      expect((await update(id, { phone })).body.code).toBe("invalid_input");
  });

  test("422: an entity or a manager of another organisation, or none", async () => {
    const [{ id }, elsewhere] = [await named("Layla"), await place()];
    for (const managerId of [never, (await elsewhere.person()).id])
      expect(await update(id, { managerId })).toMatchObject(refused(422, "person_manager_unknown"));
    expect(await update(id, { entityId: elsewhere.entities.company })).toMatchObject(
      refused(422, "person_entity_unknown"),
    );
  });

  test("422 person_manager_cycle: oneself, or somebody below, over any number of steps", async () => {
    const [top, middle, low] = [await named("Top"), await named("Middle"), await named("Low")];
    await update(middle.id, { managerId: top.id });
    await update(low.id, { managerId: middle.id });
    for (const managerId of [top.id, middle.id, low.id])
      expect(await update(top.id, { managerId })).toMatchObject(refused(422, "person_manager_cycle"));
    expect((await update(low.id, { managerId: top.id }, 2)).status).toBe(200);
  });

  test("422 person_manager_cycle: two changes at once that would only together make one", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await named("A"), await named("B")];
      const answers = await Promise.all([update(a.id, { managerId: b.id }), update(b.id, { managerId: a.id })]);
      expect(answers.map((answer) => answer.body.code ?? answer.status).sort()).toEqual([200, "person_manager_cycle"]);
    }
  });

  test("400: what the directory says, and what is of access, is not changed here", async () => {
    const { id } = await named("Layla");
    for (const field of ["email", "name", "clearance", "roles", "disabledAt", "tid", "oid"])
      expect(await update(id, { [field]: "x" })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: `/body/${field}`, code: "unknown_field" }] },
      });
  });
});

describe("people.setDeputies", () => {
  const set = (id: string, deputies: object[], version = 1) =>
    api.post(`/people/${id}/set-deputies`, { version, deputies });
  const period = (personId: string, fromDay: string, toDay = fromDay) => ({ personId, fromDay, toDay });

  test("200: the list takes the place of the one before, in the order of days", async () => {
    const [{ id, uuid }, a, b] = [await named("Away"), await named("A"), await named("B")];
    const later = period(a.id, "2026-03-02", "2026-03-06");
    const sooner = period(b.id, "2026-02-02", "2026-02-06");
    const first = await set(id, [later, sooner]);
    expect(first.body).toMatchObject({ deputies: [sooner, later], version: 2 });
    expect((await set(id, [sooner, later], 2)).body).toEqual(first.body);
    expect((await set(id, [period(b.id, "2026-02-02", "2026-02-03")], 2)).body).toMatchObject({
      deputies: [period(b.id, "2026-02-02", "2026-02-03")],
      version: 3,
    });
    expect((await set(id, [later], 3)).body.deputies).toEqual([later]);
    expect((await set(id, [], 4)).body.deputies).toEqual([]);
    expect((await here.trail(uuid)).map((entry) => entry.changed)).toEqual([true, false, true, true, true]);
    expect(await told(here)).toEqual(Array(4).fill(["person.deputies_set", { id }]));
  });

  test("200: the same deputy twice, one after the other", async () => {
    const [{ id }, a] = [await named("Away"), await named("A")];
    const both = [period(a.id, "2026-02-02", "2026-02-06"), period(a.id, "2026-02-07", "2026-02-08")];
    expect((await set(id, both)).body.deputies).toEqual(both);
  });

  test("412 person_changed", async () => {
    const { id } = await named("Away");
    await update(id, { language: "ar" });
    expect(await set(id, [])).toMatchObject(refused(412, "person_changed"));
  });

  test("422: oneself, somebody twice on one day, nobody, somebody shut out, somebody of elsewhere", async () => {
    const [{ id }, a] = [await named("Away"), await named("A")];
    const gone = await here.person({ disabled: true });
    const theirs = await (await place()).person();
    expect(await set(id, [period(id, "2026-02-02")])).toMatchObject(refused(422, "person_deputy_self"));
    const twice = [period(a.id, "2026-02-02", "2026-02-06"), period(a.id, "2026-02-06", "2026-02-08")];
    expect(await set(id, twice)).toMatchObject(refused(422, "person_deputy_overlap"));
    for (const one of [never, gone.id, theirs.id])
      expect(await set(id, [period(one, "2026-02-02"), period(a.id, "2026-02-02")])).toMatchObject({
        status: 422,
        body: { code: "person_deputy_unknown", personIds: [one] },
      });
    expect((await api.get(`/people/${id}`)).body).toMatchObject({ deputies: [], version: 1 });
  });

  test("400: a period that ends before it begins, days that are none", async () => {
    const [{ id }, a] = [await named("Away"), await named("A")];
    for (const days of [period(a.id, "2026-02-03", "2026-02-02"), period(a.id, "2026-02-30"), period(a.id, "tomorrow")])
      expect((await set(id, [days])).body.code).toBe("invalid_input");
  });

  test("nothing is deleted: what is over says when it ended", async () => {
    const [{ id, uuid }, a] = [await named("Away"), await named("A")];
    await set(id, [period(a.id, "2026-02-02")]);
    await set(id, [], 2);
    expect(await asOwner()`select ended_at is not null as over from deputies where person_id = ${uuid}`).toEqual([
      { over: true },
    ]);
  });
});
