import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { audienceOf, type BriefingRoom, briefingRoom, draftingAgent } from "./support/briefings.ts";
import { asOwner } from "./support/owner.ts";
import { refused } from "./support/posture.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let room: BriefingRoom;
beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  room = await briefingRoom(url);
});
const reason = "Seen from the site itself.";
const told = (id: string, name: string) =>
  asOwner()`select payload from outbox where tenant_id = ${room.here.tenantId} and resource_id = ${uuidOf(id)} and name = ${name}`;
const raise = (signalId: string, to = "secret") =>
  asOwner()`update signals set classification = ${to} where id = ${uuidOf(signalId)}`;

describe("briefings.submit", () => {
  test("200: it waits for somebody who approves", async () => {
    const { id, state, submittedBy } = await room.submitted();
    expect({ state, submittedBy }).toEqual({ state: "pending_approval", submittedBy: room.author.id });
    const { items } = (await room.approves.get("/me/waiting")).body;
    expect(items).toMatchObject([{ machine: "briefing", resourceId: id, state: "pending_approval" }]);
  });

  test("422 briefing_audience_empty: an audience of nobody, or only of those who are shut out or gone", async () => {
    const gone = await room.here.person({ roles: [], disabled: true });
    const group = room.done(
      await room.writes.as(await room.here.key()).post("/groups", { name: { en: "None" }, ownerId: room.chief.id }),
    );
    for (const audience of [{}, audienceOf(gone), { groupIds: [group.id] }, { roles: ["auditor"] }]) {
      const made = await room.draft({ audience });
      expect(await room.send(made, "submit", room.writes)).toMatchObject(refused(422, "briefing_audience_empty"));
    }
  });

  test("422 briefing_audience_not_cleared: a source above the audience, named only to those who may know", async () => {
    const signalId = await room.signal("confidential");
    const made = await room.draft({ sources: [{ signalId }], audience: audienceOf(room.reader, room.chief) });
    expect(await room.send(made, "submit", room.writes)).toMatchObject(
      refused(422, "briefing_audience_not_cleared", { count: 1, personIds: [room.reader.id], signalIds: [signalId] }),
    );
    const narrow = restClient(url, await room.here.key({ permissions: ["briefing.submit"] }));
    expect((await room.send(made, "submit", narrow)).body).toMatchObject({ count: 1, personIds: [], signalIds: [] });
  });

  test("422 briefing_below_sources: a source that was raised since, named only to those who see it", async () => {
    const signalId = await room.signal("internal");
    const made = await room.draft({ sources: [{ signalId }] });
    await raise(signalId, "secret");
    expect(await room.send(made, "submit", room.writes)).toMatchObject(
      refused(422, "briefing_below_sources", { count: 1, signalIds: [signalId] }),
    );
    const low = await room.as(await room.here.person({ roles: ["operational"], clearance: "internal" }));
    expect((await room.send(made, "submit", low)).body).toMatchObject({ count: 1, signalIds: [] });
    const narrow = restClient(url, await room.here.key({ permissions: ["briefing.submit"] }));
    expect((await room.send(made, "submit", narrow)).body).toMatchObject({ count: 1, signalIds: [] });
  });
});

describe("briefings.return", () => {
  test("200: a draft again, with comments that stay with the edition of which they speak", async () => {
    const made = await room.submitted();
    const comments = [{ sectionId: "weather", body: "Say which sites." }, { body: "Shorter." }];
    const back = room.done(await room.send(made, "return", room.approves, { reason, comments }));
    expect(back).toMatchObject({ state: "draft", stateReason: reason, submittedBy: null, version: 3, edition: 1 });
    room.done(await room.writes.patch(`/briefings/${made.id}`, { version: 3, title: { en: "Shorter" } }));
    const { items } = (await room.writes.get(`/briefings/${made.id}/comments`)).body;
    expect(items).toHaveLength(2);
    for (const one of items) expect(one).toMatchObject({ edition: 1, author: room.chief.id });
  });

  test("422 briefing_section_unknown: comments on sections that the edition doesn't have, and nothing has happened", async () => {
    const made = await room.submitted();
    const comments = ["weather", "traffic", "sea", "sea"].map((sectionId) => ({ sectionId, body: "Shorter." }));
    expect(await room.send(made, "return", room.approves, { reason, comments })).toMatchObject(
      refused(422, "briefing_section_unknown", { sectionIds: ["traffic", "sea"] }),
    );
    expect((await room.writes.get(`/briefings/${made.id}`)).body).toMatchObject({ state: "pending_approval" });
    expect((await room.writes.get(`/briefings/${made.id}/comments`)).body.items).toEqual([]);
  });
});

describe("briefings.comments", () => {
  test("200: newest first, page by page; 404 for who doesn't see the briefing", async () => {
    const made = await room.submitted();
    const comments = ["a", "b", "c"].map((body) => ({ body }));
    await room.send(made, "return", room.approves, { reason, comments });
    const path = `/briefings/${made.id}/comments`;
    const first = (await room.writes.get(`${path}?limit=2`)).body;
    const rest = (await room.writes.get(`${path}?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items].map(({ body }) => body).sort()).toEqual(["a", "b", "c"]);
    const secret = await room.draft({ classification: "secret", audience: audienceOf(room.chief) });
    const low = await room.as(await room.here.person({ roles: ["operational"], clearance: "internal" }));
    for (const list of ["comments", "editions", "recipients"])
      expect(await low.get(`/briefings/${secret.id}/${list}`)).toMatchObject(refused(404, "briefing_not_found"));
  });
});

describe("briefings.approve", () => {
  test("200: on record with the SHA-256 of exactly that content", async () => {
    const made = await room.approved();
    expect(made).toMatchObject({ state: "approved", approvedBy: room.chief.id, approvedAt: expect.any(String) });
    const trail = await room.here.trail(uuidOf(made.id));
    expect(trail.find(({ event }) => event === "approve")).toMatchObject({
      decision: { fourEyes: true, contentSha256: made.contentSha256 },
    });
  });

  test("401 step_up_required: not without a second factor just now", async () => {
    const made = await room.submitted();
    const plain = restClient(url, await room.chief.session());
    expect(await room.send(made, "approve", plain)).toMatchObject(refused(401, "step_up_required"));
  });

  test("403 four_eyes: who made it, edited it, or submitted it", async () => {
    const both = { roles: ["operational", "approver"], clearance: "secret" };
    const another = async () => room.as(await room.here.person(both));
    const [maker, editor, submitter] = [await another(), await another(), await another()];
    const made = await room.draft({}, maker);
    const edited = room.done(await editor.patch(`/briefings/${made.id}`, { version: 1, title: { en: "Edited" } }));
    const pending = room.done(await room.send(edited, "submit", submitter));
    for (const api of [maker, editor, submitter])
      expect(await room.send(pending, "approve", api)).toMatchObject(refused(403, "four_eyes"));
    expect((await room.send(pending, "approve", room.approves)).status).toBe(200);
  });

  test("403: an agent drafts and submits, never approves; nor does who answers for it", async () => {
    const owner = await room.here.person({ roles: ["operational", "approver"], clearance: "secret" });
    const agent = restClient(url, (await draftingAgent(room, owner)).key);
    const made = await room.submitted({}, agent);
    expect(await room.send(made, "approve", agent)).toMatchObject(refused(403, "agent_denied"));
    expect(await room.send(made, "approve", await room.as(owner))).toMatchObject(refused(403, "four_eyes"));
    expect((await room.send(made, "approve", room.approves)).status).toBe(200);
  });

  test("412: what was edited since it was read is not approved", async () => {
    const made = await room.submitted();
    const back = room.done(await room.send(made, "revise", room.writes, { reason }));
    const edited = room.done(
      await room.writes.patch(`/briefings/${made.id}`, { version: back.version, title: { en: "x" } }),
    );
    room.done(await room.send(edited, "submit", room.writes));
    expect(await room.send(made, "approve", room.approves)).toMatchObject(refused(412, "briefing_changed"));
  });

  test("422: sources that were raised while it waited", async () => {
    const signalId = await room.signal("internal");
    const made = await room.submitted({ sources: [{ signalId }] });
    await raise(signalId);
    expect(await room.send(made, "approve", room.approves)).toMatchObject(refused(422, "briefing_below_sources"));
  });
});

describe("briefings.revise", () => {
  test("200: an approved one is a draft again, and its approval counts no more", async () => {
    const made = await room.approved();
    const back = room.done(await room.send(made, "revise", room.writes, { reason }));
    expect(back).toMatchObject({ state: "draft", approvedBy: null, approvedAt: null, submittedBy: null });
    expect(await room.send(back, "distribute", room.writes)).toMatchObject(refused(409, "briefing_wrong_state"));
  });
});

describe("briefings.distribute", () => {
  test("200: to everybody in the audience at that moment, each once: groups in groups, roles, entities and those below, people", async () => {
    const { here } = room;
    const api = restClient(url, await here.key());
    const [inGroup, late] = [await here.person({ name: "G", roles: [] }), await here.person({ name: "L", roles: [] })];
    const below = await here.person({ name: "E", roles: [], entityId: uuidOf(here.entities.company) });
    const auditor = await here.person({ name: "R", roles: ["auditor"] });
    const group = async (en: string) => (await api.post("/groups", { name: { en }, ownerId: room.chief.id })).body.id;
    const [outer, inner] = [await group("Outer"), await group("Inner")];
    await api.post(`/groups/${outer}/add-member`, { memberId: inner });
    await api.post(`/groups/${inner}/add-member`, { memberId: inGroup.id });
    const made = await room.approved({
      audience: {
        ...{ groupIds: [outer, inner], roles: ["auditor"], entityIds: [here.entities.holding] },
        personIds: [room.reader.id, inGroup.id],
      },
    });
    const sent = room.done(await room.send(made, "distribute", room.writes));
    await api.post(`/groups/${inner}/add-member`, { memberId: late.id });
    expect(sent).toMatchObject({ state: "distributed", recipients: 4, distributedBy: room.author.id });
    const { items } = (await room.writes.get(`/briefings/${made.id}/recipients`)).body;
    expect(items.map(({ personId }: { personId: string }) => personId)).toEqual([
      ...[below, inGroup, auditor, room.reader].map(({ id }) => id),
    ]);
    const [{ payload }] = (await told(made.id, "briefing.distributed")) as unknown as [{ payload: object }];
    expect(payload).toMatchObject({
      ...{ id: made.id, from: "approved", to: "distributed", day: made.day, edition: 1, recipients: 4 },
      contentSha256: made.contentSha256,
    });
  });

  test("409 briefing_already_distributed: one of a day for an audience, which is named to who may see it; once withdrawn, another", async () => {
    const [first, second] = [await room.distributed(), await room.approved()];
    expect(await room.send(second, "distribute", room.writes)).toMatchObject(
      refused(409, "briefing_already_distributed", { briefingId: first.id }),
    );
    const elsewhere = await room.distributed({ audience: audienceOf(room.chief) });
    expect(elsewhere.state).toBe("distributed");
    room.done(await room.send(first, "withdraw", room.writes, { reason }));
    expect((await room.send(second, "distribute", room.writes)).status).toBe(200);
  });

  test("409: of many that are distributed at once, one is", async () => {
    const all = await Promise.all([1, 2, 3].map(() => room.approved()));
    const answers = await Promise.all(all.map((one) => room.send(one, "distribute", room.writes)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  test("409: the database holds to it, whoever writes", async () => {
    await room.distributed();
    const second = await room.approved();
    const forced = asOwner().begin(async (sql) => {
      await sql`set constraints briefings_once_a_day immediate`;
      await sql`update briefings set state = 'distributed' where id = ${uuidOf(second.id)}`;
    });
    await expect(forced).rejects.toMatchObject({ code: "23P01", constraint_name: "briefings_once_a_day" });
  });

  test("422: somebody in the audience who was cleared for less since, or came into it", async () => {
    const signalId = await room.signal("internal");
    const made = await room.approved({ sources: [{ signalId }] });
    await asOwner()`update people set clearance = 'public' where id = ${room.reader.uuid}`;
    expect(await room.send(made, "distribute", room.writes)).toMatchObject(
      refused(422, "briefing_audience_not_cleared", { count: 1, personIds: [room.reader.id], signalIds: [signalId] }),
    );
    expect((await room.writes.get(`/briefings/${made.id}/recipients`)).body.items).toEqual([]);
  });

  test("202: an agent may propose it, and a person approves that", async () => {
    const owner = await room.here.person({ roles: ["operational"], clearance: "secret" });
    const agent = restClient(url, (await draftingAgent(room, owner)).key);
    const made = await room.approved();
    expect((await room.send(made, "distribute", agent)).status).toBe(202);
    expect((await room.writes.get(`/briefings/${made.id}`)).body.state).toBe("approved");
  });
});

describe("briefings.withdraw", () => {
  test("200: in any state, with a reason; 409 a second time", async () => {
    const all = [await room.draft(), await room.submitted(), await room.approved(), await room.distributed()];
    for (const one of all) {
      const after = room.done(await room.send(one, "withdraw", room.writes, { reason }));
      expect(after).toMatchObject({ state: "withdrawn", stateReason: reason });
      expect(await room.send(after, "withdraw", room.writes, { reason })).toMatchObject(
        refused(409, "briefing_wrong_state", { state: "withdrawn" }),
      );
    }
  });
});

describe("briefings.moves", () => {
  test("200: for who wrote it and for who approves, as the moves themselves would answer", async () => {
    const made = await room.submitted();
    const of = async (api: typeof room.writes) => {
      const { items } = (await api.get(`/briefings/${made.id}/moves`)).body;
      return Object.fromEntries(items.map((one: { event: string; why: string | null }) => [one.event, one.why]));
    };
    expect(await of(room.writes)).toMatchObject({ approve: "forbidden", revise: null, withdraw: null });
    expect(await of(room.approves)).toMatchObject({ approve: null, return: null, submit: "forbidden" });
  });
});

describe("briefings.acknowledge", () => {
  test("200: once, with the moment; a second time says that it was so", async () => {
    const made = await room.distributed();
    const first = (await room.reads.post(`/briefings/${made.id}/acknowledge`, {})).body;
    expect(first).toEqual({ changed: true, readAt: expect.any(String) });
    const again = (await room.reads.post(`/briefings/${made.id}/acknowledge`, {})).body;
    expect(again).toEqual({ changed: false, readAt: first.readAt });
    expect(await told(made.id, "briefing.acknowledged")).toMatchObject([{ payload: { personId: room.reader.id } }]);
  });

  test("404, 409: by who was not sent it; not for a recipient once it is withdrawn", async () => {
    const made = await room.distributed();
    const acknowledge = (api: typeof room.writes) => api.post(`/briefings/${made.id}/acknowledge`, {});
    expect(await acknowledge(room.writes)).toMatchObject(refused(409, "briefing_not_recipient"));
    const stranger = await room.as(await room.here.person({ roles: [] }));
    expect(await acknowledge(stranger)).toMatchObject(refused(404, "briefing_not_found"));
    await room.send(made, "withdraw", room.writes, { reason });
    expect(await acknowledge(room.reads)).toMatchObject(refused(404, "briefing_not_found"));
  });
});

describe("briefings.recipients", () => {
  test("200: by their names, page by page, and those who have read it or not", async () => {
    const made = await room.distributed({ audience: audienceOf(room.reader, room.chief, room.author) });
    await room.reads.post(`/briefings/${made.id}/acknowledge`, {});
    const path = `/briefings/${made.id}/recipients`;
    const ids = async (query: string) =>
      (await room.writes.get(`${path}?${query}`)).body.items.map(({ personId }: { personId: string }) => personId);
    expect(await ids("read=true")).toEqual([room.reader.id]);
    expect(await ids("read=false")).toEqual([room.author.id, room.chief.id]);
    const first = (await room.writes.get(`${path}?limit=2`)).body;
    expect(await ids(`limit=2&cursor=${first.nextCursor}`)).toEqual([room.reader.id]);
  });
});

describe("briefings.today", () => {
  test("200: what was distributed to the caller; else, for who may read, what has come furthest; else nothing", async () => {
    const today = async (api: typeof room.writes) => (await api.get("/briefings/today")).body.briefing;
    expect(await today(room.writes)).toBeNull();
    await room.draft();
    const pending = await room.submitted();
    expect((await today(room.writes)).id).toBe(pending.id);
    expect(await today(room.reads)).toBeNull();
    const sent = await room.distributed();
    expect((await today(room.reads)).id).toBe(sent.id);
    const own = await room.distributed({ audience: audienceOf(room.chief) });
    expect((await today(room.approves)).id).toBe(own.id);
    await room.distributed({ audience: audienceOf(room.author) });
    expect((await today(room.approves)).id).toBe(own.id);
    expect(own).toMatchObject({ state: "distributed" });
  });

  test("200: not what lies above the caller's clearance, though it was distributed to them", async () => {
    await room.distributed({ classification: "internal" });
    await asOwner()`update people set clearance = 'public' where id = ${room.reader.uuid}`;
    const reads = await room.as(room.reader);
    expect((await reads.get("/briefings/today")).body.briefing).toBeNull();
  });
});
