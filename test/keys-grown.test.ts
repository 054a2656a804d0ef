import { randomBytes } from "node:crypto";
import type { Server } from "@dais/api/server";
import { operations, permissions } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { newKeyText } from "@dais/kernel/keys";
import { networks } from "@dais/kernel/networks";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { faces } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let one: Server;
let two: Server;
let here: Place;
let api: RestClient;
let time = Date.now();

beforeAll(async () => {
  const sources = { now: () => new Date(time) };
  const env = { TRUSTED_PROXIES: "1" }; // so that a test may come from anywhere
  one = await startServer({ sources, env });
  two = await startServer({ sources, env });
});
beforeEach(async () => {
  here = await place();
  api = restClient(one.url, await here.key());
});

const hour = 3_600_000;
const later = (ms: number) => new Date(time + ms).toISOString();
const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const wanted = (more: object = {}) => ({
  name: "Importer",
  permissions: ["api_key.read", "signal.read"],
  clearance: "internal",
  ...more,
});
const create = async (more: object = {}, by = api) => (await by.post("/api-keys", wanted(more))).body;
/** Whether a text opens anything, on both processes. */
const opens = async (text: string) => {
  const answers = await Promise.all([one, two].map(({ url }) => restClient(url, text).get("/me")));
  expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
  return answers[0]?.status === 200;
};
const may = async (text: string) => (await restClient(two.url, text).get("/me")).body.permissions;

describe("apiKeys.rotate", () => {
  test("200: the new text works at once, the old one until its time, on every process", async () => {
    const { id, secret: old } = await create();
    expect(await opens(old)).toBe(true);
    const answer = await api.post(`/api-keys/${id}/rotate`, { version: 1, graceHours: 2 });
    const { secret, ...key } = answer.body;
    expect(answer).toMatchObject({
      status: 200,
      body: { id, version: 2, rotatedAt: later(0), graceEndsAt: later(2 * hour) },
    });
    expect([await opens(secret), await opens(old)]).toEqual([true, true]);
    time += 2 * hour - 1;
    expect(await opens(old)).toBe(true);
    time += 1;
    expect([await opens(secret), await opens(old)]).toEqual([true, false]);
    const { lastUsedAt: _, ...after } = (await api.get(`/api-keys/${id}`)).body;
    expect({ ...after, lastUsedAt: null }).toEqual({ ...key, graceEndsAt: null });
    expect(await told(here)).toContainEqual(["api_key.rotated", { id }]);
  });

  test("200: is the same caller still, with either text", async () => {
    const { id, secret: old } = await create();
    const { secret } = (await api.post(`/api-keys/${id}/rotate`, { version: 1 })).body;
    for (const text of [old, secret]) expect((await restClient(one.url, text).get("/me")).body.actor.id).toBe(id);
  });

  test("200: without a grace, or rotated twice, what was before is over at once", async () => {
    const { id, secret: first } = await create();
    expect(await opens(first)).toBe(true);
    const second = (await api.post(`/api-keys/${id}/rotate`, { version: 1, graceHours: 168 })).body.secret;
    expect([await opens(first), await opens(second)]).toEqual([true, true]);
    const third = (await api.post(`/api-keys/${id}/rotate`, { version: 2, graceHours: 168 })).body.secret;
    expect([await opens(first), await opens(second), await opens(third)]).toEqual([false, true, true]);
    const fourth = (await api.post(`/api-keys/${id}/rotate`, { version: 3, graceHours: 0 })).body.secret;
    expect([await opens(second), await opens(third), await opens(fourth)]).toEqual([false, false, true]);
  });

  test("401: revoked is revoked, with both texts", async () => {
    const { id, secret: old } = await create();
    const { secret } = (await api.post(`/api-keys/${id}/rotate`, { version: 1 })).body;
    await api.post(`/api-keys/${id}/revoke`);
    expect([await opens(old), await opens(secret)]).toEqual([false, false]);
  });

  test("200: a replay shows everything but the text, and rotates nothing again", async () => {
    const { id } = await create();
    const headers = { "idempotency-key": crypto.randomUUID() };
    const first = await api.post(`/api-keys/${id}/rotate`, { version: 1 }, headers);
    const again = await api.post(`/api-keys/${id}/rotate`, { version: 1 }, headers);
    expect(again.body).toEqual({ ...first.body, secret: null });
    expect(await opens(first.body.secret)).toBe(true);
  });

  test("403 api_key_exceeds_creator: who would get more than they have", async () => {
    const { id } = await create();
    const low = restClient(one.url, await here.key({ permissions: ["api_key.rotate", "api_key.read"] }));
    expect(await low.post(`/api-keys/${id}/rotate`, { version: 1 })).toMatchObject(
      refused(403, "api_key_exceeds_creator", { permissions: ["signal.read"] }),
    );
  });

  test("412, 409 api_key_over, 404, and 400 for a grace of more than a week", async () => {
    const { id } = await create();
    expect(await api.post(`/api-keys/${id}/rotate`, { version: 2 })).toMatchObject(
      refused(412, "api_key_changed", { version: 1 }),
    );
    expect((await api.post(`/api-keys/${id}/rotate`, { version: 1, graceHours: 169 })).status).toBe(400);
    await api.post(`/api-keys/${id}/revoke`);
    expect(await api.post(`/api-keys/${id}/rotate`, { version: 2 })).toMatchObject(refused(409, "api_key_over"));
    const never = "key_01kejc8ht0e6ssypg6m30swm9g";
    expect(await api.post(`/api-keys/${never}/rotate`, { version: 1 })).toMatchObject(
      refused(404, "api_key_not_found"),
    );
  });

  test("200: ten at once, one of which did it", async () => {
    const { id } = await create();
    const rotate = () => api.post(`/api-keys/${id}/rotate`, { version: 1 });
    const answers = await Promise.all(Array.from({ length: 10 }, rotate));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });
});

describe("a key's networks", () => {
  const from = (address: string) => ({ "x-forwarded-for": address });
  const ask = (secret: string, address: string) => restClient(one.url, secret).get("/me", from(address));

  test("401: from elsewhere, told as if it were a wrong one, also while a process knows it; 200 from within", async () => {
    const { secret } = await create({ ipRanges: ["192.0.2.0/24", "2001:db8::/32"] });
    for (const address of ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8:1::1"])
      expect((await ask(secret, address)).status).toBe(200);
    const wrong = await ask(`${secret.slice(0, -1)}!`, "198.51.100.1");
    for (const address of ["198.51.100.1", "2001:db9::1", "192.0.3.1"]) {
      const answer = await ask(secret, address);
      expect(answer).toMatchObject({
        status: 401,
        body: { ...wrong.body, requestId: answer.body.requestId, instance: answer.body.instance },
      });
      expect(answer.headers.get("ratelimit")).toBeNull();
    }
    expect((await ask(secret, "192.0.2.7")).status).toBe(200);
  });

  test("401 on every face", async () => {
    const { secret } = await create({ ipRanges: ["192.0.2.0/24"] });
    const operation = operations.get("me.get");
    if (!operation) throw new Error("no such operation");
    for (const face of Object.values(faces)) {
      const said = await face(one.url, { operation, input: {}, key: secret, idempotencyKey: null, ifMatch: false });
      expect(said).toMatchObject({ problem: { code: "unauthenticated" } });
    }
  });

  test("what was tried from elsewhere is on the organisation's record, under the key's name", async () => {
    const { id, secret } = await create({ ipRanges: ["192.0.2.0/24"] });
    await ask(secret, "198.51.100.77");
    await one.kernel.settle();
    const entries = (await here.trail()).filter(({ outcome }) => outcome === "refused");
    expect(entries).toMatchObject([
      {
        actor_id: id,
        action: "api_key.use",
        problem: "address_not_allowed",
        address: "198.51.100.77",
        operation: "me.get",
      },
    ]);
  });

  test("counts against the address, and takes nothing from the key", async () => {
    const strict = await startServer({ env: { TRUSTED_PROXIES: "1", RATE_AUTH: "3", RATE_READ: "5" }, redis: null });
    const { secret } = await create({ ipRanges: ["192.0.2.0/24"] });
    const at = (address: string) => restClient(strict.url, secret).get("/me", from(address));
    for (const status of [401, 401, 401, 429, 429, 429]) expect((await at("198.51.100.9")).status).toBe(status);
    for (const status of [200, 200, 200, 200, 200]) expect((await at("192.0.2.9")).status).toBe(status);
  });

  test("400: what is no network", async () => {
    for (const range of ["192.0.2.0", "192.0.2.0/33", "2001:db8::/129", "300.0.0.0/8", "example.org/24", "::/0/0", ""])
      expect((await api.post("/api-keys", wanted({ ipRanges: [range] }))).status).toBe(400);
    expect((await api.post("/api-keys", wanted({ ipRanges: [] }))).status).toBe(400);
  });

  test("what is no address lies in no network", () => {
    const all = networks(["0.0.0.0/0", "::/0"]);
    expect(["203.0.113.1", "::1", "::ffff:10.0.0.1"].map(all)).toEqual([true, true, true]);
    expect(["unknown", "", "1.2.3", "::ffff:300.0.0.1"].map(all)).toEqual([false, false, false, false]);
  });
});

describe("a key's last use", () => {
  test("is noted, at most once a minute, without a new version", async () => {
    const { id, secret } = await create();
    const uses = async () => {
      await one.kernel.settle();
      return (await api.get(`/api-keys/${id}`)).body;
    };
    expect((await uses()).lastUsedAt).toBeNull();
    const first = later(0);
    await restClient(one.url, secret).get("/me");
    expect(await uses()).toMatchObject({ lastUsedAt: first, version: 1 });
    time += 59_000;
    await restClient(one.url, secret).get("/me");
    expect((await uses()).lastUsedAt).toBe(first);
    time += 1000;
    await restClient(one.url, secret).get("/me");
    expect((await uses()).lastUsedAt).toBe(later(0));
  });

  test("is not noted of a call that wasn't let in", async () => {
    const { id, secret } = await create({ ipRanges: ["192.0.2.0/24"] });
    await restClient(one.url, secret).get("/me");
    await one.kernel.settle();
    expect((await api.get(`/api-keys/${id}`)).body.lastUsedAt).toBeNull();
  });
});

describe("a key is never more than who made it", () => {
  const roles = ["operational", "admin"];

  test("it shrinks with a person's roles, at once, and grows back, never beyond what it was given", async () => {
    const maker = await here.person({ roles });
    const { id, secret } = await create(
      { permissions: ["signal.read", "signal.ingest", "api_key.read"] },
      restClient(one.url, await maker.session({ openedAt: time })),
    );
    expect(await may(secret)).toEqual(["api_key.read", "signal.ingest", "signal.read"]);
    const admin = restClient(one.url, await (await here.person()).session({ proven: true, openedAt: time }));
    const as = (verb: string, role: string) => admin.post(`/people/${maker.id}/${verb}`, { role });
    await as("revoke-role", "admin");
    expect(await may(secret)).toEqual(["signal.ingest", "signal.read"]);
    await as("grant-role", "executive");
    await as("revoke-role", "operational");
    expect(await may(secret)).toEqual(["signal.read"]);
    expect((await admin.get(`/api-keys/${id}`)).body).toMatchObject({
      permissions: ["api_key.read", "signal.ingest", "signal.read"],
      effectivePermissions: ["signal.read"],
    });
    for (const role of roles) await as("grant-role", role);
    expect(await may(secret)).toEqual(["api_key.read", "signal.ingest", "signal.read"]);
  });

  test("its clearance is the maker's where that is lower", async () => {
    const maker = await here.person({ clearance: "secret" });
    const { secret } = await create(
      { clearance: "secret" },
      restClient(one.url, await maker.session({ openedAt: time })),
    );
    const admin = restClient(one.url, await (await here.person()).session({ proven: true, openedAt: time }));
    const clearance = async () => (await restClient(two.url, secret).get("/me")).body.clearance;
    expect(await clearance()).toBe("secret");
    await admin.post(`/people/${maker.id}/set-clearance`, { version: 1, clearance: "public" });
    expect(await clearance()).toBe("public");
  });

  test("401: where the maker is shut out; 200 again with the maker", async () => {
    const maker = await here.person();
    const { id, secret } = await create({}, restClient(one.url, await maker.session({ openedAt: time })));
    expect(await opens(secret)).toBe(true);
    const admin = restClient(one.url, await (await here.person()).session({ proven: true, openedAt: time }));
    await admin.post(`/people/${maker.id}/disable`, { reason: "Left the company." });
    expect(await opens(secret)).toBe(false);
    expect((await admin.get(`/api-keys/${id}`)).body.effectivePermissions).toEqual([]);
    await admin.post(`/people/${maker.id}/enable`);
    expect(await opens(secret)).toBe(true);
  });

  test("401: where the key that made it, or the one that made that, was revoked or has expired", async () => {
    const all = { permissions: Object.keys(permissions), clearance: "secret" };
    const first = await create({ ...all, expiresAt: later(hour) });
    const second = await create(all, restClient(one.url, first.secret));
    const third = await create({}, restClient(one.url, second.secret));
    const fourth = await create({}, api);
    expect([await opens(third.secret), await opens(fourth.secret)]).toEqual([true, true]);
    await api.post(`/api-keys/${second.id}/revoke`);
    expect([await opens(first.secret), await opens(third.secret)]).toEqual([true, false]);
    const other = await create(all, restClient(one.url, first.secret));
    expect(await opens(other.secret)).toBe(true);
    time += hour;
    expect([await opens(first.secret), await opens(other.secret), await opens(fourth.secret)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("401: where the maker can't be found, or makers stand in a ring", async () => {
    const { id, secret } = await create();
    const other = await create();
    await asOwner()`update api_keys set created_by = 'per_01kejc8ht0e6ssypg6m30swm9g' where id = ${uuidOf(id)}`;
    time += 60_000;
    expect(await opens(secret)).toBe(false);
    await asOwner()`update api_keys set created_by = ${other.id} where id = ${uuidOf(id)}`;
    await asOwner()`update api_keys set created_by = ${id} where id = ${uuidOf(other.id)}`;
    expect(await opens(secret)).toBe(false);
  });
});

describe("what is shown of keys", () => {
  test("never a text or its hash, by list, get, trail or event", async () => {
    const { id, secret } = await create({ ipRanges: ["0.0.0.0/0", "::/0"] });
    const rotated = (await api.post(`/api-keys/${id}/rotate`, { version: 1 })).body.secret;
    const [row] = await asOwner()`select hash, previous_hash from api_keys where id = ${uuidOf(id)}`;
    const said = JSON.stringify([(await api.get("/api-keys")).body, (await api.get(`/api-keys/${id}`)).body]);
    const kept = JSON.stringify([await here.trail(), await told(here)]);
    for (const text of [secret.slice(-49), rotated.slice(-49), row?.hash, row?.previous_hash])
      for (const place of [said, kept]) expect(place).not.toContain(text);
  });

  test("401: the right organisation with a wrong secret, and the right secret in another organisation's name", async () => {
    const { secret } = await create();
    const other = await place();
    const guess = newKeyText(here.slug, (n) => new Uint8Array(n).fill(7));
    for (const text of [
      guess,
      secret.replace(here.slug, other.slug),
      newKeyText("nobody-at-all", (n) => new Uint8Array(n)),
    ])
      expect(await opens(text)).toBe(false);
  });

  test("429: guessing is over after a while, for whoever guesses", async () => {
    const strict = await startServer({ env: { TRUSTED_PROXIES: "1", RATE_AUTH: "4" }, redis: null });
    const { secret } = await create();
    const guess = () =>
      restClient(strict.url, newKeyText(here.slug, randomBytes)).get("/me", { "x-forwarded-for": "198.51.100.30" });
    const answers = [];
    for (let n = 0; n < 8; n += 1) answers.push((await guess()).status);
    expect(answers).toEqual([401, 401, 401, 401, 429, 429, 429, 429]);
    expect((await restClient(strict.url, secret).get("/me", { "x-forwarded-for": "192.0.2.1" })).status).toBe(200);
  });

  test("two administrators revoke each other's key at once: both are out, and nothing else happened", async () => {
    const [a, b] = [
      await create({ permissions: ["api_key.revoke"] }),
      await create({ permissions: ["api_key.revoke"] }),
    ];
    const [x, y] = [restClient(one.url, a.secret), restClient(two.url, b.secret)];
    const answers = await Promise.all([x.post(`/api-keys/${b.id}/revoke`), y.post(`/api-keys/${a.id}/revoke`)]);
    for (const { status } of answers) expect([200, 401]).toContain(status);
    const done = answers.filter(({ status }) => status === 200).length;
    expect(done).toBeGreaterThan(0);
    const left = [await opens(a.secret), await opens(b.secret)].filter(Boolean).length;
    expect(left).toBe(2 - done);
  });
});
