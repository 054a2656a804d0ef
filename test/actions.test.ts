import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { type ActionRoom, actionRoom, dayAfter, refused } from "./support/actions.ts";
import { audienceOf, briefingRoom } from "./support/briefings.ts";
import { asOwner } from "./support/owner.ts";
import { restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let url: string;
let room: ActionRoom;
beforeAll(async () => {
  url = (await startServer()).url;
  room = await actionRoom(url);
});

const titles = (body: { items?: { title: string }[] }) => body.items?.map(({ title }) => title);
const signal = async (classification = "confidential") =>
  (await room.api.post("/signals", aSignal({ classification, title: crypto.randomUUID() }))).body.signal.id as string;

describe("actions.create", () => {
  test("201: an action is open, somebody's, and waits for them until its day is over", async () => {
    const { api, here, officer, deputy } = room;
    const dueDay = dayAfter(3);
    const wanted = { title: "Call", classification: "internal", ownerId: officer.id, deputyIds: [deputy.id], dueDay };
    const made = await api.post("/actions", wanted);
    expect(made).toMatchObject({ status: 201, body: { ...wanted, state: "open", version: 1, priority: "normal" } });
    expect(made.headers.get("location")).toBe(`/v1/actions/${made.body.id}`);
    // Dubai has had the same clock all along.
    expect(made.body.dueAt).toBe(`${dueDay}T20:00:00.000Z`);
    const [waiting] = await asOwner()`select * from waiting where resource_id = ${uuidOf(made.body.id)}`;
    expect(waiting).toMatchObject({ person_id: officer.uuid, due_at: new Date(made.body.dueAt), permission: null });
    const [event] = await asOwner()`select name from outbox where resource_id = ${uuidOf(made.body.id)}`;
    expect(event?.name).toBe("action.created");
    expect(await here.trail(uuidOf(made.body.id))).toMatchObject([{ event: "create", action: "action.create" }]);
  });

  test("201: it leads back to what it came of, and is found by that", async () => {
    const id = await signal();
    const source = { type: "signal", id };
    const made = await room.made({ source, classification: "secret", title: "Of a signal" });
    expect(made.source).toEqual(source);
    expect(titles((await room.api.get(`/actions?sourceId=${id}`)).body)).toEqual(["Of a signal"]);
    const narrow = restClient(url, await room.here.key({ permissions: ["action.create"] }));
    const wanted = {
      title: "Of a signal",
      classification: "secret",
      ownerId: room.officer.id,
      dueDay: dayAfter(3),
      source,
    };
    expect(await narrow.post("/actions", wanted)).toMatchObject(refused(422, "action_source_unknown"));
  });

  test("201: of a change of posture", async () => {
    const { api } = room;
    await asOwner()`insert into posture (id, tenant_id, level, rank, reason, source, since)
      values (${crypto.randomUUID()}, ${room.here.tenantId}, 'normal', 0, 'A test.', 'test', '2026-01-01T00:00:00Z')`;
    const change = (await api.post("/posture/changes", { level: "high", reason: "A test of the sirens." })).body;
    const source = { type: "posture", id: change.id };
    expect((await room.made({ source })).source).toEqual(source);
    const said = { title: "A", classification: "internal", ownerId: room.officer.id, source };
    const by = async (...permissions: string[]) =>
      restClient(url, await room.here.key({ permissions: ["action.create", ...permissions] })).post("/actions", said);
    expect(await by("signal.read", "briefing.read")).toMatchObject(refused(422, "action_source_unknown"));
    expect((await by("posture.read")).status).toBe(201);
  });

  test("201: of a briefing, never below it; 422: where the briefing isn't there for the caller", async () => {
    const desk = await briefingRoom(url);
    const owner = await desk.here.person({ roles: ["operational"], clearance: "secret" });
    const { id } = await desk.distributed({ classification: "confidential", audience: audienceOf(owner) });
    const source = { type: "briefing", id };
    const said = { title: "Clear the drains", classification: "confidential", ownerId: owner.id, source };
    const made = await desk.writes.post("/actions", said);
    expect(made).toMatchObject({ status: 201, body: { source } });
    expect((await desk.approves.get(`/actions?sourceId=${id}`)).body.items).toMatchObject([{ id: made.body.id }]);
    expect(await desk.writes.post("/actions", { ...said, classification: "internal" })).toMatchObject(
      refused(422, "action_classification_low", { least: "confidential" }),
    );
    const low = await desk.here.key({ clearance: "internal" });
    const unread = await desk.here.key({ permissions: ["action.create"] });
    for (const [key, classification] of [
      [low, "internal"],
      [unread, "confidential"],
    ] as const)
      expect(await restClient(url, key).post("/actions", { ...said, classification })).toMatchObject(
        refused(422, "action_source_unknown"),
      );
    const abroad = await room.api.post("/actions", { ...said, ownerId: room.officer.id });
    expect(abroad).toMatchObject(refused(422, "action_source_unknown"));
  });

  test("422 action_source_unknown: a source that isn't there, or lies above the caller's clearance", async () => {
    const said = { title: "A", classification: "internal", ownerId: room.officer.id };
    const low = restClient(url, await room.here.key({ clearance: "internal" }));
    const hidden = { type: "signal", id: await signal("secret") };
    expect(await low.post("/actions", { ...said, source: hidden })).toMatchObject(
      refused(422, "action_source_unknown"),
    );
    const none = { type: "posture", id: idOf("pos", crypto.randomUUID()) };
    expect(await room.api.post("/actions", { ...said, source: none })).toMatchObject(
      refused(422, "action_source_unknown"),
    );
  });

  test("422 action_classification_low: never below its source", async () => {
    const source = { type: "signal", id: await signal("confidential") };
    const said = { title: "A", classification: "internal", ownerId: room.officer.id, source };
    expect(await room.api.post("/actions", said)).toMatchObject(
      refused(422, "action_classification_low", { least: "confidential" }),
    );
  });

  test("403 action_above_clearance, 422 action_classification_unknown", async () => {
    const said = { title: "A", ownerId: room.officer.id };
    const low = restClient(url, await room.here.key({ clearance: "internal" }));
    expect(await low.post("/actions", { ...said, classification: "secret" })).toMatchObject(
      refused(403, "action_above_clearance"),
    );
    expect(await room.api.post("/actions", { ...said, classification: "cosmic" })).toMatchObject(
      refused(422, "action_classification_unknown"),
    );
  });

  test("422 action_person_unknown: an owner who isn't there, is another organisation's, or has left", async () => {
    const said = { title: "A", classification: "internal" };
    const elsewhere = await actionRoom(url);
    const left = await room.here.person({ disabled: true });
    for (const id of [idOf("per", crypto.randomUUID()), elsewhere.officer.id, left.id]) {
      const problem = refused(422, "action_person_unknown", { personIds: [id] });
      expect(await room.api.post("/actions", { ...said, ownerId: id })).toMatchObject(problem);
      const asDeputy = { ...said, ownerId: room.officer.id, deputyIds: [id] };
      expect(await room.api.post("/actions", asDeputy)).toMatchObject(problem);
    }
  });

  test("422 action_person_uncleared: nobody sees to what does not exist for them", async () => {
    const low = await room.here.person({ clearance: "internal" });
    const said = { title: "A", classification: "secret", ownerId: low.id };
    expect(await room.api.post("/actions", said)).toMatchObject(
      refused(422, "action_person_uncleared", { personIds: [low.id] }),
    );
  });

  test("422 action_person_unfit: who could do nothing with it; said by name only to who may read people", async () => {
    const reader = await room.here.person({ roles: ["executive", "approver"] });
    const said = { title: "A", classification: "internal", ownerId: room.officer.id };
    const problem = refused(422, "action_person_unfit", { personIds: [reader.id] });
    expect(await room.api.post("/actions", { ...said, ownerId: reader.id })).toMatchObject(problem);
    expect(await room.api.post("/actions", { ...said, deputyIds: [room.deputy.id, reader.id] })).toMatchObject(problem);
    const blind = restClient(url, await room.here.key({ permissions: ["action.create"] }));
    const answer = await blind.post("/actions", { ...said, ownerId: reader.id });
    expect(answer).toMatchObject(refused(422, "action_person_unfit"));
    expect(answer.body).not.toHaveProperty("personIds");
  });

  test("422 action_deputy_owner: the owner as deputy, or a deputy twice", async () => {
    const { api, officer, deputy } = room;
    const said = { title: "A", classification: "internal", ownerId: officer.id };
    for (const deputyIds of [[officer.id], [deputy.id, deputy.id]])
      expect(await api.post("/actions", { ...said, deputyIds })).toMatchObject(refused(422, "action_deputy_owner"));
  });

  test("422 action_entity_unknown: another organisation's", async () => {
    const elsewhere = await actionRoom(url);
    const entityId = elsewhere.here.entities.company;
    const said = { title: "A", classification: "internal", ownerId: room.officer.id, entityId };
    expect(await room.api.post("/actions", said)).toMatchObject(refused(422, "action_entity_unknown"));
  });

  test("422 action_due_day: a day that is over in the organisation's zone, or is far away; today is in time", async () => {
    const said = { title: "A", classification: "internal", ownerId: room.officer.id };
    for (const dueDay of [dayAfter(-1), "1999-12-31", dayAfter(3700), "9999-12-31"])
      expect(await room.api.post("/actions", { ...said, dueDay })).toMatchObject(
        refused(422, "action_due_day", { today: dayAfter(0) }),
      );
    expect((await room.api.post("/actions", { ...said, dueDay: dayAfter(0) })).status).toBe(201);
    for (const dueDay of ["2027-02-29", "tomorrow", "2027-2-1", ""])
      expect((await room.api.post("/actions", { ...said, dueDay })).status).toBe(400);
  });

  test("201: what people write is kept as it is: emoji, both directions, quotes", async () => {
    const title = "اتصل بـ Acme 🛠️ O'Hara; -- \u202eيمين <b>";
    const details = "خطوة ١: call\nStep 2: 👩‍🚒 \\ \" ' \u2067نهاية\u2069";
    const { id } = await room.made({ title, details });
    expect((await room.api.get(`/actions/${id}`)).body).toMatchObject({ title, details });
  });

  test("201 and 400: details of 50 000 characters, and not one more", async () => {
    const most = "x".repeat(50_000);
    expect((await room.made({ details: most })).details).toHaveLength(50_000);
    const said = { title: "A", classification: "internal", ownerId: room.officer.id };
    expect((await room.api.post("/actions", { ...said, details: `${most}x` })).status).toBe(400);
    expect((await room.api.post("/actions", { ...said, title: "x".repeat(501) })).status).toBe(400);
  });

  test("400: nul bytes, empty titles, and lines in a title", async () => {
    const said = { title: "A", classification: "internal", ownerId: room.officer.id };
    const nul = JSON.stringify({ ...said, details: "a\0b" });
    expect(await room.api.post("/actions", nul, { "content-type": "application/json" })).toMatchObject(
      refused(400, "malformed_json"),
    );
    for (const title of ["", "  ", "a\nb"])
      expect((await room.api.post("/actions", { ...said, title })).status).toBe(400);
  });

  test("201: sent again under its key after a lost answer, it was made once", async () => {
    const said = { title: "Once", classification: "internal", ownerId: room.officer.id };
    const key = { "idempotency-key": crypto.randomUUID() };
    const [one, other] = [await room.api.post("/actions", said, key), await room.api.post("/actions", said, key)];
    expect(other.body).toEqual(one.body);
    expect(other.headers.get("idempotency-replayed")).toBe("true");
  });
});

describe("actions: days where the clock changes", () => {
  /** Zones whose clock jumps at midnight: the day ends where its last moment does. */
  test.each([
    ["Africa/Cairo", "2026-04-20T08:00:00Z", "2026-04-23", "2026-04-23T22:00:00.000Z"],
    ["Africa/Cairo", "2026-10-20T08:00:00Z", "2026-10-29", "2026-10-29T22:00:00.000Z"],
    ["Europe/Berlin", "2026-03-20T08:00:00Z", "2026-03-29", "2026-03-29T22:00:00.000Z"],
    ["America/New_York", "2026-10-20T08:00:00Z", "2026-11-01", "2026-11-02T05:00:00.000Z"],
    ["Pacific/Apia", "2026-03-20T08:00:00Z", "2026-03-21", "2026-03-21T11:00:00.000Z"],
  ])("%s at %s: %s is over at %s", async (zone, at, dueDay, dueAt) => {
    const now = new Date(at);
    const clocked = await startServer({ sources: { now: () => now } });
    const its = await actionRoom(clocked.url, () => now.getTime());
    await asOwner()`update organisations set time_zone = ${zone} where id = ${its.here.tenantId}`;
    expect((await its.made({ dueDay })).dueAt).toBe(dueAt);
  });
});

describe("actions.get", () => {
  test("404 action_not_found: above the caller's clearance it isn't there", async () => {
    const { id } = await room.made({ classification: "secret" });
    const low = restClient(url, await room.here.key({ clearance: "confidential" }));
    expect(await low.get(`/actions/${id}`)).toMatchObject(refused(404, "action_not_found"));
    for (const path of ["moves", "history", "checklist", "notes", "evidence", "watchers"])
      expect(await low.get(`/actions/${id}/${path}`)).toMatchObject(refused(404, "action_not_found"));
    expect(await low.post(`/actions/${id}/start`, { version: 1 })).toMatchObject(refused(404, "action_not_found"));
    expect(await low.patch(`/actions/${id}`, { version: 1 })).toMatchObject(refused(404, "action_not_found"));
  });

  test("304: for who has this version", async () => {
    const { id } = await room.made();
    const { headers } = await room.api.get(`/actions/${id}`);
    expect(headers.get("etag")).toBe('"1"');
    expect((await room.api.get(`/actions/${id}`, { "if-none-match": '"1"' })).status).toBe(304);
  });
});

describe("actions.list", () => {
  test("200: what is due first in front, what has no day last, each once over pages", async () => {
    const its = await actionRoom(url);
    const days = [5, null, 1, 3, null, 2, 1];
    for (const [n, day] of days.entries()) await its.made({ title: `${n}`, dueDay: day && dayAfter(day) });
    const seen: { dueDay: string | null; id: string }[] = [];
    for (let cursor = ""; ; ) {
      const { items, nextCursor } = (await its.api.get(`/actions?limit=2${cursor && `&cursor=${cursor}`}`)).body;
      seen.push(...items);
      if (!nextCursor) break;
      cursor = nextCursor;
    }
    expect(seen.map(({ dueDay }) => dueDay)).toEqual([...[1, 1, 2, 3, 5].map((day) => dayAfter(day)), null, null]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(days.length);
  });

  test("200: by all of its filters, alone and together", async () => {
    const its = await actionRoom(url);
    const { company } = its.here.entities;
    await its.made({ title: "plain" });
    await its.made({ title: "urgent", priority: "urgent", dueDay: dayAfter(1) });
    await its.made({ title: "company's", entityId: company, dueDay: dayAfter(4) });
    const blocked = await its.made({ title: "blocked", ownerId: its.chief.id });
    await its.moved(blocked.id, ["block"]);
    await its.api.post(`/actions/${blocked.id}/watch`, { personId: its.deputy.id });
    const found = async (query: string, by = its.api) => titles((await by.get(`/actions?${query}`)).body)?.sort();
    expect(await found("state=blocked&state=done")).toEqual(["blocked"]);
    expect(await found("priority=urgent&priority=high")).toEqual(["urgent"]);
    expect(await found(`entityId=${company}`)).toEqual(["company's"]);
    expect(await found(`ownerId=${its.chief.id}`)).toEqual(["blocked"]);
    expect(await found("ownerId=me", await its.as(its.chief))).toEqual(["blocked"]);
    expect(await found("ownerId=me")).toEqual([]);
    expect(await found("watcherId=me", await its.as(its.deputy))).toEqual(["blocked"]);
    expect(await found(`dueBefore=${dayAfter(4)}`)).toEqual(["urgent"]);
    expect(await found("overdue=true")).toEqual([]);
    expect(await found("overdue=false&priority=urgent")).toEqual(["urgent"]);
    expect((await its.api.get("/actions?ownerId=nobody")).status).toBe(400);
  });

  test("200: what lies above the caller's clearance is neither there nor between", async () => {
    const its = await actionRoom(url);
    for (const classification of ["internal", "secret", "internal"]) await its.made({ classification });
    const low = restClient(url, await its.here.key({ clearance: "internal" }));
    const first = (await low.get("/actions?limit=1")).body;
    const second = (await low.get(`/actions?limit=1&cursor=${first.nextCursor}`)).body;
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([1, 1, null]);
  });

  test("200: overdue from the end of the day in the organisation's zone on, whatever day it is elsewhere", async () => {
    let now = new Date("2026-03-02T05:00:00Z");
    const clocked = await startServer({ sources: { now: () => now } });
    const its = await actionRoom(clocked.url, () => now.getTime());
    await its.made({ dueDay: "2026-03-03", title: "late" });
    const late = async () => titles((await its.api.get("/actions?overdue=true")).body);
    now = new Date("2026-03-03T19:59:59.999Z");
    expect(await late()).toEqual([]);
    now = new Date("2026-03-03T20:00:00.000Z");
    expect(await late()).toEqual(["late"]);
  });
});

describe("actions.mine", () => {
  test("200: what is open, and the caller's own or a deputy's, in the order of its day", async () => {
    const its = await actionRoom(url);
    const { officer, deputy, chief } = its;
    await its.made({ title: "own", dueDay: dayAfter(2) });
    await its.made({ title: "as deputy", ownerId: chief.id, deputyIds: [deputy.id, officer.id], dueDay: dayAfter(1) });
    await its.made({ title: "somebody else's", ownerId: chief.id });
    await its.moved((await its.made({ title: "done" })).id, ["complete"]);
    expect(titles((await (await its.as(officer)).get("/actions/mine")).body)).toEqual(["as deputy", "own"]);
    expect(titles((await (await its.as(deputy)).get("/actions/mine")).body)).toEqual(["as deputy"]);
    const pages = await its.as(officer);
    const first = (await pages.get("/actions/mine?limit=1")).body;
    const second = (await pages.get(`/actions/mine?limit=1&cursor=${first.nextCursor}`)).body;
    expect([...(titles(first) ?? []), ...(titles(second) ?? []), second.nextCursor]).toEqual([
      "as deputy",
      "own",
      null,
    ]);
    expect((await its.api.get("/actions/mine")).body.items).toEqual([]);
  });
});

describe("actions.team", () => {
  test("200: of one's entity and those below, of who reports to one, and of who is in a group that one leads", async () => {
    const its = await actionRoom(url);
    const { here, api } = its;
    const { holding, company } = here.entities;
    const lead = await here.person({ roles: ["operational"], entityId: uuidOf(company) });
    const [report, below, member, outside] = [
      await here.person({ roles: ["operational"] }),
      await here.person({ roles: ["operational"] }),
      await here.person({ roles: ["operational"] }),
      await here.person({ roles: ["operational"] }),
    ];
    await asOwner()`update people set manager_id = ${lead.uuid} where id = ${report.uuid}`;
    await asOwner()`update people set manager_id = ${report.uuid} where id = ${below.uuid}`;
    const outer = (await api.post("/groups", { name: { en: "Outer" }, ownerId: lead.id })).body.id;
    const inner = (await api.post("/groups", { name: { en: "Inner" }, ownerId: outside.id })).body.id;
    await api.post(`/groups/${outer}/add-member`, { memberId: inner });
    await api.post(`/groups/${inner}/add-member`, { memberId: member.id });
    const site = (
      await api.post("/entities", { key: "site", name: { en: "Site" }, kind: "company", parentId: company })
    ).body;
    for (const [title, ownerId, entityId] of [
      ["a report's", report.id, null],
      ["their report's", below.id, holding],
      ["a member's", member.id, null],
      ["the entity's", outside.id, company],
      ["the site's", outside.id, site.id],
      ["the holding's", outside.id, holding],
      ["nobody's", outside.id, null],
    ] as const)
      await its.made({ title, ownerId, entityId });
    const found = titles((await (await its.as(lead)).get("/actions/team")).body)?.sort();
    expect(found).toEqual(["a member's", "a report's", "the entity's", "the site's", "their report's"]);
    expect((await its.api.get("/actions/team")).body.items).toEqual([]);
  });
});

describe("actions.figures", () => {
  test("200: counted by state, age and week of the organisation's zone, each as classified as what it counts", async () => {
    let now = new Date("2026-03-01T19:30:00Z"); // still Sunday in Dubai: 23:30
    const clocked = await startServer({ sources: { now: () => now } });
    const its = await actionRoom(clocked.url, () => now.getTime());
    const first = await its.made({ classification: "secret", dueDay: "2026-03-02" });
    now = new Date("2026-03-01T20:30:00Z"); // Monday there
    const second = await its.made();
    await its.moved(second.id, ["complete"]);
    now = new Date("2026-03-10T08:00:00Z");
    await its.made();
    const { body } = await its.api.get("/actions/figures?weeks=3");
    const value = (figure: { value: number; classification: string }) => [figure.value, figure.classification];
    expect(body.byState.map((one: { count: never }) => value(one.count)[0])).toEqual([2, 0, 0, 1, 0, 0]);
    expect(value(body.overdue)).toEqual([1, "secret"]);
    expect(body.ageing.map((one: { count: never }) => value(one.count))).toEqual([
      [1, "internal"],
      [1, "secret"],
      [0, "public"],
      [0, "public"],
    ]);
    const week = (n: number) => [
      body.weeks[n].from,
      ...["created", "completed"].map((of) => value(body.weeks[n][of])[0]),
    ];
    expect([week(0), week(1), week(2)]).toEqual([
      ["2026-03-09", 1, 0],
      ["2026-03-02", 1, 1],
      ["2026-02-23", 1, 0],
    ]);
    const low = restClient(clocked.url, await its.here.key({ clearance: "internal" }));
    expect((await low.get("/actions/figures")).body.overdue.value).toBe(0);
    const none = (await low.get(`/actions/figures?entityId=${its.here.entities.company}`)).body;
    expect(none.byState[0].count.value).toBe(0);
    expect(first.version).toBe(1);
  });
});

describe("actions.history", () => {
  test("200: who changed which field when, newest first; nothing of what was refused", async () => {
    const { api, officer } = room;
    const { id } = await room.made();
    const hers = await room.as(officer);
    await hers.patch(`/actions/${id}`, { version: 1, title: "Call them", priority: "high" });
    await hers.patch(`/actions/${id}`, { version: 2, title: "Call them" });
    await hers.post(`/actions/${id}/start`, { version: 2 });
    const note = (await hers.post(`/actions/${id}/add-note`, { body: "A test." })).body.id;
    const item = (await hers.post(`/actions/${id}/add-item`, { text: "A step" })).body.id;
    await hers.post(`/actions/${id}/tick`, { itemId: item });
    const { items } = (await api.get(`/actions/${id}/history`)).body;
    expect(items.map(({ operation }: { operation: string }) => operation)).toEqual([
      ...["actions.tick", "actions.addItem", "actions.addNote", "actions.start", "actions.update", "actions.create"],
    ]);
    expect(items[0]).toMatchObject({
      by: officer.id,
      fields: [{ field: `checklist.${item}`, before: false, after: true }],
    });
    expect(items[2]).toMatchObject({
      by: officer.id,
      fields: [{ field: `notes.${note}`, before: null, after: { body: "A test." } }],
    });
    expect(items[3]).toMatchObject({ event: "start", version: 3 });
    expect(items[4].fields).toEqual([
      { field: "title", before: "Call the supplier", after: "Call them" },
      { field: "priority", before: "normal", after: "high" },
    ]);
    expect(items[1].fields).toMatchObject([{ field: `checklist.${item}`, before: null, after: { text: "A step" } }]);
    const first = (await api.get(`/actions/${id}/history?limit=4`)).body;
    const rest = (await api.get(`/actions/${id}/history?limit=4&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items]).toEqual(items);
    const blind = restClient(url, await room.here.key({ permissions: ["action.read"] }));
    expect((await blind.get(`/actions/${id}/history`)).body.items[0].by).toBeNull();
  });

  test("200: who noted something and when, after what it said was erased from the audit log", async () => {
    const { api, officer, here } = room;
    const { id } = await room.made();
    const hers = await room.as(officer);
    await hers.post(`/actions/${id}/add-note`, { body: "Her number is 050 000 0000." });
    const [was] = (await api.get(`/actions/${id}/history`)).body.items;
    const proven = async (...roles: string[]) =>
      restClient(url, await (await here.person({ roles })).session({ proven: true }));
    const reason = "Article 15 of the data protection law.";
    const erasure = (await (await proven("admin")).post("/erasures", { entryIds: [was.id], reason })).body;
    const erased = await (await proven("approver")).post(`/erasures/${erasure.id}/erase`, { version: 1, reason });
    expect(erased.status).toBe(200);
    const [is] = (await api.get(`/actions/${id}/history`)).body.items;
    expect(was.fields).toHaveLength(1);
    expect(is).toEqual({ ...was, fields: [] });
  });

  test("200: what came beside it and was taken away, on both sides; nothing where it was so already", async () => {
    const { api, officer, chief } = room;
    const { id } = await room.made();
    const hers = await room.as(officer);
    const post = async (verb: string, body: object) => (await hers.post(`/actions/${id}/${verb}`, body)).body;
    const page = { url: "https://supplier.example/order", title: "The order" };
    const itemId = (await post("add-item", { text: "A step" })).id;
    const linkId = (await post("add-evidence", page)).evidence.id;
    for (const _ of ["once", "again"]) await post("watch", { personId: chief.id });
    for (const _ of ["once", "again"]) {
      await post("remove-item", { itemId });
      await post("remove-evidence", { linkId });
      await post("unwatch", { personId: chief.id });
    }
    const { items } = (await api.get(`/actions/${id}/history`)).body;
    expect(items.map(({ fields }: { fields: unknown }) => fields).slice(0, -1)).toEqual([
      [{ field: `watchers.${chief.id}`, before: { personId: chief.id }, after: null }],
      [{ field: `evidence.${linkId}`, before: page, after: null }],
      [{ field: `checklist.${itemId}`, before: { text: "A step", done: false }, after: null }],
      [{ field: `watchers.${chief.id}`, before: null, after: { personId: chief.id } }],
      [{ field: `evidence.${linkId}`, before: null, after: page }],
      [{ field: `checklist.${itemId}`, before: null, after: { text: "A step", done: false } }],
    ]);
  });
});
