import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let here: Place;
let api: RestClient;
let owner: Person;
const never = "grp_01kejc8ht0e6ssypg6m30swm9g";

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  owner = await here.person({ name: "Owner" });
  api = restClient(url, await here.key());
});

const create = async (name: string): Promise<string> =>
  (await api.post("/groups", { name: { en: name }, ownerId: owner.id })).body.id;
const post = (id: string, verb: string, said: object) => api.post(`/groups/${id}/${verb}`, said);
const add = (id: string, memberId: string) => post(id, "add-member", { memberId });
const named = (name: string, disabled = false) => here.person({ name, roles: [], disabled });
const refused = (status: number, code: string) => ({ status, body: { code } });
/** A group of another organisation. */
const theirs = async () => {
  const there = await place();
  const person = await there.person();
  const { body } = await restClient(url, await there.key()).post("/groups", {
    name: { en: "Theirs" },
    ownerId: person.id,
  });
  return { group: body.id as string, person };
};
const listed = async (path: string) => {
  const { items, nextCursor } = (await api.get(path)).body;
  return { names: items.map(({ name }: { name: { en: string } }) => name.en), nextCursor };
};

describe("groups.create", () => {
  test("201: with an owner, on record and told", async () => {
    const said = { name: { en: "Crisis team", ar: "فريق الأزمات" }, about: "Line one.\nLine two.", ownerId: owner.id };
    const made = await api.post("/groups", said);
    expect(made).toMatchObject({ status: 201, body: { ...said, version: 1 } });
    expect(made.headers.get("location")).toBe(`/v1/groups/${made.body.id}`);
    expect(await here.trail(uuidOf(made.body.id))).toMatchObject([{ action: "group.create", before_digest: null }]);
    expect(await told(here)).toEqual([["group.created", { id: made.body.id }]]);
  });

  test("201: without one it is the caller's", async () => {
    const mine = restClient(url, await owner.session());
    expect((await mine.post("/groups", { name: { en: "Mine" } })).body).toMatchObject({
      ownerId: owner.id,
      about: null,
    });
  });

  test("422: no owner, or none that could be", async () => {
    expect(await api.post("/groups", { name: { en: "A" } })).toMatchObject(refused(422, "group_owner_required"));
    const nobody = ["per_01kejc8ht0e6ssypg6m30swm9g", (await theirs()).person.id, (await named("Gone", true)).id];
    for (const ownerId of nobody)
      expect(await api.post("/groups", { name: { en: "A" }, ownerId })).toMatchObject(
        refused(422, "group_owner_unknown"),
      );
  });
});

describe("groups.get", () => {
  test("200: with an ETag", async () => {
    const id = await create("Crisis team");
    const answer = await api.get(`/groups/${id}`);
    expect(answer).toMatchObject({ status: 200, body: { id, name: { en: "Crisis team", ar: null } } });
    expect(answer.headers.get("etag")).toBe('"1"');
  });

  test("404 group_not_found: none, or one of another organisation", async () => {
    for (const id of [never, (await theirs()).group])
      expect(await api.get(`/groups/${id}`)).toMatchObject(refused(404, "group_not_found"));
  });
});

describe("groups.list", () => {
  test("200: by name, page by page, by its beginning, by owner, by who is in it", async () => {
    const ids = await Promise.all(["C", "A", "Bb", "Ba"].map(create));
    await theirs();
    const first = await listed("/groups?limit=3");
    expect(first.names).toEqual(["A", "Ba", "Bb"]);
    expect(await listed(`/groups?limit=3&cursor=${first.nextCursor}`)).toEqual({ names: ["C"], nextCursor: null });
    expect((await listed("/groups?q=b")).names).toEqual(["Ba", "Bb"]);
    const other = await named("Other");
    await api.patch(`/groups/${ids[0]}`, { version: 1, ownerId: other.id });
    expect((await listed(`/groups?ownerId=${other.id}`)).names).toEqual(["C"]);
    await add(ids[1] as string, other.id);
    expect((await listed(`/groups?personId=${other.id}`)).names).toEqual(["A"]);
    await post(ids[1] as string, "remove-member", { memberId: other.id });
    expect((await listed(`/groups?personId=${other.id}`)).names).toEqual([]);
  });

  test("400 invalid_cursor: of another filter", async () => {
    await Promise.all(["A", "B"].map(create));
    const { nextCursor } = await listed("/groups?limit=1");
    expect(await api.get(`/groups?q=a&cursor=${nextCursor}`)).toMatchObject(refused(400, "invalid_cursor"));
  });
});

describe("groups.update", () => {
  test("200: what is absent stays, null clears, and what changes nothing keeps the version", async () => {
    const id = await create("A");
    const other = await named("Other");
    const update = (said: object, version: number) => api.patch(`/groups/${id}`, { version, ...said });
    const first = (await update({ name: { en: "B", ar: "ب" }, about: "Why.", ownerId: other.id }, 1)).body;
    expect(first).toMatchObject({ name: { en: "B", ar: "ب" }, about: "Why.", ownerId: other.id, version: 2 });
    const second = (await update({ about: null }, 2)).body;
    expect(second).toMatchObject({ name: { en: "B", ar: "ب" }, about: null, version: 3 });
    expect((await update({ name: second.name }, 3)).body).toEqual(second);
    expect((await here.trail(uuidOf(id))).map(({ changed }) => changed)).toEqual([true, true, true, false]);
    expect((await told(here)).map(([name]) => name)).toEqual(["group.created", "group.updated", "group.updated"]);
  });

  test("200: also where the owner was shut out meanwhile", async () => {
    const id = await create("A");
    await asOwner()`update people set disabled_at = now() where id = ${owner.uuid}`;
    expect((await api.patch(`/groups/${id}`, { version: 1, name: { en: "B" } })).status).toBe(200);
  });

  test("404 group_not_found, 412 group_changed, 422 group_owner_unknown", async () => {
    const id = await create("A");
    const update = (at: string, version: number, said: object) => api.patch(`/groups/${at}`, { version, ...said });
    expect(await update((await theirs()).group, 1, {})).toMatchObject(refused(404, "group_not_found"));
    expect(await update(id, 2, {})).toMatchObject({ status: 412, body: { code: "group_changed", version: 1 } });
    const ownerId = (await theirs()).person.id;
    expect(await update(id, 1, { ownerId })).toMatchObject(refused(422, "group_owner_unknown"));
  });
});

describe("groups.delete", () => {
  test("200: it is gone everywhere; its row and its members' rows stay", async () => {
    const [outer, inner] = [await create("Outer"), await create("Inner")];
    await add(outer, inner);
    await add(inner, owner.id);
    expect((await listed(`/groups/${outer}/people`)).names).toEqual(["Owner"]);
    expect((await post(inner, "delete", { version: 1 })).body).toMatchObject({ id: inner, version: 2 });
    expect((await listed("/groups")).names).toEqual(["Outer"]);
    expect((await listed(`/groups/${outer}/members`)).names).toEqual([]);
    expect((await listed(`/groups/${outer}/people`)).names).toEqual([]);
    for (const answer of [await api.get(`/groups/${inner}/people`), await add(inner, owner.id)])
      expect(answer).toMatchObject(refused(404, "group_not_found"));
    expect(await add(outer, inner)).toMatchObject(refused(422, "group_member_unknown"));
    const rows =
      await asOwner()`select ended_at is not null as over from group_members where tenant_id = ${here.tenantId}`;
    expect(rows).toEqual([{ over: true }, { over: true }]);
    expect((await here.trail(uuidOf(inner))).at(-1)).toMatchObject({ action: "group.delete", resource_version: 2 });
    expect((await told(here)).at(-1)).toEqual(["group.deleted", { id: inner }]);
  });

  test("404 group_not_found, 412 group_changed; twice at once, once", async () => {
    const id = await create("A");
    expect(await post((await theirs()).group, "delete", { version: 1 })).toMatchObject(refused(404, "group_not_found"));
    expect(await post(id, "delete", { version: 2 })).toMatchObject(refused(412, "group_changed"));
    for (let round = 0; round < 5; round += 1) {
      const one = await create("B");
      const answers = await Promise.all([1, 2, 3].map(() => post(one, "delete", { version: 1 })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    }
  });
});

describe("groups.addMember", () => {
  test("200: a person or a group, on record and told; a second time changes nothing", async () => {
    const [id, inner] = [await create("A"), await create("B")];
    for (const memberId of [owner.id, inner]) {
      expect((await add(id, memberId)).body).toEqual({ changed: true });
      expect((await add(id, memberId)).body).toEqual({ changed: false });
    }
    const trail = (await here.trail(uuidOf(id))).slice(1);
    expect(trail.map(({ changed }) => changed)).toEqual([true, false, true, false]);
    expect(trail[0]).toMatchObject({ action: "group.add_member", changes: { memberId: [null, owner.id] } });
    expect((await told(here)).slice(2)).toEqual([
      ["group.member_added", { id, memberId: owner.id }],
      ["group.member_added", { id, memberId: inner }],
    ]);
    expect((await api.get(`/groups/${id}`)).body.version).toBe(1);
  });

  test("200: one person by many at once is in it once", async () => {
    const id = await create("A");
    const answers = await Promise.all(Array.from({ length: 5 }, () => add(id, owner.id)));
    expect(answers.filter(({ body }) => body.changed)).toHaveLength(1);
    expect((await listed(`/groups/${id}/members`)).names).toEqual(["Owner"]);
  });

  test("422 group_cycle: in itself, or in what it holds over any number of steps", async () => {
    const [a, b, c] = [await create("A"), await create("B"), await create("C")];
    await add(a, b);
    await add(b, c);
    for (const id of [a, b, c]) expect(await add(id, a)).toMatchObject(refused(422, "group_cycle"));
    expect((await add(a, c)).status).toBe(200);
  });

  test("422 group_cycle: two at once that would only together make one", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await create("A"), await create("B")];
      const answers = await Promise.all([add(a, b), add(b, a)]);
      expect(answers.map(({ body }) => body.code ?? "done").sort()).toEqual(["done", "group_cycle"]);
    }
  });

  test("200: a group that left may hold the one that it was in", async () => {
    const [a, b] = [await create("A"), await create("B")];
    await add(a, b);
    await post(a, "remove-member", { memberId: b });
    expect((await add(b, a)).body).toEqual({ changed: true });
  });

  test("404 group_not_found, 422 group_member_unknown: none, or one of another organisation", async () => {
    const [id, elsewhere] = [await create("A"), await theirs()];
    expect(await add(elsewhere.group, owner.id)).toMatchObject(refused(404, "group_not_found"));
    for (const memberId of [never, "per_01kejc8ht0e6ssypg6m30swm9g", elsewhere.group, elsewhere.person.id])
      expect(await add(id, memberId)).toMatchObject(refused(422, "group_member_unknown"));
  });

  test("400: neither a person nor a group", async () => {
    const id = await create("A");
    for (const memberId of [here.entities.company, "nonsense", null])
      expect((await post(id, "add-member", { memberId })).body.code).toBe("invalid_input");
  });
});

describe("groups.removeMember", () => {
  test("200: it is out, and may come again; who isn't in it changes nothing", async () => {
    const id = await create("A");
    const take = (memberId: string) => post(id, "remove-member", { memberId });
    await add(id, owner.id);
    expect((await take(owner.id)).body).toEqual({ changed: true });
    for (const memberId of [owner.id, never, (await theirs()).person.id])
      expect((await take(memberId)).body).toEqual({ changed: false });
    expect((await add(id, owner.id)).body).toEqual({ changed: true });
    expect((await told(here)).map(([name]) => name)).toEqual([
      ...["group.created", "group.member_added", "group.member_removed", "group.member_added"],
    ]);
  });

  test("404 group_not_found: another organisation's", async () => {
    const elsewhere = await theirs();
    expect(await post(elsewhere.group, "remove-member", { memberId: owner.id })).toMatchObject(
      refused(404, "group_not_found"),
    );
  });
});

describe("groups.members", () => {
  test("200: those in the group itself, by name, page by page, disabled ones marked", async () => {
    const [id, inner, gone] = [await create("A"), await create("Inner"), await named("Gone", true)];
    for (const memberId of [owner.id, inner, gone.id]) await add(id, memberId);
    await add(inner, (await named("Deep")).id);
    const first = await listed(`/groups/${id}/members?limit=2`);
    expect(first.names).toEqual(["Gone", "Inner"]);
    expect(await listed(`/groups/${id}/members?limit=2&cursor=${first.nextCursor}`)).toEqual({
      names: ["Owner"],
      nextCursor: null,
    });
    expect((await api.get(`/groups/${id}/members`)).body.items).toMatchObject([
      { memberId: gone.id, kind: "person", disabled: true },
      { memberId: inner, kind: "group", disabled: false },
      { memberId: owner.id, kind: "person", disabled: false },
    ]);
  });

  test("404 group_not_found, 400 invalid_cursor: of another group", async () => {
    const [a, b] = [await create("A"), await create("B")];
    for (const memberId of [owner.id, (await named("Other")).id]) await add(a, memberId);
    const { nextCursor } = await listed(`/groups/${a}/members?limit=1`);
    expect(await api.get(`/groups/${b}/members?cursor=${nextCursor}`)).toMatchObject(refused(400, "invalid_cursor"));
    expect(await api.get(`/groups/${never}/members`)).toMatchObject(refused(404, "group_not_found"));
  });
});

describe("groups.people", () => {
  test("200: everybody in groups in groups, each once, the disabled left out, page by page", async () => {
    const [a, b, c] = [await create("A"), await create("B"), await create("C")];
    await add(a, b);
    await add(a, c);
    await add(b, c);
    const [deep, both, gone] = [await named("Deep"), await named("Both"), await named("Gone", true)];
    for (const memberId of [deep.id, both.id, gone.id]) await add(c, memberId);
    await add(a, both.id);
    await add(b, owner.id);
    const first = await listed(`/groups/${a}/people?limit=2`);
    expect(first.names).toEqual(["Both", "Deep"]);
    expect(await listed(`/groups/${a}/people?limit=2&cursor=${first.nextCursor}`)).toEqual({
      names: ["Owner"],
      nextCursor: null,
    });
    expect((await listed(`/groups/${c}/people`)).names).toEqual(["Both", "Deep"]);
    await post(b, "remove-member", { memberId: c });
    await post(a, "remove-member", { memberId: c });
    expect((await listed(`/groups/${a}/people`)).names).toEqual(["Both", "Owner"]);
  });

  test("200: nobody in an empty one; 404 group_not_found: another organisation's", async () => {
    expect((await listed(`/groups/${await create("A")}/people`)).names).toEqual([]);
    expect(await api.get(`/groups/${(await theirs()).group}/people`)).toMatchObject(refused(404, "group_not_found"));
  });
});
