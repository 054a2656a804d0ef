import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
beforeAll(async () => {
  ({ url } = await startServer({ env: { ALLOWED_WEBHOOK_HOSTS: "localhost,127.0.0.1:9443" } }));
});

type At = { here: Place; api: RestClient };
const home = async (who: Parameters<Place["key"]>[0] = {}): Promise<At> => {
  const here = await place();
  return { here, api: restClient(url, await here.key(who)) };
};
const wanted = { name: "Duty desk", url: "https://hooks.example.org/dais", classification: "internal" };
const made = async ({ api }: Pick<At, "api">, more: object = {}) =>
  (await api.post("/webhooks", { ...wanted, ...more })).body;
const rowOf = async (id: string) => (await asOwner()`select * from webhooks where id = ${uuidOf(id)}`)[0] ?? {};

describe("webhooks.create", () => {
  test("201: shows the secret this once, keeps it sealed, and belongs to the caller", async () => {
    const at = await home();
    const { status, body, headers } = await at.api.post("/webhooks", wanted, { "idempotency-key": "k" });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/v1/webhooks/${body.id}`);
    expect(body).toMatchObject({ ...wanted, types: null, entityId: null, state: "active", failures: 0 });
    expect(body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(body.ownerId).toMatch(/^key_/);
    const row = JSON.stringify(await rowOf(body.id));
    expect(row).not.toContain(body.secret.slice(6));
    expect((await at.api.post("/webhooks", wanted, { "idempotency-key": "k" })).body).toEqual({
      ...body,
      secret: null,
    });
    const trail = JSON.stringify(await at.here.trail());
    expect(trail).not.toContain(body.secret.slice(6));
    expect(trail).not.toContain("v1.");
    expect(await told(at.here)).toEqual([["webhook.created", { id: body.id }]]);
  });

  const refused: [string, object, number, string][] = [
    ["within a private network", { url: "https://10.0.0.8/x" }, 422, "webhook_address_refused"],
    ["this machine, by its address", { url: "https://127.0.0.1/x" }, 422, "webhook_address_refused"],
    ["this machine, written otherwise", { url: "https://0x7f.1/x" }, 422, "webhook_address_refused"],
    ["the metadata of clouds", { url: "https://169.254.169.254/latest" }, 422, "webhook_address_refused"],
    ["a mapped address", { url: "https://[::ffff:10.0.0.1]/x" }, 422, "webhook_address_refused"],
    ["without TLS, where nobody allows it", { url: "http://127.0.0.1/x" }, 422, "webhook_address_refused"],
    ["an event that nobody tells", { types: ["signal.exploded"] }, 422, "webhook_event_unknown"],
    ["a level that there isn't", { classification: "cosmic" }, 422, "webhook_classification_unknown"],
    ["an entity that there isn't", { entityId: "ent_01kejc8ht0e6ssypg6m30swm9b" }, 422, "webhook_entity_unknown"],
  ];
  test.each(refused)("422: %s", async (_, more, status, code) => {
    const { api } = await home();
    expect(await api.post("/webhooks", { ...wanted, ...more })).toMatchObject({ status, body: { code } });
  });

  test("409 webhook_limit: an organisation has 1000 at most, also where two ask at once; a deleted one makes room", async () => {
    const at = await home();
    const { id, version } = await made(at);
    await asOwner()`
      with more as (
        insert into webhooks (id, tenant_id, name, url, classification, owner_id, secret, state, created_at, updated_at)
        select gen_random_uuid(), tenant_id, name, url, classification, owner_id, secret, state, created_at, updated_at
        from webhooks, generate_series(1, 998) where id = ${uuidOf(id)} returning *)
      insert into audit (id, tenant_id, at, outcome, actor_kind, actor_id, operation, action, resource_type, resource_id, resource_version,
        event, to_state, changed, request_id, salt)
      select gen_random_uuid(), tenant_id, created_at, 'done', 'client', owner_id, 'webhooks.create', 'webhook.create', 'webhook', id, 1,
        'create', state, true, 'request-of-the-test', 'salt' from more`;
    const both = await Promise.all([0, 1].map(() => at.api.post("/webhooks", wanted)));
    const [one, other] = both.sort((a, b) => a.status - b.status);
    expect(one?.status).toBe(201);
    expect(other).toMatchObject({ status: 409, body: { code: "webhook_limit", limit: 1000 } });
    expect((await at.api.post(`/webhooks/${id}/disable`, { version })).status).toBe(200);
    expect((await at.api.post("/webhooks", wanted)).body.code).toBe("webhook_limit");
    expect((await made(await home())).state).toBe("active");
    expect((await at.api.post(`/webhooks/${id}/delete`, { version: version + 1 })).status).toBe(200);
    expect((await at.api.post("/webhooks", wanted)).status).toBe(201);
  });

  test("201: a host of this machine that the operators allow, also by port and in the clear", async () => {
    const { api } = await home();
    for (const address of ["http://localhost:4321/x", "https://localhost/x", "https://127.0.0.1:9443/x"])
      expect((await api.post("/webhooks", { ...wanted, url: address })).status, address).toBe(201);
  });

  test.each([
    ["a password in the address", { url: "https://me:secret@hooks.example.org/" }],
    ["another scheme", { url: "ftp://hooks.example.org/" }],
    ["a control character in the name", { name: "a\u0001b" }],
    ["50 000 characters", { name: "x".repeat(50_000) }],
    ["no event at all", { types: [] }],
  ])("400 invalid_input: %s", async (_, more) => {
    const { api } = await home();
    expect(await api.post("/webhooks", { ...wanted, ...more })).toMatchObject({
      status: 400,
      body: { code: "invalid_input" },
    });
  });

  test("403 webhook_above_clearance: nobody has told to others what they may not read", async () => {
    const { api } = await home({ clearance: "internal" });
    expect(await api.post("/webhooks", { ...wanted, classification: "secret" })).toMatchObject({
      status: 403,
      body: { code: "webhook_above_clearance" },
    });
  });
});

describe("webhooks.get", () => {
  test("200: without the secret; 404 above the caller's clearance, and where it was deleted", async () => {
    const at = await home();
    const { secret, ...webhook } = await made(at, { classification: "secret" });
    expect(secret).not.toBeNull();
    expect((await at.api.get(`/webhooks/${webhook.id}`)).body).toEqual(webhook);
    const lower = at.api.as(await at.here.key({ clearance: "internal" }));
    expect((await lower.get(`/webhooks/${webhook.id}`)).body.code).toBe("webhook_not_found");
    await at.api.post(`/webhooks/${webhook.id}/delete`, { version: 1 });
    expect((await at.api.get(`/webhooks/${webhook.id}`)).body.code).toBe("webhook_not_found");
  });
});

describe("webhooks.list", () => {
  test("200: newest first, page by page, without what was deleted or lies above the clearance", async () => {
    const at = await home();
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) ids.unshift((await made(at, { name: `W ${n}` })).id);
    const secret = await made(at, { classification: "secret" });
    await at.api.post(`/webhooks/${ids[0]}/delete`, { version: 1 });
    const lower = at.api.as(await at.here.key({ clearance: "internal" }));
    const first = (await lower.get("/webhooks?limit=2")).body;
    const second = (await lower.get(`/webhooks?limit=2&cursor=${encodeURIComponent(first.nextCursor)}`)).body;
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.slice(1));
    expect(second.nextCursor).toBeNull();
    expect((await at.api.get("/webhooks")).body.items[0].id).toBe(secret.id);
    expect((await at.api.get("/webhooks?state=paused")).body.items).toEqual([]);
  });
});

describe("webhooks.update", () => {
  test("200: what is absent stays; 412 with an older version", async () => {
    const at = await home();
    const { id, secret: _, ...before } = await made(at, { types: ["signal.ingested"] });
    const { body } = await at.api.patch(`/webhooks/${id}`, { version: 1, types: null, name: "Night desk" });
    expect(body).toEqual({ ...before, id, types: null, name: "Night desk", version: 2, updatedAt: body.updatedAt });
    expect(await at.api.patch(`/webhooks/${id}`, { version: 1, name: "Again" })).toMatchObject({
      status: 412,
      body: { code: "webhook_changed", version: 2 },
    });
  });

  test("200: it belongs to whoever changes it; what changes nothing changes no version", async () => {
    const at = await home();
    const { id, ownerId } = await made(at);
    expect((await at.api.patch(`/webhooks/${id}`, { version: 1, name: wanted.name })).body.version).toBe(1);
    const other = at.api.as(await at.here.key());
    const { body } = await other.patch(`/webhooks/${id}`, { version: 1, name: wanted.name });
    expect(body.version).toBe(2);
    expect(body.ownerId).not.toBe(ownerId);
  });

  test("422 webhook_address_refused: a good one can't be moved to a bad address", async () => {
    const at = await home();
    const { id } = await made(at);
    expect((await at.api.patch(`/webhooks/${id}`, { version: 1, url: "https://192.168.1.1/" })).body.code).toBe(
      "webhook_address_refused",
    );
  });
});

describe("webhooks.rotate", () => {
  test("200: another secret, shown once; the one before counts for a while, and not at all with 0 hours", async () => {
    const at = await home();
    const { id, secret } = await made(at);
    const { body } = await at.api.post(`/webhooks/${id}/rotate`, { version: 1, graceHours: 2 });
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.secret).not.toBe(secret);
    expect(new Date(body.graceEndsAt).getTime() - new Date(body.rotatedAt).getTime()).toBe(7_200_000);
    expect((await rowOf(id)).previous_secret).not.toBeNull();
    const last = (await at.api.post(`/webhooks/${id}/rotate`, { version: 2, graceHours: 0 })).body;
    expect(last.graceEndsAt).toBeNull();
    expect((await rowOf(id)).previous_secret).toBeNull();
    expect(JSON.stringify(await at.here.trail())).not.toContain(last.secret.slice(6));
    expect((await told(at.here)).map(([name]) => name)).toEqual([
      "webhook.created",
      "webhook.rotated",
      "webhook.rotated",
    ]);
  });
});

describe("webhooks.disable", () => {
  test("200: with its reason; 409 a second time", async () => {
    const at = await home();
    const { id } = await made(at);
    const { body } = await at.api.post(`/webhooks/${id}/disable`, { version: 1, reason: "Moving house" });
    expect(body).toMatchObject({ state: "paused", stateReason: "Moving house", version: 2 });
    expect(await at.api.post(`/webhooks/${id}/disable`, { version: 2 })).toMatchObject({
      status: 409,
      body: { code: "webhook_wrong_state", state: "paused" },
    });
  });
});

describe("webhooks.enable", () => {
  test("200: it begins well again; 409 where it is on", async () => {
    const at = await home();
    const { id } = await made(at);
    expect((await at.api.post(`/webhooks/${id}/enable`, { version: 1 })).status).toBe(409);
    await at.api.post(`/webhooks/${id}/disable`, { version: 1 });
    await asOwner()`update webhooks set failures = 9, failing_since = now() where id = ${uuidOf(id)}`;
    const { body } = await at.api.post(`/webhooks/${id}/enable`, { version: 2 });
    expect(body).toMatchObject({ state: "active", failures: 0, failingSince: null, version: 3 });
  });
});

describe("webhooks.delete", () => {
  test("200: from any state, for good", async () => {
    const at = await home();
    const { id } = await made(at);
    expect((await at.api.post(`/webhooks/${id}/delete`, { version: 1 })).body).toMatchObject({ state: "deleted" });
    expect((await at.api.post(`/webhooks/${id}/enable`, { version: 2 })).body.code).toBe("webhook_wrong_state");
  });
});

describe("webhooks.moves", () => {
  test("200: says what the caller may do now, and why not the rest", async () => {
    const at = await home();
    const { id } = await made(at);
    const reader = at.api.as(await at.here.key({ permissions: ["webhook.read", "webhook.delete"] }));
    expect((await reader.get(`/webhooks/${id}/moves`)).body.items).toEqual([
      { event: "disable", to: "paused", allowed: false, why: "forbidden" },
      { event: "enable", to: null, allowed: false, why: "forbidden" },
      { event: "delete", to: "deleted", allowed: true, why: null },
    ]);
  });
});

describe("webhooks.test", () => {
  test("202: puts one event on its way to this webhook alone, and tells of it", async () => {
    const at = await home();
    const [one, other] = [await made(at, { types: ["signal.ingested"] }), await made(at)];
    const { status, body, headers } = await at.api.post(`/webhooks/${one.id}/test`, {});
    expect(status).toBe(202);
    expect(headers.get("location")).toBe(`/v1/webhook-deliveries/${body.deliveryId}`);
    expect((await at.api.get(`/webhook-deliveries/${body.deliveryId}`)).body).toMatchObject({
      webhookId: one.id,
      eventId: body.eventId,
      event: "webhook.tested",
      state: "waiting",
      attempts: [],
    });
    expect((await at.api.get(`/webhook-deliveries?webhookId=${other.id}`)).body.items).toEqual([]);
    const [event] =
      await asOwner()`select id from outbox where name = 'webhook.tested' and tenant_id = ${at.here.tenantId}`;
    expect(event?.id).toBe(uuidOf(body.eventId));
  });

  test("409 webhook_off: not to one that is switched off", async () => {
    const at = await home();
    const { id } = await made(at);
    await at.api.post(`/webhooks/${id}/disable`, { version: 1 });
    expect(await at.api.post(`/webhooks/${id}/test`, {})).toMatchObject({
      status: 409,
      body: { code: "webhook_off", state: "paused" },
    });
  });
});

describe("webhooks.replay", () => {
  test("422 webhook_span_invalid where it ends before it begins; 409 where it is off; 202 with a job", async () => {
    const at = await home();
    const { id } = await made(at);
    const [from, to] = ["2026-01-05T04:00:00.000Z", "2026-01-06T04:00:00.000Z"];
    expect((await at.api.post(`/webhooks/${id}/replay`, { from: to, to: from })).body.code).toBe(
      "webhook_span_invalid",
    );
    const { status, body } = await at.api.post(`/webhooks/${id}/replay`, { from, to });
    expect([status, body.total]).toEqual([202, 0]);
    expect((await at.api.get(`/jobs/${body.jobId}`)).body).toMatchObject({ name: "webhooks.replay", state: "waiting" });
    await at.api.post(`/webhooks/${id}/disable`, { version: 1 });
    expect((await at.api.post(`/webhooks/${id}/replay`, { from, to })).body.code).toBe("webhook_off");
  });

  test("422 webhook_too_many: more than 200 000 events at once", async () => {
    const at = await home();
    const { id } = await made(at);
    await asOwner()`insert into webhook_messages (tenant_id, event_id, name, occurred_at, created_at, body)
      select ${at.here.tenantId}, gen_random_uuid(), 'signal.ingested', '2026-01-05T05:00:00Z', now(), '{}' from generate_series(0, 200000)`;
    const span = { from: "2026-01-05T04:00:00.000Z", to: "2026-01-06T04:00:00.000Z" };
    expect((await at.api.post(`/webhooks/${id}/replay`, span)).body.code).toBe("webhook_too_many");
  });
});
