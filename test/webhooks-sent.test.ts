import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { happens } from "./support/events.ts";
import { hangs, posting, reaches, says, taken, verified } from "./support/webhooks.ts";
import { heard, type WebhooksHome, webhooksHome } from "./support/webhooks-home.ts";

let home: WebhooksHome;
/** The clock of those who send, beside the real one. */
let ahead = 0;
const sources = {
  now: () => new Date(Date.now() + ahead),
  random: (bytes: number) => new Uint8Array(bytes),
};
const day = 86_400_000;

beforeAll(async () => {
  home = await webhooksHome();
});
afterEach(async () => {
  await home.rest();
  // What one test's receivers have refused would take up the room of the next one's.
  await home.owner`update webhook_deliveries set state = 'silenced', next_at = null where state = 'waiting'`;
  ahead = 0;
});

/** One delivery of a webhook, once it is so. */
const becomes = async (id: string, api: Parameters<WebhooksHome["deliveries"]>[1], fields: object) =>
  expect.poll(async () => (await home.deliveries(id, api))[0], { timeout: 20_000 }).toMatchObject(fields);

describe("an event on its way", () => {
  test("comes as CloudEvents with a signature that the public library takes, and stands in the log", async () => {
    await home.send();
    const { here, api } = await home.at();
    const receiver = home.outside.at();
    const webhook = await heard(api, receiver.url, { types: ["signal.ingested"] });
    await happens(home.server, here, { classification: "internal", entityId: here.entities.company });
    await reaches(receiver.got, 1);
    const [got] = receiver.got();
    if (!got) throw new Error("nothing came");
    const said = verified(webhook.secret, got) as Record<string, unknown>;
    expect(got.headers["content-type"]).toBe("application/cloudevents+json");
    expect(said).toMatchObject({
      specversion: "1.0",
      type: "signal.ingested",
      id: got.headers["webhook-id"],
      entity: here.entities.company,
      tenant: here.slug,
      classification: "internal",
      source: `http://dais.test/tenants/${here.slug}`,
    });
    expect(() => verified(webhook.secret, { ...got, body: `${got.body} ` })).toThrow();
    await becomes(webhook.id, api, {
      ...{ event: "signal.ingested", state: "delivered", error: null, nextAt: null },
      attempts: [{ status: 204, error: null }],
    });
    expect((await api.get(`/webhooks/${webhook.id}`)).body.lastDeliveredAt).not.toBeNull();
  });

  test("what happens to one thing comes in its order", async () => {
    await home.send();
    const { here, api } = await home.at();
    const receiver = home.outside.at();
    await heard(api, receiver.url, { types: ["entity.created"] });
    const ids = await happens(home.server, here, { what: "entity", times: 30 });
    await reaches(receiver.got, 30);
    expect(
      receiver
        .got()
        .map(({ body }) => JSON.parse(body).subject)
        .sort(),
    ).toEqual([...ids].sort());
    const created = await api.post("/entities", { key: "site", name: { en: "Site" }, kind: "company" });
    expect(created.status).toBe(201);
    const updated = home.outside.at();
    await heard(api, updated.url, { types: ["entity.updated"] });
    for (let version = 1; version < 6; version++)
      await api.patch(`/entities/${created.body.id}`, { version, name: { en: `X ${version}` } });
    await reaches(updated.got, 5);
    expect(updated.got().map(({ body }) => JSON.parse(body).resourceversion)).toEqual([2, 3, 4, 5, 6]);
  });

  test("a webhook hears its types, its entity with those below it, and nothing above its level", async () => {
    await home.send();
    const { here, api } = await home.at();
    const [signals, company, holding, low] = [1, 2, 3, 4].map(() => home.outside.at()) as [
      ReturnType<typeof home.outside.at>,
      ReturnType<typeof home.outside.at>,
      ReturnType<typeof home.outside.at>,
      ReturnType<typeof home.outside.at>,
    ];
    await heard(api, signals.url, { types: ["signal.ingested"] });
    await heard(api, company.url, { entityId: here.entities.company, types: ["signal.ingested"] });
    await heard(api, holding.url, { entityId: here.entities.holding, types: ["signal.ingested"] });
    await heard(api, low.url, { classification: "internal", types: ["signal.ingested"] });
    await happens(home.server, here, { what: "entity" });
    await happens(home.server, here, { entityId: here.entities.company, classification: "secret" });
    await happens(home.server, here, { entityId: here.entities.holding, classification: "internal" });
    await happens(home.server, here, { classification: "internal" });
    await reaches(signals.got, 3);
    await reaches(holding.got, 2);
    await reaches(company.got, 1);
    await reaches(low.got, 2);
    const levels = ({ got }: typeof low) =>
      got()
        .map(({ body }) => JSON.parse(body).classification)
        .sort();
    expect(levels(signals)).toEqual(["internal", "internal", "secret"]);
    expect(levels(holding)).toEqual(["internal", "secret"]);
    expect(levels(company)).toEqual(["secret"]);
    expect(levels(low)).toEqual(["internal", "internal"]);
  });

  test("organisations never hear of each other", async () => {
    await home.send();
    const [mine, theirs] = [await home.at(), await home.at()];
    const [ours, other] = [home.outside.at(), home.outside.at()];
    await heard(mine.api, ours.url);
    await heard(theirs.api, other.url, { types: ["signal.ingested"] });
    await happens(home.server, mine.here);
    await happens(home.server, theirs.here);
    await reaches(other.got, 1);
    await expect.poll(ours.types).toContain("signal.ingested");
    expect(ours.got().every(({ body }) => JSON.parse(body).tenant === mine.here.slug)).toBe(true);
    expect(other.got().every(({ body }) => JSON.parse(body).tenant === theirs.here.slug)).toBe(true);
  });
});

describe("whose webhook it is", () => {
  test("it hears what its owner may hear now: a right that is gone, or an owner who is, silences it, on record", async () => {
    const { here, api } = await home.at();
    const owner = await here.person({ roles: ["admin"] });
    const receiver = home.outside.at();
    const asOwner = api.as(await owner.session());
    const webhook = await heard(asOwner, receiver.url, { types: ["signal.ingested", "person.updated"] });
    expect(webhook.ownerId).toBe(owner.id);
    // What waits is judged when it is sent, and not when it came up.
    await happens(home.server, here, { what: "person" });
    await happens(home.server, here, { what: "signal" });
    await home.owner`update people set disabled_at = now() where id = ${owner.uuid}`;
    await home.send();
    const states = async () =>
      (await home.deliveries(webhook.id, api)).map(({ state, error }: never) => [state, error]);
    await expect.poll(states, { timeout: 20_000 }).toEqual([
      ["silenced", "not_allowed"],
      ["silenced", "not_allowed"],
    ]);
    expect(receiver.got()).toEqual([]);
    await home.owner`update people set disabled_at = null where id = ${owner.uuid}`;
    await happens(home.server, here, { what: "signal" });
    await reaches(receiver.got, 1);
  });

  test("a key's webhook hears by the key's permissions and clearance", async () => {
    await home.send();
    const { here, api } = await home.at();
    const permissions = ["webhook.create", "webhook.read", "webhook_delivery.read", "signal.read"];
    const low = api.as(await here.key({ permissions, clearance: "internal" }));
    const receiver = home.outside.at();
    const webhook = await heard(low, receiver.url, {
      classification: "internal",
      types: ["signal.ingested", "entity.created"],
    });
    await happens(home.server, here, { what: "entity" });
    await happens(home.server, here, { what: "signal" });
    await reaches(receiver.got, 1);
    expect(receiver.types()).toEqual(["signal.ingested"]);
    await expect
      .poll(async () =>
        (await home.deliveries(webhook.id, low)).map(({ event, state }: never) => `${event} ${state}`).sort(),
      )
      .toEqual(["entity.created silenced", "signal.ingested delivered"]);
  });
});

describe("a log of what was sent", () => {
  test("has nothing of what a webhook that hears all that it may could never hear, by its key's permissions", async () => {
    await home.send();
    const { here, api } = await home.at();
    const permissions = ["webhook.create", "webhook_delivery.read", "signal.read"];
    const low = api.as(await here.key({ permissions, clearance: "internal" }));
    const receiver = home.outside.at();
    const webhook = await heard(low, receiver.url, { classification: "internal" });
    await happens(home.server, here, { what: "entity" });
    await happens(home.server, here, { what: "signal" });
    await becomes(webhook.id, low, { event: "signal.ingested", state: "delivered" });
    const log = (await home.deliveries(webhook.id, low)).map(({ event, state }: never) => `${event} ${state}`);
    expect(log).toEqual(["signal.ingested delivered"]);
    // The key's own webhook asks for it by its name: then it says why there is none.
    const asking = await heard(low, home.outside.at().url, { classification: "internal", types: ["entity.created"] });
    await happens(home.server, here, { what: "entity" });
    await becomes(asking.id, low, { event: "entity.created", state: "silenced", error: "not_allowed" });
  });

  test("has nothing of what is another person's own, whether it asks for that or not", async () => {
    await home.send();
    const { here, api } = await home.at();
    const [owner, other] = [await here.person({ roles: ["admin"] }), await here.person()];
    const asOwner = api.as(await owner.session());
    const receivers = [home.outside.at(), home.outside.at()] as const;
    const types = ["notification.created"];
    const all = await heard(asOwner, receivers[0].url);
    const some = await heard(asOwner, receivers[1].url, { types });
    const keys = await heard(api, home.outside.at().url, { types });
    const told = (personId: string) =>
      home.write(here, { name: "notification.created", payload: { id: "ntf_01kejc8ht0e6ssypg6m30swm9x", personId } });
    await told(other.id);
    const mine = await told(owner.id);
    for (const { got } of receivers)
      await expect
        .poll(() => got().map(({ headers }) => headers["webhook-id"]), { timeout: 20_000 })
        .toContain(idOf("evt", mine));
    const rows =
      await home.owner`select webhook_id, event_id from webhook_deliveries d join webhook_messages m using (tenant_id, event_id)
      where m.tenant_id = ${here.tenantId} and m.name = 'notification.created'`;
    const pairs = rows.map((row) => `${row.webhook_id} ${row.event_id}`).sort();
    expect(pairs).toEqual([all, some].map(({ id }) => `${uuidOf(id)} ${mine}`).sort());
    expect(await home.deliveries(keys.id, api)).toEqual([]);
  });
});

describe("secrets", () => {
  test("while one is being rotated, both sign; after that the new one alone", async () => {
    await home.send({}, { sources });
    const { here, api } = await home.at();
    const receiver = home.outside.at();
    const { id, secret: old } = await heard(api, receiver.url, { types: ["signal.ingested"] });
    const { secret } = (await api.post(`/webhooks/${id}/rotate`, { version: 1, graceHours: 1 })).body;
    await happens(home.server, here);
    await reaches(receiver.got, 1);
    const [first] = receiver.got();
    if (!first) throw new Error("nothing came");
    expect(String(first.headers["webhook-signature"]).split(" ")).toHaveLength(2);
    for (const one of [old, secret]) expect(verified(one, first)).toMatchObject({ type: "signal.ingested" });
    ahead = 2 * 3_600_000;
    await happens(home.server, here);
    await reaches(receiver.got, 2);
    const signature = String(receiver.got()[1]?.headers["webhook-signature"]);
    expect(signature.split(" ")).toHaveLength(1);
  });

  test("one that nobody can open any more is an error of its own, and not sent", async () => {
    const { api } = await home.at();
    const receiver = home.outside.at();
    const { id } = await heard(api, receiver.url);
    await api.post(`/webhooks/${id}/test`, {});
    await home.send({ open: () => null });
    await becomes(id, api, { state: "waiting", error: "secret_unreadable", attempts: [{ status: null }] });
    expect(receiver.got()).toEqual([]);
  });
});

describe("a receiver that doesn't take it", () => {
  test("is asked again over a day, later and later, with the same id and bytes, and then no more", async () => {
    const { here, api } = await home.at();
    const receiver = home.outside.at(says(500));
    const { id, secret } = await heard(api, receiver.url, { types: ["signal.ingested"] });
    await home.send({}, { sources });
    await happens(home.server, here);
    const waits = [5, 30, 300, 1800, 7200, 18_000, 28_800, 28_800];
    for (const [n, seconds] of waits.entries()) {
      await reaches(receiver.got, n + 1);
      await expect.poll(async () => (await home.deliveries(id, api))[0].attempts).toHaveLength(n + 1);
      const { state, nextAt, attempts } = (await home.deliveries(id, api))[0];
      const waited = (Date.parse(nextAt) - Date.parse(attempts.at(-1).at)) / 1000;
      expect(state).toBe("waiting");
      expect(Math.abs(waited - seconds), `wait ${n}`).toBeLessThan(5);
      ahead += seconds * 1000 + 100;
    }
    await becomes(id, api, { state: "failed", error: "unexpected_answer", nextAt: null });
    expect(ahead / day).toBeGreaterThan(0.97);
    const got = receiver.got();
    expect(got).toHaveLength(9);
    expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(got.map(({ body }) => body)).size).toBe(1);
    expect((await api.get(`/webhooks/${id}`)).body).toMatchObject({ state: "active", failures: 9 });
    expect(() => verified(secret, got[0] as never)).not.toThrow();
  });

  test("is left alone for as long as it asks", async () => {
    const { api } = await home.at();
    const receiver = home.outside.at(says(503, { "retry-after": "900" }));
    const { id } = await heard(api, receiver.url);
    await home.send({}, { sources });
    await api.post(`/webhooks/${id}/test`, {});
    await becomes(id, api, { state: "waiting", attempts: [{ status: 503 }] });
    const [{ nextAt, attempts }] = await home.deliveries(id, api);
    expect(Date.parse(nextAt) - Date.parse(attempts[0].at)).toBeGreaterThanOrEqual(900_000);
  });

  test("and is then mended is well again, and a redelivery has the same bytes", async () => {
    const { api } = await home.at();
    const receiver = home.outside.at(says(500));
    const { id } = await heard(api, receiver.url, { types: ["signal.ingested"] });
    await home.send();
    const { deliveryId } = (await api.post(`/webhooks/${id}/test`, {})).body;
    await becomes(id, api, { state: "waiting", attempts: [{ status: 500 }] });
    expect((await api.get(`/webhooks/${id}`)).body).toMatchObject({ failures: 1 });
    receiver.answer(taken);
    expect((await api.post(`/webhook-deliveries/${deliveryId}/redeliver`, {})).status).toBe(202);
    await becomes(id, api, { state: "delivered", attempts: [{ status: 500 }, { status: 204 }] });
    expect(receiver.got()[0]?.body).toBe(receiver.got()[1]?.body);
    expect((await api.get(`/webhooks/${id}`)).body).toMatchObject({ failures: 0, failingSince: null });
  });

  test("410: is given up at once, somebody is told, and what waits for it is not sent", async () => {
    const { here, api } = await home.at();
    const admin = await here.person({ roles: ["admin"] });
    const receiver = home.outside.at(says(410));
    const { id } = await heard(api, receiver.url, { types: ["signal.ingested"] });
    const watcher = home.outside.at();
    await heard(api, watcher.url, { types: ["webhook.failed"] });
    await happens(home.server, here, { times: 20 });
    await home.send();
    await expect.poll(async () => (await api.get(`/webhooks/${id}`)).body.state).toBe("failed");
    expect((await api.get(`/webhooks/${id}`)).body.stateReason).toMatch(/410/);
    await reaches(watcher.got, 1);
    expect(JSON.parse(watcher.got()[0]?.body ?? "{}").data).toMatchObject({ id, from: "active", to: "failed" });
    const { items } = (await api.as(await admin.session()).get("/me/waiting")).body;
    expect(JSON.stringify(items)).toContain(id);
    await expect
      .poll(async () => (await home.deliveries(id, api)).filter(({ state }: { state: string }) => state === "waiting"))
      .toEqual([]);
    expect(receiver.got()).toHaveLength(1);
  });

  test("is given up when it has only failed for five days, and not before", async () => {
    const { here, api } = await home.at();
    const receiver = home.outside.at(says(500));
    const { id } = await heard(api, receiver.url, { types: ["signal.ingested"] });
    await home.send({}, { sources });
    await happens(home.server, here);
    await expect.poll(async () => (await api.get(`/webhooks/${id}`)).body.failures).toBe(1);
    ahead = 4.9 * day;
    await happens(home.server, here);
    await expect
      .poll(async () => (await api.get(`/webhooks/${id}`)).body.failures, { timeout: 20_000 })
      .toBeGreaterThan(2);
    expect((await api.get(`/webhooks/${id}`)).body.state).toBe("active");
    ahead = 5.1 * day;
    await happens(home.server, here);
    await expect.poll(async () => (await api.get(`/webhooks/${id}`)).body.state, { timeout: 20_000 }).toBe("failed");
    expect((await api.get(`/webhooks/${id}`)).body.stateReason).toMatch(/5 days/);
  });

  test("hangs: it is given up on in time, and the line is cut", async () => {
    const { api } = await home.at();
    const receiver = home.outside.at(hangs);
    const { id } = await heard(api, receiver.url);
    await home.send({ post: posting({ timeoutMs: 300 }) });
    await api.post(`/webhooks/${id}/test`, {});
    await becomes(id, api, { state: "waiting", error: "timed_out", attempts: [{ status: null, error: "timed_out" }] });
    await expect.poll(home.outside.open).toBe(0);
  });

  test("leads elsewhere: nobody follows, to this machine or anywhere", async () => {
    const { api } = await home.at();
    const inside = home.outside.at();
    const receiver = home.outside.at(says(307, { location: inside.url }));
    const { id } = await heard(api, receiver.url);
    await home.send();
    await api.post(`/webhooks/${id}/test`, {});
    await becomes(id, api, { state: "waiting", error: "redirected", attempts: [{ status: 307, error: "redirected" }] });
    expect(inside.got()).toEqual([]);
  });
});

describe("those that hang or fail", () => {
  test("hold up nobody else, also where there are more of them than may hang at once", async () => {
    const { here, api } = await home.at();
    const bad = Array.from({ length: 6 }, () => home.outside.at(hangs));
    for (const { url } of bad) await heard(api, url, { types: ["signal.ingested"] });
    const good = home.outside.at();
    await home.send({ most: { sound: 8, failing: 2 } });
    await happens(home.server, here);
    for (const one of bad) await reaches(one.got, 1);
    await heard(api, good.url, { types: ["signal.ingested"] });
    await happens(home.server, here, { times: 20 });
    // All six still hang: nobody has answered them, nor been cut.
    await reaches(good.got, 20);
    expect(home.outside.open()).toBeGreaterThanOrEqual(6);
    for (const one of bad) expect(one.got()).toHaveLength(1);
    home.outside.cut();
  });

  test("known to fail, they share room of their own: the next of theirs waits, a sound one doesn't", async () => {
    const { here, api } = await home.at();
    const bad = Array.from({ length: 5 }, () => home.outside.at(hangs));
    const ids = [];
    for (const { url } of bad) ids.push((await heard(api, url, { types: ["signal.ingested"] })).id);
    const good = home.outside.at();
    await heard(api, good.url, { types: ["signal.ingested"] });
    await home.owner`update webhooks set failures = 3, failing_since = now() where id = any (${ids.map(uuidOf)})`;
    await home.send({ most: { sound: 1, failing: 2 }, post: posting({ timeoutMs: 60_000 }) });
    await happens(home.server, here, { times: 10 });
    const hung = () => bad.flatMap((one) => one.got());
    await reaches(hung, 2);
    await reaches(good.got, 10);
    expect(hung()).toHaveLength(2);
    // So that nobody waits for them when the senders stop.
    home.outside.cut();
  });
});
