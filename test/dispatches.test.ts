import { uuidOf } from "@dais/contracts/kit/ids";
import { digest } from "@dais/kernel/canonical";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  anAddressee,
  aPolicy,
  aTemplate,
  type DispatchRoom,
  dispatchRoom,
  setDailyMessages,
  step,
} from "./support/dispatches.ts";
import { asOwner } from "./support/owner.ts";
import { type Reply, type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { make } from "./support/things.ts";
import { told } from "./support/told.ts";

let url: string;
let room: DispatchRoom;
beforeAll(async () => {
  url = (await startServer({ env: {} })).url;
});
beforeEach(async () => {
  room = await dispatchRoom(url);
});
const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const everybody = { roles: ["auditor"] };
const aReader = (fields: object = {}) => room.here.person({ roles: ["auditor"], ...fields });

describe("dispatches.create", () => {
  test("201: each recipient is queued, on record and told", async () => {
    const [one, other] = [await aReader(), await aReader()];
    const { status, body, headers } = await room.send({ audience: room.to(one, other) });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { state: "running", recipients: 2, drill: false, addressedAt: expect.any(String), version: 1 },
    });
    expect(headers.get("location")).toBe(`/v1/dispatches/${body.id}`);
    const recipients = await room.recipientsOf(body.id);
    expect(recipients.map(({ personId }) => personId).sort()).toEqual([one.id, other.id].sort());
    for (const each of recipients) {
      expect(each).toMatchObject({ state: "queued", channel: "whatsapp", step: 0, nextAt: expect.any(String) });
      const [entry] = await room.here.trail(uuidOf(each.id));
      expect(entry).toMatchObject({ event: "address", to_state: "queued", operation: "dispatches.create" });
      const payload = { id: each.id, dispatchId: body.id };
      expect(await told(room.here)).toContainEqual(["dispatch_recipient.addressed", payload]);
    }
    expect(await room.here.trail(uuidOf(body.id))).toMatchObject([{ action: "dispatch.create", to_state: "running" }]);
    const names = (await told(room.here)).map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(["dispatch.created", "dispatch.addressed"]));
  });

  test("201: it keeps the template as it was, whatever becomes of that", async () => {
    const { id } = await room.made({ audience: room.to(await aReader()) });
    await room.api.patch(`/message-templates/${room.template.id}`, { version: 1, category: "crisis" });
    const { content } = (await room.api.get(`/dispatches/${id}`)).body;
    expect(content).toMatchObject({
      ...{ templateVersion: 1, category: "alert", languages: room.template.languages },
      values: { en: { site: "Hall 4" }, ar: {} },
    });
  });

  test("201: addresses that were said, each with the channels that reach it", async () => {
    const addressees = [anAddressee(), anAddressee({ phone: null, email: "huda@example.org", language: "en" })];
    const body = await room.made({ audience: { addressees } });
    expect(body.recipients).toBe(2);
    expect(body.estimate.messages).toEqual({ least: 2, most: 3 });
    expect(await room.recipientsOf(body.id)).toMatchObject([
      { personId: null, name: "Huda", language: "ar", escalateAt: null },
      { personId: null, name: "Huda", language: "en" },
    ]);
  });

  test("200: addresses that were said are shortened but for whoever made it, and for who may see people's; on record they are whole", async () => {
    const addressees = [anAddressee(), anAddressee({ phone: null, email: "huda@example.org" })];
    const whole = [
      { phone: "+971501234567", email: null },
      { phone: null, email: "huda@example.org" },
    ];
    const short = [
      { phone: "+97150•••4567", email: null },
      { phone: null, email: "h•••@example.org" },
    ];
    const as = async (...permissions: string[]) => restClient(url, await room.here.key({ permissions }));
    const maker = await as("dispatch.create", "dispatch.read");
    const first = await room.made({ audience: { addressees } }, maker);
    expect(first.audience.addressees).toMatchObject(whole);
    const reader = await as("dispatch.read", "dispatch.stop");
    const { id } = first;
    const get = async (api: RestClient) => (await api.get(`/dispatches/${id}`)).body;
    const read = async (api: RestClient) => (await get(api)).audience.addressees;
    expect(await read(reader)).toMatchObject(short);
    expect(await read(maker)).toMatchObject(whole);
    expect(await read(await as("dispatch.read", "person.read"))).toMatchObject(whole);
    const stopped = await reader.post(`/dispatches/${id}/stop`, {});
    expect([stopped.status, stopped.body.state]).toEqual([200, "stopped"]);
    expect(stopped.body.audience.addressees).toMatchObject(short);
    const [made, ...later] = await room.here.trail(uuidOf(id));
    expect(made?.after_digest).toBe(digest(first));
    expect(later).toMatchObject([
      { event: "stop", before_digest: digest(first), after_digest: digest(await get(maker)) },
    ]);
  });

  test("201: people in their language, and by when their deputy is told", async () => {
    const person = await aReader({ name: "Maha" });
    await asOwner()`update people set language = 'ar', name_ar = 'مها' where id = ${person.uuid}`;
    const policy = { ...aPolicy("sms"), escalateAfterMinutes: 30 };
    const [one] = await room.recipientsOf((await room.made({ audience: room.to(person), policy })).id);
    expect(one).toMatchObject({ name: "مها", language: "ar", channel: "sms" });
    expect(Date.parse(one?.escalateAt) - Date.parse(one?.createdAt)).toBe(30 * 60_000);
  });

  test("201: who isn't cleared for it is left out, and so is who is disabled", async () => {
    const cleared = await aReader({ clearance: "confidential" });
    await aReader({ clearance: "internal" });
    await aReader({ disabled: true });
    const body = await room.made({ audience: everybody, classification: "confidential" });
    expect(await room.recipientsOf(body.id)).toMatchObject([{ personId: cleared.id }]);
  });

  test("422 dispatch_audience_empty: nobody, or nobody who is cleared", async () => {
    expect(await room.send({ audience: {} })).toMatchObject(refused(422, "dispatch_audience_empty", { leftOut: 0 }));
    const audience = room.to(await aReader({ clearance: "public" }));
    const said = { audience, classification: "secret" };
    expect(await room.send(said)).toMatchObject(refused(422, "dispatch_audience_empty", { leftOut: 1 }));
  });

  test("422: variables that the template doesn't know, that have no value, or whose value is too long", async () => {
    const audience = room.to(await aReader());
    const values = (en: object, ar: object = {}) => room.send({ audience, values: { en, ar } });
    expect(await values({ site: "A", hall: "B" }, { __proto__x: "C" })).toMatchObject({ status: 400 });
    expect(await values({ site: "A", hall: "B" }, { constructor: "C" })).toMatchObject(
      refused(422, "dispatch_variable_unknown", { names: ["hall", "constructor"] }),
    );
    expect(await values({})).toMatchObject(refused(422, "dispatch_variable_missing", { names: ["site"] }));
    expect(await values({}, { site: "x".repeat(201) })).toMatchObject(
      refused(422, "dispatch_value_too_long", { names: ["site"] }),
    );
    expect((await values({}, { site: "القاعة" })).status).toBe(201);
  });

  test("422 dispatch_too_long: judged for whoever has the longest name", async () => {
    const long = { name: "site", about: "Long.", maxLength: 2000 };
    const languages = { en: { subject: "A", body: "{{site}}".repeat(40), short: "{{site}}" } };
    const { id: templateId } = (await room.api.post("/message-templates", aTemplate({ variables: [long], languages })))
      .body;
    const send = (site: string) =>
      room.estimated({ templateId, values: { en: { site } }, audience: { addressees: [anAddressee()] } });
    expect(await send("x".repeat(2000))).toMatchObject(refused(422, "dispatch_too_long", { texts: ["body", "short"] }));
    expect((await send("x".repeat(900))).status).toBe(200);
  });

  test("422: what isn't there, or not for the caller", async () => {
    const audience = room.to(await aReader());
    const none = "0".repeat(26);
    const cases: [string, object][] = [
      ["dispatch_template_unknown", { templateId: `mtp_${none}` }],
      ["dispatch_classification_unknown", { classification: "cosmic" }],
      ["dispatch_audience_unknown", { audience: { personIds: [`per_${none}`], roles: ["no_such_role"] } }],
      ["dispatch_entity_unknown", { entityId: `ent_${none}` }],
      ["dispatch_subject_unknown", { subject: { type: "signal", id: `sig_${none}` } }],
      ["dispatch_subject_unknown", { subject: { type: "signal", id: `act_${none}` } }],
      ["dispatch_subject_unknown", { subject: { type: "briefing", id: `brf_${none}` } }],
      ["dispatch_subject_unknown", { subject: { type: "posture", id: `pos_${none}` } }],
      ["dispatch_subject_unknown", { subject: { type: "action", id: `act_${none}` } }],
      ["dispatch_paper_missing", { attachesPaper: true }],
    ];
    for (const [code, more] of cases)
      expect(await room.send({ audience, ...more }), `${code} ${JSON.stringify(more)}`).toMatchObject(
        refused(422, code),
      );
    const low = room.api.as(await room.here.key({ clearance: "internal" }));
    const above = { audience, classification: "confidential" };
    expect(await room.send(above, low)).toMatchObject(refused(422, "dispatch_classification_unknown"));
    await room.api.post(`/message-templates/${room.template.id}/retire`, { version: 1 });
    expect(await room.send({ audience })).toMatchObject(refused(422, "dispatch_template_unknown"));
  });

  test("422 dispatch_below_subject: it is classified as high as what it is about", async () => {
    const made = await room.api.post("/signals", aSignal({ classification: "confidential" }));
    const said = { audience: room.to(await aReader()), subject: { type: "signal", id: made.body.signal.id } };
    expect(await room.send(said)).toMatchObject(refused(422, "dispatch_below_subject"));
    const high = await room.made({ ...said, classification: "confidential" });
    expect(high.subject).toEqual(said.subject);
    const found = await room.api.get(`/dispatches?subjectType=signal&subjectId=${said.subject.id}`);
    expect(found.body.items).toMatchObject([{ id: high.id, templateKey: room.template.key }]);
  });

  test("422 dispatch_subject_unknown: what the caller may not read, of whatever kind it is", async () => {
    const audience = room.to(await aReader());
    const { here, api } = room;
    const kinds = [
      ["action", await make("act", { place: here, api }), "action.read"],
      ["posture", await make("pos", { place: here, api }), "posture.read"],
    ] as const;
    for (const [type, id, permission] of kinds) {
      const asks = async (...permissions: string[]) =>
        room.estimated(
          { audience, subject: { type, id }, classification: "secret" },
          api.as(await here.key({ clearance: "secret", permissions: ["dispatch.estimate", ...permissions] })),
        );
      expect(await asks()).toMatchObject(refused(422, "dispatch_subject_unknown"));
      expect((await asks(permission)).status).toBe(200);
    }
  });

  test("422: addresses that can't be used", async () => {
    const to = (...addressees: object[]) => room.send({ audience: { addressees } });
    const wrong = anAddressee({ phone: "+97150123456" });
    expect(await to(anAddressee(), wrong)).toMatchObject(refused(422, "dispatch_phone_invalid", { positions: [1] }));
    expect(await to(anAddressee(), anAddressee({ name: "Hind" }))).toMatchObject(
      refused(422, "dispatch_addressee_twice", { positions: [1] }),
    );
    const [phone, email] = [
      (n: number) => ({ phone: `+1202555010${n}` }),
      (name: string) => ({ email: `${name}@example.org` }),
    ];
    const each = [
      { ...phone(1), ...email("a") },
      { ...phone(1), ...email("b") },
      { ...phone(2), ...email("A") },
      phone(2),
    ];
    const shared = [...each, { phone: null, ...email("B") }, { ...phone(3), ...email("c") }].map(anAddressee);
    expect(await to(...shared)).toMatchObject(refused(422, "dispatch_addressee_twice", { positions: [1, 2, 3, 4] }));
    expect((await to(shared[0] as object, shared[5] as object)).status).toBe(201);
    expect(await to({ name: "Huda", language: "en" }, { name: "Hind", language: "en" })).toMatchObject(
      refused(422, "dispatch_addressee_unreachable", { positions: [0, 1] }),
    );
    expect(await to({ name: "Huda", language: "en" })).toMatchObject(
      refused(422, "dispatch_addressee_unreachable", { positions: [0] }),
    );
    const teams = { audience: { addressees: [anAddressee()] }, policy: aPolicy("teams", "in_app") };
    expect(await room.send(teams)).toMatchObject(refused(422, "dispatch_addressee_unreachable"));
    for (const phone of ["0501234567", "+0123456789", "+9715012345678901"])
      expect((await to(anAddressee({ phone }))).status, phone).toBe(400);
  });

  test("422 dispatch_above_ceiling: who can't sign in is told nothing that a channel may not carry", async () => {
    const said = { audience: { addressees: [anAddressee()] }, classification: "internal" };
    expect(await room.send(said)).toMatchObject(
      refused(422, "dispatch_above_ceiling", { channels: ["whatsapp", "sms"] }),
    );
    await room.set({ ceilings: { whatsapp: "confidential", sms: "internal" } });
    expect((await room.send(said)).status).toBe(201);
    expect(await room.send({ ...said, classification: "confidential" })).toMatchObject(
      refused(422, "dispatch_above_ceiling", { channels: ["sms"] }),
    );
  });

  test("400: a channel twice, no channel, too many, or a wait beyond a week", async () => {
    const audience = room.to(await aReader());
    for (const steps of [[step("sms"), step("sms")], [], [step("sms", "delivered", 10_081)], [step("pigeon")]])
      expect((await room.send({ audience, policy: { steps } })).status, JSON.stringify(steps)).toBe(400);
  });

  test("403: an agent may propose it, and never do it", async () => {
    const agent = room.api.as(await room.here.key({ kind: "agent" }));
    expect(await room.send({ audience: room.to(await aReader()) }, agent)).toMatchObject(
      refused(403, "proposal_required"),
    );
  });
});

describe("dispatches.create: the day's cap", () => {
  const left = async () => (await room.api.get("/dispatches/day")).body.left;

  test("409 dispatch_cap: with what is needed, and what is left", async () => {
    await room.set({ dailyMessages: 5 });
    const said = { audience: room.to(await aReader()) };
    await room.made(said);
    expect(await left()).toBe(2);
    expect(await room.send(said)).toMatchObject(refused(409, "dispatch_cap", { needed: 3, left: 2 }));
    expect(await left()).toBe(2);
    expect((await room.send({ ...said, policy: aPolicy("sms", "email") })).status).toBe(201);
    expect(await left()).toBe(0);
  });

  test("201: what is read in the portal, and a drill, take nothing of it", async () => {
    await room.set({ dailyMessages: 0 });
    const said = { audience: room.to(await aReader()) };
    expect((await room.send({ ...said, policy: aPolicy("in_app") })).status).toBe(201);
    expect((await room.send({ ...said, drill: true })).body.estimate.messages).toEqual({ least: 0, most: 0 });
    expect(await room.send(said)).toMatchObject(refused(409, "dispatch_cap", { needed: 3, left: 0 }));
  });

  test("two that race for what is left don't both have it", async () => {
    const audience = room.to(await aReader());
    for (let n = 0; n < 5; n += 1) {
      const { reserved } = (await room.api.get("/dispatches/day")).body;
      await setDailyMessages(room.here, reserved + 5);
      const both = await Promise.all([room.send({ audience }), room.send({ audience })]);
      expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
      expect((await room.api.get("/dispatches/day")).body).toMatchObject({ reserved: reserved + 3, left: 2 });
    }
  });
});

describe("dispatches.estimate", () => {
  const estimate = (fields: object = {}) => room.estimated(fields);

  test("200: whom, how many, at what price, and what it says in both languages; nothing is made", async () => {
    await room.set({
      prices: { whatsapp: { amount: "0.155", currency: "AED" }, sms: { amount: "0.2", currency: "AED" } },
    });
    const audience = { ...everybody, addressees: [anAddressee({ phone: null, email: "huda@example.org" })] };
    await aReader();
    await aReader();
    const { status, body } = await estimate({ audience });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        ...{ recipients: 3, leftOut: 0, fits: true, withheld: [], day: { cap: 2000, reserved: 0, left: 2000 } },
        estimate: {
          messages: { least: 3, most: 7 },
          cost: { least: { amount: "0.31", currency: "AED" }, most: { amount: "1.11", currency: "AED" } },
        },
        // In Arabic, the SMS with its link has two segments.
        preview: { en: { subject: "Test: Hall 4" }, ar: { subject: "اختبار: Hall 4" } },
      },
    });
    expect(body.preview.en.short).toMatch(/^Leave Hall 4: http:\/\/dais\.test\/r\//);
    expect((await room.api.get("/dispatches")).body.items).toEqual([]);
    expect((await room.api.get("/dispatches/day")).body.reserved).toBe(0);
    const [entry] = (await room.here.trail()).filter(({ action }) => action === "dispatch.estimate");
    expect(entry).toMatchObject({ changed: false, resource_id: null });
  });

  test("200: where it doesn't fit, where it is withheld, and how many are left out", async () => {
    await room.set({ dailyMessages: 2, ceilings: { email: "confidential" } });
    await aReader({ clearance: "confidential" });
    await aReader({ clearance: "public" });
    const { body } = await estimate({ audience: everybody, classification: "confidential" });
    expect(body).toMatchObject({
      ...{ recipients: 1, leftOut: 1, fits: false, withheld: ["whatsapp", "sms"] },
      estimate: { messages: { least: 1, most: 3 }, cost: null },
    });
  });

  test("200: in which languages WhatsApp has approved nothing that could be said", async () => {
    await room.set({ ceilings: { whatsapp: "internal" } });
    await aReader();
    const { languages: texts } = aTemplate();
    const en = { ...texts.en, contentSid: `HX${"1".repeat(32)}` };
    const { id: templateId } = room.done(
      await room.api.post("/message-templates", aTemplate({ languages: { ...texts, en } })),
    );
    const missing = async (fields: object = {}) =>
      room.done(await estimate({ audience: everybody, templateId, ...fields })).onlyInWindow;
    const above = { classification: "confidential" };
    expect([await missing(), await missing(above)]).toEqual([["ar"], ["en", "ar"]]);
    expect(await missing({ ...above, policy: aPolicy("sms") })).toEqual([]);
    await room.set({ withheldContentSids: { en: null, ar: `HX${"2".repeat(32)}` } });
    expect([await missing(), await missing(above)]).toEqual([["ar"], []]);
  });

  test("422: as when it is made", async () => {
    expect(await estimate({ audience: {} })).toMatchObject(refused(422, "dispatch_audience_empty"));
  });
});

describe("dispatches.stop", () => {
  test("200: on record and told, with the reason; 409 afterwards", async () => {
    const { id } = await room.made({ audience: room.to(await aReader()) });
    const { status, body } = await room.api.post(`/dispatches/${id}/stop`, { reason: "The wrong hall." });
    expect({ status, body }).toMatchObject({
      ...{ status: 200, body: { state: "stopped", stateReason: "The wrong hall.", stoppedAt: expect.any(String) } },
    });
    const payload = { id, from: "running", to: "stopped", reason: "The wrong hall." };
    expect(await told(room.here)).toContainEqual(["dispatch.stopped", payload]);
    expect(await room.api.post(`/dispatches/${id}/stop`, {})).toMatchObject(
      refused(409, "dispatch_wrong_state", { state: "stopped" }),
    );
  });

  test("404 for what lies above the caller's clearance", async () => {
    const { id } = await room.made({ audience: room.to(await aReader()), classification: "secret" });
    const low = room.api.as(await room.here.key({ clearance: "internal" }));
    expect(await low.post(`/dispatches/${id}/stop`, {})).toMatchObject(refused(404, "dispatch_not_found"));
  });
});

describe("dispatches.get", () => {
  test("200: with its ETag; 404 above the caller's clearance", async () => {
    const { id } = await room.made({ audience: room.to(await aReader()), classification: "secret" });
    const { headers } = await room.api.get(`/dispatches/${id}`);
    const etag = `${headers.get("etag")}`;
    expect((await room.api.get(`/dispatches/${id}`, { "if-none-match": etag })).status).toBe(304);
    const low = room.api.as(await room.here.key({ clearance: "internal" }));
    expect(await low.get(`/dispatches/${id}`)).toMatchObject(refused(404, "dispatch_not_found"));
  });
});

describe("dispatches.list", () => {
  test("200: newest first, by state, page by page, and nothing above the caller's clearance", async () => {
    const audience = room.to(await aReader());
    const made = [];
    for (const classification of ["public", "secret", "public"])
      made.unshift(await room.made({ audience, classification }));
    await room.api.post(`/dispatches/${made[0]?.id}/stop`, {});
    const first = (await room.api.get("/dispatches?limit=2")).body;
    const more = (await room.api.get(`/dispatches?limit=2&cursor=${first.nextCursor}`)).body;
    const ids = [...first.items, ...more.items].map(({ id }: Reply["body"]) => id);
    expect(ids).toEqual(made.map(({ id }) => id));
    expect(first.items[0]).not.toHaveProperty("content");
    expect((await room.api.get("/dispatches?state=stopped")).body.items).toMatchObject([{ id: made[0]?.id }]);
    const low = room.api.as(await room.here.key({ clearance: "internal" }));
    expect((await low.get("/dispatches")).body.items).toHaveLength(2);
  });
});

describe("dispatches.counts", () => {
  test("200: how many are how far", async () => {
    const { id } = await room.made({ audience: room.to(await aReader(), await aReader()) });
    expect((await room.api.get(`/dispatches/${id}/counts`)).body).toMatchObject({ queued: 2, sent: 0, failed: 0 });
  });
});

describe("dispatches.moves", () => {
  test("200: as `dispatches.stop` would judge", async () => {
    const { id } = await room.made({ audience: room.to(await aReader()) });
    const moves = async (api = room.api) => (await api.get(`/dispatches/${id}/moves`)).body.items;
    expect(await moves()).toEqual([{ event: "stop", to: "stopped", allowed: true, why: null }]);
    const reader = room.api.as(await room.here.key({ permissions: ["dispatch.read"] }));
    expect(await moves(reader)).toMatchObject([{ allowed: false, why: "forbidden" }]);
    await room.api.post(`/dispatches/${id}/stop`, {});
    expect(await moves()).toMatchObject([{ to: null, allowed: false, why: "dispatch_wrong_state" }]);
  });
});

describe("dispatches.day", () => {
  test("200: the organisation's setting, of any day", async () => {
    await room.set({ dailyMessages: 7 });
    expect((await room.api.get("/dispatches/day?day=2031-01-06")).body).toEqual({
      ...{ day: "2031-01-06", cap: 7, reserved: 0, left: 7 },
    });
  });
});

describe("dispatches.raiseCap", () => {
  const ask = (fields: object = {}, api = room.api) =>
    api.post("/dispatches/raise-cap", { cap: 5000, reason: "A storm.", ...fields });

  test("202: people are asked, with what it would cost at most; nothing is raised before they have approved", async () => {
    await room.here.person({ roles: ["approver"] });
    await room.set({ prices: { sms: { amount: "0.2", currency: "AED" } } });
    const { status, body, headers } = await ask();
    expect({ status, body }).toMatchObject({ status: 202, body: { cap: 5000, approvalId: expect.any(String) } });
    expect(headers.get("location")).toBe(`/v1/approvals/${body.approvalId}`);
    expect((await room.api.get(`/approvals/${body.approvalId}`)).body).toMatchObject({
      ...{ state: "pending", details: "A storm.", amount: { amount: "600.00", currency: "AED" } },
      subject: { type: "dispatch_cap", id: body.day },
    });
    expect((await room.api.get("/dispatches/day")).body.cap).toBe(2000);
  });

  test("422: no more than there is, a day that is over, and where nobody else could approve it", async () => {
    expect(await ask()).toMatchObject(refused(422, "dispatch_cap_undecidable"));
    await room.here.person({ roles: ["approver"] });
    expect(await ask({ cap: 2000 })).toMatchObject(refused(422, "dispatch_cap_not_raised", { cap: 2000 }));
    expect(await ask({ day: "2020-01-06" })).toMatchObject(refused(422, "dispatch_day_past"));
  });

  test("202 without a day that ends: for every day, of which the day's own cap says nothing", async () => {
    await room.here.person({ roles: ["approver"] });
    const { status, body } = await ask({ day: null });
    expect({ status, body }).toMatchObject({ status: 202, body: { day: null, cap: 5000 } });
    const { id } = (await room.api.get("/organisations/current")).body;
    expect((await room.api.get(`/approvals/${body.approvalId}`)).body).toMatchObject({
      ...{ title: "Up to 5000 messages every day, instead of 2000", subject: { type: "dispatch_cap", id } },
    });
    expect(await ask({ day: null, cap: 2000 })).toMatchObject(refused(422, "dispatch_cap_not_raised", { cap: 2000 }));
  });

  test("422 for the only one who could approve it", async () => {
    const only = await room.here.person({ roles: ["operational", "approver"] });
    const api = restClient(url, await only.session({ proven: true }));
    expect(await ask({}, api)).toMatchObject(refused(422, "dispatch_cap_undecidable"));
  });
});
