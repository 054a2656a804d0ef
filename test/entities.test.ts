import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let here: Place;
let api: RestClient;
const never = "ent_01kejc8ht0e6ssypg6m30swm9g";

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
});

const entity = (key: string, more: Record<string, unknown> = {}) => ({
  key,
  name: { en: key.toUpperCase(), ar: null },
  kind: "department",
  ...more,
});
const create = async (key: string, parentId: string | null = null) =>
  (await api.post("/entities", entity(key, { parentId }))).body;
const move = (id: string, parentId: string | null, version = 1) => api.patch(`/entities/${id}`, { version, parentId });

describe("entities.create", () => {
  test("201: at the top or below another, on record", async () => {
    const top = await api.post("/entities", entity("top"));
    const below = await api.post("/entities", entity("below", { parentId: top.body.id }));
    expect(top).toMatchObject({ status: 201, body: { parentId: null, version: 1 } });
    expect(below).toMatchObject({ status: 201, body: { parentId: top.body.id } });
    expect(below.headers.get("location")).toBe(`/v1/entities/${below.body.id}`);
    expect(await here.trail(uuidOf(below.body.id))).toMatchObject([
      { action: "entity.create", resource_version: 1, before_digest: null },
    ]);
  });

  test("409 entity_key_taken: once for each organisation, also for two at once", async () => {
    const answers = await Promise.all([1, 2].map(() => api.post("/entities", entity("twice"))));
    expect(answers.map((answer) => answer.body.code ?? answer.status).sort()).toEqual([201, "entity_key_taken"]);
    const elsewhere = restClient(url, await (await place()).key());
    expect((await elsewhere.post("/entities", entity("twice"))).status).toBe(201);
  });

  test("422 entity_parent_unknown: none, or one of another organisation", async () => {
    for (const parentId of [never, (await place()).entities.company])
      expect(await api.post("/entities", entity("lost", { parentId }))).toMatchObject({
        status: 422,
        body: { code: "entity_parent_unknown" },
      });
  });

  test("400: keys that are none", async () => {
    for (const key of ["", "a", "A1", "1a", "a_b", "a".repeat(41)])
      expect((await api.post("/entities", entity(key))).body.code).toBe("invalid_input");
  });
});

describe("entities.get", () => {
  test("200: with an ETag", async () => {
    const made = await create("one");
    const answer = await api.get(`/entities/${made.id}`);
    expect(answer.body).toEqual(made);
    expect(answer.headers.get("etag")).toBe('"1"');
  });

  test("404 entity_not_found: none, or another organisation's", async () => {
    for (const id of [never, (await place()).entities.company])
      expect(await api.get(`/entities/${id}`)).toMatchObject({ status: 404, body: { code: "entity_not_found" } });
  });
});

describe("entities.list", () => {
  test("200: by key, page by page, or those right below one", async () => {
    const top = await create("a-top");
    for (const key of ["c", "b", "d"].map((letter) => `${letter}-below`)) await create(key, top.id);
    const keys = async (query: string) => {
      const { items, nextCursor } = (await api.get(`/entities?${query}`)).body;
      return { keys: items.map((item: { key: string }) => item.key), nextCursor };
    };
    const first = await keys("limit=4");
    expect(first.keys).toEqual(["a-top", "b-below", "c-below", "company"]);
    expect(await keys(`limit=4&cursor=${first.nextCursor}`)).toEqual({
      keys: ["d-below", "holding"],
      nextCursor: null,
    });
    expect((await keys(`parentId=${top.id}`)).keys).toEqual(["b-below", "c-below", "d-below"]);
    expect(await keys(`parentId=${(await place()).entities.holding}`)).toEqual({ keys: [], nextCursor: null });
  });

  test("400 invalid_cursor: of another parent's list", async () => {
    const { nextCursor } = (await api.get("/entities?limit=1")).body;
    const answer = await api.get(`/entities?limit=1&parentId=${here.entities.holding}&cursor=${nextCursor}`);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_cursor" } });
  });
});

describe("entities.update", () => {
  test("200: what is absent stays, null clears", async () => {
    const made = await create("one", here.entities.company);
    const renamed = await api.patch(`/entities/${made.id}`, { version: 1, name: { en: "One", ar: "واحد" } });
    expect(renamed.body).toEqual({
      ...made,
      name: { en: "One", ar: "واحد" },
      version: 2,
      updatedAt: renamed.body.updatedAt,
    });
    const cleared = await api.patch(`/entities/${made.id}`, { version: 2, name: { en: "One" }, parentId: null });
    expect(cleared.body).toMatchObject({
      name: { en: "One", ar: null },
      parentId: null,
      kind: "department",
      version: 3,
    });
  });

  test("200: an update that changes nothing keeps the version, and is on record as that", async () => {
    const made = await create("same", here.entities.company);
    for (const body of [{}, { name: made.name }, { parentId: made.parentId, kind: made.kind }])
      expect((await api.patch(`/entities/${made.id}`, { version: 1, ...body })).body).toEqual(made);
    const trail = (await here.trail(uuidOf(made.id))).slice(1);
    expect(trail.map((entry) => [entry.changed, entry.resource_version])).toEqual(Array(3).fill([false, 1]));
  });

  test("412 entity_changed: an older version, also where the change would be none", async () => {
    const made = await create("one");
    await move(made.id, here.entities.holding);
    expect(await move(made.id, here.entities.holding)).toMatchObject({
      status: 412,
      body: { code: "entity_changed", version: 2 },
    });
  });

  test("422 entity_cycle: below itself, or below what lies below it", async () => {
    const top = await create("top");
    const child = await create("child", top.id);
    const grandchild = await create("grandchild", child.id);
    for (const parentId of [top.id, child.id, grandchild.id])
      expect(await move(top.id, parentId)).toMatchObject({ status: 422, body: { code: "entity_cycle" } });
    expect((await move(grandchild.id, top.id)).status).toBe(200);
  });

  test("422 entity_cycle: two moves at once that would only together make one", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await create(`a${round}`), await create(`b${round}`)];
      const answers = await Promise.all([move(a.id, b.id), move(b.id, a.id)]);
      expect(answers.map((answer) => answer.body.code ?? answer.status).sort()).toEqual([200, "entity_cycle"]);
    }
  });

  test("422 entity_parent_unknown: none, or one of another organisation; nothing is moved", async () => {
    const made = await create("one");
    for (const parentId of [never, (await place()).entities.company])
      expect(await move(made.id, parentId)).toMatchObject({ status: 422, body: { code: "entity_parent_unknown" } });
    expect((await api.get(`/entities/${made.id}`)).body).toEqual(made);
  });

  test("400: the key never changes", async () => {
    const answer = await api.patch(`/entities/${here.entities.company}`, { version: 1, key: "other" });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: "/body/key", code: "unknown_field" }] } });
  });
});
