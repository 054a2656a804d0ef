import { uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import { readKeyText } from "@dais/kernel/keys";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let another: string;
let here: Place;
let api: RestClient;
let time = Date.now();

const sources = { now: () => new Date(time) };
const later = (seconds: number) => new Date(time + seconds * 1000).toISOString();
const wanted = (more: Record<string, unknown> = {}) => ({
  name: "Importer",
  permissions: ["api_key.read", "signal.read"],
  clearance: "internal",
  ...more,
});
const create = async (more?: Record<string, unknown>) => (await api.post("/api-keys", wanted(more))).body;
const problem = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const never = "key_01kejc8ht0e6ssypg6m30swm9g";

beforeAll(async () => {
  url = (await startServer({ sources })).url;
  another = (await startServer({ sources })).url; // what another process knows: its own cache, the same Redis
  here = await place();
  api = restClient(url, await here.key());
});

describe("apiKeys.create", () => {
  test("201: shows the text once, works at once, and leaves nothing but its hash behind", async () => {
    const answer = await api.post("/api-keys", wanted());
    const { secret, ...key } = answer.body;
    expect(answer).toMatchObject({
      status: 201,
      body: { kind: "client", revokedAt: null, expiresAt: null, version: 1 },
    });
    expect(answer.headers.get("location")).toBe(`/v1/api-keys/${key.id}`);
    expect(secret).toMatch(new RegExp(`^dais_${here.slug}_[0-9A-Za-z]{49}$`));
    expect(await restClient(another, secret).get(`/api-keys/${key.id}`)).toMatchObject({ status: 200, body: key });
    const [row] = await asOwner()`select hash from api_keys where id = ${uuidOf(key.id)}`;
    expect(row?.hash).toBe(sha256(secret));
    const kept = await asOwner()`select to_jsonb(a) as row from audit a where tenant_id = ${here.tenantId}
      union all select to_jsonb(o) from outbox o where tenant_id = ${here.tenantId} union all select to_jsonb(k) from api_keys k where tenant_id = ${here.tenantId}`;
    expect(JSON.stringify(kept)).not.toContain(secret.slice(-49));
  });

  test("its text carries a checksum: one wrong letter and it is none", async () => {
    const { secret } = await create();
    expect(readKeyText(secret)).toMatchObject({ slug: here.slug });
    const other = secret.at(-20) === "A" ? "B" : "A";
    expect(readKeyText(secret.slice(0, -20) + other + secret.slice(-19))).toBeNull();
  });

  test("201: a replay shows everything but the text", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const first = await api.post("/api-keys", wanted(), headers);
    const again = await api.post("/api-keys", wanted(), headers);
    expect(again).toMatchObject({ status: 201, body: { ...first.body, secret: null } });
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(
      JSON.stringify(await asOwner()`select answer from idempotency where tenant_id = ${here.tenantId}`),
    ).not.toContain(first.body.secret);
  });

  test("201: a replay is a replay also where the call would be refused by now", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const body = wanted({ expiresAt: later(60) });
    const first = await api.post("/api-keys", body, headers);
    time += 120_000;
    expect(await api.post("/api-keys", body, headers)).toMatchObject({ status: 201, body: { id: first.body.id } });
    const reused = await api.post("/api-keys", { ...body, name: "Another" }, headers);
    expect(reused).toMatchObject(problem(422, "idempotency_key_reused"));
  });

  test("403 api_key_exceeds_creator: permissions or a clearance that the caller doesn't have", async () => {
    const low = restClient(
      url,
      await here.key({ permissions: ["api_key.create", "signal.read"], clearance: "internal" }),
    );
    const more = await low.post("/api-keys", wanted({ permissions: ["signal.read", "signal.ingest"] }));
    expect(more).toMatchObject(problem(403, "api_key_exceeds_creator", { permissions: ["signal.ingest"] }));
    for (const clearance of ["confidential", "cosmic"])
      expect((await low.post("/api-keys", wanted({ permissions: ["signal.read"], clearance }))).body.code).toBe(
        "api_key_exceeds_creator",
      );
    expect((await low.post("/api-keys", wanted({ permissions: ["signal.read"] }))).status).toBe(201);
  });

  test("422: a permission that there isn't, or an expiry in the past", async () => {
    const unknown = await api.post(
      "/api-keys",
      wanted({ permissions: ["signal.read", "signal.eat", "to_string.constructor"] }),
    );
    expect(unknown).toMatchObject(
      problem(422, "api_key_permission_unknown", { permissions: ["signal.eat", "to_string.constructor"] }),
    );
    for (const expiresAt of [later(-1), later(0)])
      expect(await api.post("/api-keys", wanted({ expiresAt }))).toMatchObject(problem(422, "api_key_expiry_past"));
  });

  test("401: a key that has expired, also where a process knows it from before", async () => {
    const { id, secret } = await create({ expiresAt: later(30) });
    const mine = restClient(url, secret);
    expect((await mine.get(`/api-keys/${id}`)).status).toBe(200);
    time += 30_000;
    for (const at of [url, another]) expect((await restClient(at, secret).get(`/api-keys/${id}`)).status).toBe(401);
  });
});

describe("apiKeys.revoke", () => {
  test("200: the next call with it is refused, here and in every other process", async () => {
    const { id, secret } = await create();
    for (const at of [url, another]) expect((await restClient(at, secret).get(`/api-keys/${id}`)).status).toBe(200);
    const answer = await api.post(`/api-keys/${id}/revoke`);
    expect(answer).toMatchObject({
      status: 200,
      body: { changed: true, apiKey: { id, version: 2, revokedAt: later(0) } },
    });
    for (const at of [url, another]) expect((await restClient(at, secret).get(`/api-keys/${id}`)).status).toBe(401);
  });

  test("200 changed false: twice changes nothing, and says so on record", async () => {
    const { id } = await create();
    const first = await api.post(`/api-keys/${id}/revoke`);
    time += 1000;
    expect(await api.post(`/api-keys/${id}/revoke`)).toMatchObject({
      status: 200,
      body: { changed: false, apiKey: first.body.apiKey },
    });
    const trail = (await here.trail(uuidOf(id))).filter((entry) => entry.operation === "apiKeys.revoke");
    expect(trail.map((entry) => entry.changed)).toEqual([true, false]);
    expect(
      await asOwner()`select 1 from outbox where name = 'api_key.revoked' and resource_id = ${uuidOf(id)}`,
    ).toHaveLength(1);
  });

  test("200: ten at once, one of which changed it", async () => {
    const { id } = await create();
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.post(`/api-keys/${id}/revoke`)));
    expect(answers.filter((answer) => answer.body.changed)).toHaveLength(1);
  });

  test("200: a key may revoke itself, and gets its answer", async () => {
    const { id, secret } = await create({ permissions: ["api_key.revoke"] });
    const mine = restClient(url, secret);
    expect((await mine.post(`/api-keys/${id}/revoke`)).body.changed).toBe(true);
    expect((await mine.post(`/api-keys/${id}/revoke`)).status).toBe(401);
  });

  test("404 api_key_not_found: none, or another organisation's, which goes on working", async () => {
    const other = await place();
    const text = await other.key();
    const [row] = (await restClient(url, text).get("/api-keys")).body.items;
    for (const id of [never, row.id])
      expect(await api.post(`/api-keys/${id}/revoke`)).toMatchObject(problem(404, "api_key_not_found"));
    expect((await restClient(url, text).get("/api-keys")).status).toBe(200);
  });
});

describe("apiKeys.get", () => {
  test("200: the key without its text, with its ETag", async () => {
    const { secret: _, ...key } = await create();
    const answer = await api.get(`/api-keys/${key.id}`);
    expect(answer.body).toEqual(key);
    expect(
      (await api.get(`/api-keys/${key.id}`, { "if-none-match": answer.headers.get("etag") as string })).status,
    ).toBe(304);
  });

  test("404 api_key_not_found", async () => {
    expect(await api.get(`/api-keys/${never}`)).toMatchObject(problem(404, "api_key_not_found"));
  });
});

describe("apiKeys.list", () => {
  test("200: newest first, page by page, also those made in the same millisecond", async () => {
    const there = await place();
    const mine = restClient(url, await there.key());
    time += 1000;
    const made = await Promise.all(Array.from({ length: 4 }, () => mine.post("/api-keys", wanted())));
    const first = (await mine.get("/api-keys?limit=3")).body;
    const second = (await mine.get(`/api-keys?limit=3&cursor=${first.nextCursor}`)).body;
    expect(second.nextCursor).toBeNull();
    const ids = [...first.items, ...second.items].map((item) => item.id);
    expect(ids.slice(0, 4)).toEqual(
      made
        .map((answer) => answer.body.id)
        .sort()
        .reverse(),
    );
    expect(new Set(ids).size).toBe(5);
  });
});
