import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aBriefing, aSection, audienceOf, type BriefingRoom, briefingRoom } from "./support/briefings.ts";
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
const nobody = "per_01kejc8ht0e6ssypg6m30swmzz";

describe("briefings.create", () => {
  test("201: a draft of today with its first edition, as classified as the highest of its sources", async () => {
    const [low, high] = [await room.signal("public"), await room.signal("confidential")];
    const sources = [
      { signalId: low, confidence: 0.4, note: "From the radio." },
      { signalId: high, confidence: null, note: null },
    ];
    const { status, headers, body } = await room.writes.post("/briefings", aBriefing({ sources }));
    expect(status).toBe(201);
    expect(headers.get("location")).toContain(`/briefings/${body.id}`);
    expect(body).toMatchObject({
      ...{ state: "draft", edition: 1, version: 1, classification: "confidential", sources },
      ...{ createdBy: room.author.id, editedBy: room.author.id, approvedBy: null, recipients: null },
      contentSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await room.writes.get(`/briefings/${body.id}`)).body).toEqual(body);
    expect((await room.writes.get(`/briefings/${body.id}/editions`)).body.items).toMatchObject([
      { edition: 1, author: room.author.id, contentSha256: body.contentSha256 },
    ]);
  });

  test("201: the same audience is the same, however it was said", async () => {
    const [a, b] = [room.chief.id, room.reader.id];
    const one = await room.draft({ audience: { personIds: [a, b, a], roles: ["executive"] } });
    const other = await room.draft({ audience: { roles: ["executive"], personIds: [b, a] } });
    expect(one.audience).toEqual({ groupIds: [], roles: ["executive"], entityIds: [], personIds: [a, b].sort() });
    expect(other.contentSha256).toBe(one.contentSha256);
  });

  test("422: a signal, group, role, entity or person that isn't there, or not for the author", async () => {
    const officer = await room.as(await room.here.person({ roles: ["operational"], clearance: "internal" }));
    const signalId = await room.signal("secret");
    const post = (fields: object) => officer.post("/briefings", aBriefing(fields));
    expect(await post({ sources: [{ signalId }] })).toMatchObject(
      refused(422, "briefing_signal_unknown", { signalIds: [signalId] }),
    );
    const audience = { personIds: [nobody], roles: ["wizard"] };
    expect(await post({ audience })).toMatchObject(
      refused(422, "briefing_audience_unknown", { names: [nobody, "wizard"] }),
    );
    for (const classification of ["secret", "cosmic"])
      expect(await post({ classification })).toMatchObject(refused(422, "briefing_classification_unknown"));
  });

  test("422 briefing_signal_unknown: whatever its level, no signal is there for a key that may not read signals", async () => {
    const narrow = restClient(url, await room.here.key({ permissions: ["briefing.create", "briefing.update"] }));
    for (const signalId of [await room.signal("public"), await room.signal("secret")])
      expect(
        await narrow.post("/briefings", aBriefing({ sources: [{ signalId }], classification: "public" })),
      ).toMatchObject(refused(422, "briefing_signal_unknown", { signalIds: [signalId] }));
  });

  test("422 briefing_below_sources: not below its sources", async () => {
    const signalId = await room.signal("secret");
    const said = aBriefing({ sources: [{ signalId }], classification: "internal" });
    expect(await room.writes.post("/briefings", said)).toMatchObject(
      refused(422, "briefing_below_sources", { count: 1, signalIds: [signalId] }),
    );
  });

  test("422 briefing_day_past: not for a day that is over", async () => {
    const said = aBriefing({ day: "2026-01-01" });
    expect(await room.writes.post("/briefings", said)).toMatchObject(refused(422, "briefing_day_past"));
  });

  test("400: no section, the same section twice, a source twice, a title of nothing, too long a text", async () => {
    const signalId = await room.signal();
    const wrong = [
      { sections: [] },
      { sections: [aSection("a"), aSection("a")] },
      { sources: [{ signalId }, { signalId }] },
      { title: { en: " " } },
      { sections: [aSection("a", "x".repeat(50_001))] },
      { sections: [aSection("a", "one\u0000two")] },
      { sources: [{ signalId, confidence: 1.5 }] },
      { day: "2026-02-30" },
    ];
    for (const fields of wrong) expect((await room.writes.post("/briefings", aBriefing(fields))).status).toBe(400);
  });

  test.each([
    ["scripts", "<script>alert(1)</script>"],
    ["HTML and images", "<img src=x onerror=alert(1)> ![](https://example.com/pixel.png)"],
    ["a link of javascript", "[click](javascript:alert(1))"],
    ["50 000 characters", "٣".repeat(50_000)],
    ["emoji and mixed directions", "🌊\u202E abc \u2066ارتفاع الموج\u2069 👩‍👩‍👧‍👦 Jebel Ali"],
    ["nothing but marks", "*_`[](!<>".repeat(5000)],
  ])("201: text is kept exactly: %s", async (_, en) => {
    const made = await room.draft({ sections: [aSection("a", en, en)] });
    const { body } = await room.writes.get(`/briefings/${made.id}`);
    expect(body.sections[0].body).toEqual({ en, ar: en });
  });
});

describe("briefings.update", () => {
  test("200: an edition for each edit; what is left out stays, and what was so already is none", async () => {
    const made = await room.draft();
    const edited = await room.writes.patch(`/briefings/${made.id}`, { version: 1, title: { en: "Another" } });
    expect(edited.body).toMatchObject({
      ...{ edition: 2, version: 2, title: { en: "Another", ar: null } },
      sections: made.sections,
    });
    const same = await room.writes.patch(`/briefings/${made.id}`, { version: 2, title: { en: "Another" } });
    expect(same.body).toEqual(edited.body);
    const first = await room.writes.get(`/briefings/${made.id}/edition?edition=1`);
    expect(first.body).toMatchObject({ title: made.title, contentSha256: made.contentSha256 });
  });

  test("412, 409: another version than the caller saw; what is no draft", async () => {
    const made = await room.submitted();
    const patch = (version: number) => room.writes.patch(`/briefings/${made.id}`, { version, title: { en: "x" } });
    expect(await patch(1)).toMatchObject(refused(412, "briefing_changed", { version: 2 }));
    expect(await patch(2)).toMatchObject(refused(409, "briefing_wrong_state", { state: "pending_approval" }));
  });

  test("422: raised sources keep it from being written as it was", async () => {
    const signalId = await room.signal("internal");
    const made = await room.draft({ sources: [{ signalId }] });
    const said = { version: 1, classification: "public" };
    expect(await room.writes.patch(`/briefings/${made.id}`, said)).toMatchObject(
      refused(422, "briefing_below_sources"),
    );
  });

  test("two who edit the same version at once: one edition", async () => {
    const made = await room.draft();
    const answers = await Promise.all(
      ["a", "b", "c"].map((en) => room.writes.patch(`/briefings/${made.id}`, { version: 1, title: { en } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });
});

describe("briefings.get", () => {
  test("404: above the caller's clearance, another organisation's, or of somebody who may not read and was not sent it", async () => {
    const made = await room.draft({ classification: "secret", audience: audienceOf(room.chief) });
    const officer = await room.as(await room.here.person({ roles: ["operational"], clearance: "internal" }));
    const elsewhere = restClient(url, await (await briefingRoom(url)).here.key());
    for (const api of [officer, elsewhere, room.reads])
      expect(await api.get(`/briefings/${made.id}`)).toMatchObject(refused(404, "briefing_not_found"));
    expect((await officer.get("/briefings")).body.items).toEqual([]);
  });

  test("200: a recipient reads what was distributed to them, without a permission, until it is withdrawn", async () => {
    const made = await room.approved();
    expect((await room.reads.get(`/briefings/${made.id}`)).status).toBe(404);
    const sent = room.done(await room.send(made, "distribute", room.writes));
    expect((await room.reads.get(`/briefings/${made.id}`)).body).toEqual(sent);
    expect((await room.reads.get("/briefings")).body.code).toBe("forbidden");
    await room.send(sent, "withdraw", room.writes, { reason: "The wrong chart." });
    expect((await room.reads.get(`/briefings/${made.id}`)).status).toBe(404);
  });
});

describe("briefings.list", () => {
  test("200: the latest day first, by state and days, page by page", async () => {
    const days = ["2099-01-03", "2099-01-01", "2099-01-02"];
    for (const day of days) await room.draft({ day });
    const all = async (query: string) => (await room.writes.get(`/briefings${query}`)).body;
    expect((await all("")).items.map(({ day }: { day: string }) => day)).toEqual([...days].sort().reverse());
    const first = await all("?limit=2");
    const rest = await all(`?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...rest.items].map(({ day }) => day)).toEqual([...days].sort().reverse());
    expect(rest.nextCursor).toBeNull();
    expect((await all("?fromDay=2099-01-02&toDay=2099-01-02&state=draft")).items).toHaveLength(1);
    expect((await all("?state=approved")).items).toEqual([]);
    expect(first.items[0]).not.toHaveProperty("sections");
  });
});

describe("briefings.edition", () => {
  test("404 briefing_edition_not_found: a number that it has not", async () => {
    const made = await room.draft();
    expect((await room.writes.get(`/briefings/${made.id}/edition?edition=1`)).body.sections).toEqual(made.sections);
    expect(await room.writes.get(`/briefings/${made.id}/edition?edition=2`)).toMatchObject(
      refused(404, "briefing_edition_not_found"),
    );
  });
});

describe("briefings.editions", () => {
  test("200: newest first, page by page", async () => {
    const made = await room.draft();
    for (const version of [1, 2])
      await room.writes.patch(`/briefings/${made.id}`, { version, title: { en: `Title ${version}` } });
    const first = (await room.writes.get(`/briefings/${made.id}/editions?limit=2`)).body;
    const rest = (await room.writes.get(`/briefings/${made.id}/editions?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items].map(({ edition }) => edition)).toEqual([3, 2, 1]);
  });
});
