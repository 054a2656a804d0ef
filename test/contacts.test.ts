import type { Server } from "@dais/api/server";
import type { Ctx } from "@dais/kernel/context";
import { task } from "@dais/kernel/task";
import { contactsOf, endChannels, optedOut, resumeChannel } from "@dais/modules/contacts";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let here: Place;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  here = await place();
});
const as = (credential: string | null) => restClient(server.url, credential);
const somebody = async () => {
  const person = await here.person({ roles: [] });
  return { person, api: as(await person.session()) };
};
/** Does what the server does by itself, when it has heard of something. */
const within = <T>(run: (ctx: Ctx) => Promise<T>): Promise<T | null> =>
  server.kernel.perform(
    task({ name: "contacts.hear", action: "contact.hear", quiet: true, run }),
    { tenantId: here.tenantId, requestId: "request-of-the-test" },
    undefined,
  );
const stop = { channel: "sms", address: "+971501230003", source: "reply" } as const;
const events = async () =>
  (await asOwner()`select name, payload from outbox where tenant_id = ${here.tenantId} order by seq`).map(
    ({ name, payload }) => `${name} ${payload.channel}`,
  );

describe("contacts.get", () => {
  test("200: who never said anything is reached by everything, at any time", async () => {
    const { person, api } = await somebody();
    const answer = await api.get("/contacts/me");
    expect(answer.body).toEqual({ personId: person.id, channels: {}, quietHours: null, version: 1, updatedAt: null });
    expect(answer.headers.get("etag")).toBe('"1"');
  });

  test("200: each has their own", async () => {
    const [one, other] = [await somebody(), await somebody()];
    await one.api.patch("/contacts/me", { version: 1, quietHours: { from: "22:00", to: "06:30" } });
    expect((await other.api.get("/contacts/me")).body).toMatchObject({ personId: other.person.id, quietHours: null });
  });

  test("403 contact_person_only: nobody sends messages to a key", async () => {
    const answer = await as(await here.key()).get("/contacts/me");
    expect(answer).toMatchObject({ status: 403, body: { code: "contact_person_only" } });
  });
});

describe("contacts.update", () => {
  const said = { channels: { briefing: ["email"], action: [] }, quietHours: { from: "22:00", to: "06:30" } };

  test("200: what is absent stays, null clears, and each change is on record", async () => {
    const { person, api } = await somebody();
    const first = (await api.patch("/contacts/me", { version: 1, ...said })).body;
    expect(first).toMatchObject({ ...said, version: 2, updatedAt: expect.any(String) });
    expect((await api.get("/contacts/me")).body).toEqual(first);
    const second = (await api.patch("/contacts/me", { version: 2, quietHours: null })).body;
    expect(second).toMatchObject({ channels: said.channels, quietHours: null, version: 3 });
    const third = (await api.patch("/contacts/me", { version: 3, channels: {} })).body;
    expect(third).toMatchObject({ channels: {}, version: 4 });
    const trail = await here.trail(person.uuid);
    expect(trail.map((entry) => [entry.operation, entry.actor_id, entry.resource_version])).toEqual([
      ["contacts.update", person.id, 2],
      ["contacts.update", person.id, 3],
      ["contacts.update", person.id, 4],
    ]);
  });

  test("200: what was said is what the sender goes by, in one look for many", async () => {
    const [one, other] = [await somebody(), await somebody()];
    await one.api.patch("/contacts/me", { version: 1, ...said });
    const found = await within((ctx) => contactsOf(ctx, [one.person.id, other.person.id]));
    expect([...(found ?? [])]).toEqual([[one.person.id, said]]);
  });

  test("412 contact_changed: of two who saw the same one, one is heard, also when it is the first", async () => {
    const { api } = await somebody();
    for (const version of [1, 2]) {
      const answers = await Promise.all(
        ["21:00", "22:00"].map((from) => api.patch("/contacts/me", { version, quietHours: { from, to: "06:00" } })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      const refused = answers.find(({ status }) => status === 412);
      expect(refused?.body).toMatchObject({ code: "contact_changed", version: version + 1 });
    }
  });

  test.each([
    { channels: { weather: ["email"] } },
    { channels: { briefing: ["pigeon"] } },
    { channels: { briefing: ["sms", "sms"] } },
    { channels: null },
    { quietHours: { from: "22:00" } },
    { quietHours: { from: "24:00", to: "06:00" } },
    { quietHours: { from: "06:00", to: "06:00" } },
    { quietHours: { from: "22:00", to: "06:00", zone: "Asia/Dubai" } },
    { personId: "per_01kejc8ht0e6ssypg6m30swmp1" },
  ])("400 invalid_input: %j", async (body) => {
    const { api } = await somebody();
    const answer = await api.patch("/contacts/me", { version: 1, ...body });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_input" } });
  });

  test("403 contact_person_only: a key", async () => {
    const answer = await as(await here.key()).patch("/contacts/me", { version: 1 });
    expect(answer).toMatchObject({ status: 403, body: { code: "contact_person_only" } });
  });
});

describe("contacts.optOuts", () => {
  test("200: newest first, page by page; the address in full only for who may see people", async () => {
    for (const address of ["+971501230001", "+971501230002", "layla@rimal.example"])
      await within((ctx) =>
        endChannels(ctx, [{ channel: address.includes("@") ? "email" : "sms", address, source: "reply" }]),
      );
    const full = as(await here.key());
    const short = as(await here.key({ permissions: ["contact.read"] }));
    const first = (await full.get("/contacts/opt-outs?limit=2")).body;
    const rest = (await full.get(`/contacts/opt-outs?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items].map(({ address }) => address)).toEqual([
      "layla@rimal.example",
      "+971501230002",
      "+971501230001",
    ]);
    expect(rest.nextCursor).toBeNull();
    const seen = (await short.get("/contacts/opt-outs")).body.items;
    expect(seen.map(({ address }: { address: string }) => address)).toEqual([
      "l•••@rimal.example",
      "+97150•••0002",
      "+97150•••0001",
    ]);
    expect((await full.get("/contacts/opt-outs?channel=email")).body.items).toHaveLength(1);
  });

  test("200: a channel ends once, and comes back; both are on record and told once", async () => {
    expect([
      await within((ctx) => endChannels(ctx, [stop, stop])),
      await within((ctx) => endChannels(ctx, [stop, stop])),
    ]).toEqual([1, 0]);
    const api = as(await here.key());
    expect((await api.get("/contacts/opt-outs?ended=false")).body.items).toMatchObject([{ ...stop, endedAt: null }]);
    expect([await within((ctx) => resumeChannel(ctx, stop)), await within((ctx) => resumeChannel(ctx, stop))]).toEqual([
      true,
      false,
    ]);
    expect((await api.get("/contacts/opt-outs?ended=false")).body.items).toEqual([]);
    expect((await api.get("/contacts/opt-outs?ended=true")).body.items).toMatchObject([
      { endedAt: expect.any(String) },
    ]);
    expect(await events()).toEqual(["contact.opted_out sms", "contact.opted_in sms"]);
    expect((await here.trail()).map(({ action, outcome }) => [action, outcome])).toEqual([
      ["contact.opted_out", "done"],
      ["contact.opted_in", "done"],
    ]);
    // And out again: another one, which stands beside the first.
    expect(await within((ctx) => endChannels(ctx, [stop, stop]))).toBe(1);
    expect((await api.get("/contacts/opt-outs")).body.items).toHaveLength(2);
  });

  test("200: it is the channel's and the address's, whatever its letters, and no other organisation's", async () => {
    const mail = { channel: "email", address: "Layla@Rimal.Example", source: "complaint" } as const;
    await within((ctx) => endChannels(ctx, [mail]));
    const ways = [
      { channel: "email", address: "layla@rimal.example" },
      { channel: "email", address: "LAYLA@RIMAL.EXAMPLE " },
      { channel: "email", address: "other@rimal.example" },
      { channel: "teams", address: "layla@rimal.example" },
    ] as const;
    const asked = () => within(async (ctx) => ways.map(await optedOut(ctx, ways)));
    expect(await asked()).toEqual([true, true, false, false]);
    here = await place();
    expect(await asked()).toEqual([false, false, false, false]);
    expect(await within(async (ctx) => (await optedOut(ctx, []))(ways[0]))).toBe(false);
  });

  test("200: two that opt out in the same moment are one", async () => {
    const heard = await Promise.all([1, 2, 3].map(() => within((ctx) => endChannels(ctx, [stop, stop]))));
    expect(heard.filter((news) => news === 1)).toHaveLength(1);
  });
});

describe("contacts.optIn", () => {
  const reason = "Pressed the wrong button, and asked for it.";
  const mail = { channel: "email", address: "layla@rimal.example" } as const;
  const over = async (source: "complaint" | "vendor" | "reply") => {
    const api = as(await here.key());
    await within((ctx) => endChannels(ctx, [{ ...mail, source }]));
    const [item] = (await api.get("/contacts/opt-outs")).body.items;
    return { api, id: item.id as string };
  };
  const out = () => within(async (ctx) => (await optedOut(ctx, [mail]))(mail));

  test.each(["complaint", "vendor"] as const)(
    "200: what a %s closed is open again, on record, and told",
    async (source) => {
      const { api, id } = await over(source);
      expect(await out()).toBe(true);
      const answer = await api.post(`/contacts/opt-outs/${id}/opt-in`, { reason });
      expect(answer).toMatchObject({
        ...{ status: 200, body: { changed: true, optOut: { ...mail, id, source, endedAt: expect.any(String) } } },
      });
      expect(await out()).toBe(false);
      expect(await events()).toEqual(["contact.opted_out email", "contact.opted_in email"]);
      const trail = await here.trail();
      const entry = trail.find(({ operation }) => operation === "contacts.optIn");
      expect(entry).toMatchObject({ action: "contact.opt_in", outcome: "done", reason });
      expect(JSON.stringify(trail)).not.toContain(mail.address);
      // And a complaint after that counts again.
      await within((ctx) => endChannels(ctx, [{ ...mail, source: "complaint" }]));
      expect(await out()).toBe(true);
    },
  );

  test("200, changed false: it was open already, and a later opt-out of the same address stays", async () => {
    const { api, id } = await over("complaint");
    await api.post(`/contacts/opt-outs/${id}/opt-in`, { reason });
    await within((ctx) => endChannels(ctx, [{ ...mail, source: "complaint" }]));
    const answer = await api.post(`/contacts/opt-outs/${id}/opt-in`, { reason });
    expect(answer).toMatchObject({ status: 200, body: { changed: false, optOut: { id } } });
    expect(await out()).toBe(true);
    expect(await events()).toHaveLength(3);
  });

  test("200: of several at once one does it", async () => {
    const { api, id } = await over("complaint");
    const all = await Promise.all([1, 2, 3].map(() => api.post(`/contacts/opt-outs/${id}/opt-in`, { reason })));
    expect(all.map(({ body }) => body.changed).sort()).toEqual([false, false, true]);
    expect(await events()).toHaveLength(2);
  });

  test("409 contact_opted_out_themselves: who wrote STOP comes back by START alone", async () => {
    const { api, id } = await over("reply");
    const answer = await api.post(`/contacts/opt-outs/${id}/opt-in`, { reason });
    expect(answer).toMatchObject({ status: 409, body: { code: "contact_opted_out_themselves" } });
    expect(await out()).toBe(true);
  });

  test("400: without a reason. 404 contact_opt_out_not_found: another organisation's", async () => {
    const { api, id } = await over("complaint");
    expect(await api.post(`/contacts/opt-outs/${id}/opt-in`, {})).toMatchObject({ status: 400 });
    expect(await api.post(`/contacts/opt-outs/${id}/opt-in`, { reason: "Why" })).toMatchObject({ status: 400 });
    here = await place();
    const answer = await as(await here.key()).post(`/contacts/opt-outs/${id}/opt-in`, { reason });
    expect(answer).toMatchObject({ status: 404, body: { code: "contact_opt_out_not_found" } });
  });

  test("403: for whom people aren't theirs to look after; the address in full only for who may see people", async () => {
    const { id } = await over("complaint");
    const officer = await here.person({ roles: ["operational"] });
    expect(await as(await officer.session()).post(`/contacts/opt-outs/${id}/opt-in`, { reason })).toMatchObject({
      ...{ status: 403, body: { code: "forbidden" } },
    });
    const short = as(await here.key({ permissions: ["contact.opt_in"] }));
    const { body } = await short.post(`/contacts/opt-outs/${id}/opt-in`, { reason });
    expect(body.optOut.address).toBe("l•••@rimal.example");
  });
});
