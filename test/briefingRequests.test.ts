import { uuidOf } from "@dais/contracts/kit/ids";
import { background } from "@dais/modules";
import { beforeEach, describe, expect, test } from "vitest";
import { makeAgent } from "./support/agents.ts";
import { unprinted } from "./support/background.ts";
import { aBriefing } from "./support/briefings.ts";
import { ownDatabase } from "./support/jobs.ts";
import type { Place } from "./support/place.ts";
import { refused } from "./support/posture.ts";
import { type RestClient, restClient } from "./support/rest.ts";

const home = await ownDatabase();
const { url } = home.server;
const { jobs } = background({ fetchFeed: async () => expect.fail("no feed is due"), print: unprinted });

let here: Place;
let api: RestClient;
let agentId: string;
let time: Date;

beforeEach(async () => {
  time = new Date("2026-03-02T02:00:00.000Z");
  home.clock.now = () => time;
  here = await home.place({ now: time });
  api = restClient(url, await here.key());
  const owner = await here.person({ roles: ["operational"] });
  agentId = await makeAgent(home.owner, here.tenantId, time, { ownerId: owner.uuid });
});

const at = (text: string) => {
  time = new Date(text);
};
const settings = async (briefing: object, more: object = {}) => {
  const { id, version } = (await api.get("/organisations/current")).body;
  const answer = await api.patch(`/organisations/${id}`, { version, briefing, ...more });
  expect(answer.status).toBe(200);
  await home.owner`select 1`;
};
const run = async (name: string) => {
  const job = jobs.find((one) => one.name === name) ?? expect.fail(`nobody does ${name}`);
  await home.server.kernel.perform(
    {
      ...{ name: job.name, action: job.action, quiet: true },
      run: (ctx) => job.run(ctx, {}, { id: "", position: null }, undefined),
    },
    { tenantId: here.tenantId, requestId: "looking" },
    undefined,
  );
};
const look = () => run("briefingRequests.start");
const all = async () => (await api.get("/briefing-requests")).body.items;
const told = async () =>
  (
    await home.owner`select name, payload from outbox where tenant_id = ${here.tenantId} and name like 'briefing_request.%' order by seq`
  ).map(({ name, payload }) => [name, payload]);
const today = (day: string) =>
  home.owner`select 1 from briefing_requests where tenant_id = ${here.tenantId} and day = ${day}`;

describe("briefingRequests.list", () => {
  test("200: at the organisation's hour, not before, one request for the agent with the window of signals; once, however often it is looked", async () => {
    await settings({ hour: "06:30", draftingAgentId: agentId });
    at("2026-03-02T02:29:59.000Z");
    await look();
    expect(await all()).toEqual([]);
    at("2026-03-02T02:30:00.000Z");
    await Promise.all([look(), look(), look()]);
    await look();
    const [request, ...others] = await all();
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      ...{ day: "2026-03-02", state: "requested", agentId, askAt: "2026-03-02T03:30:00.000Z" },
      ...{ from: "2026-03-01T02:30:00.000Z", to: "2026-03-02T02:30:00.000Z" },
    });
    const { id, day, from, to } = request;
    expect(await told()).toEqual([["briefing_request.requested", { id, day, from, to, agentId }]]);
    at("2026-03-03T02:31:00.000Z");
    await look();
    expect((await all())[0]).toMatchObject({ day: "2026-03-03", from: "2026-03-02T02:30:00.000Z" });
  });

  test("200: the hour is caught up within the day after a restart, and an organisation that said nothing is left alone", async () => {
    at("2026-03-02T15:00:00.000Z");
    await look();
    expect(await all()).toEqual([]);
    await settings({ hour: "06:30", draftingAgentId: agentId });
    await look();
    expect(await all()).toMatchObject([{ day: "2026-03-02", to: "2026-03-02T15:00:00.000Z" }]);
  });

  test("200: an hour later without a draft a person is asked; a draft answers it", async () => {
    await settings({ hour: "06:30", draftingAgentId: agentId });
    at("2026-03-02T02:30:00.000Z");
    await look();
    const writer = await here.person({ roles: ["operational"] });
    const waiting = async () =>
      (await restClient(url, await writer.session({ openedAt: time.getTime() })).get("/me/waiting")).body.items;
    at("2026-03-02T03:29:59.000Z");
    await look();
    expect(await waiting()).toEqual([]);
    at("2026-03-02T03:30:00.000Z");
    await look();
    const [request] = await all();
    expect(request.state).toBe("asked");
    expect(await waiting()).toMatchObject([
      { machine: "briefing_request", resourceId: request.id, dueAt: "2026-03-02T05:30:00.000Z" },
    ]);
    at("2026-03-02T04:00:00.000Z");
    expect((await api.post("/briefings", aBriefing())).status).toBe(201);
    await look();
    expect((await all())[0].state).toBe("answered");
    expect(await waiting()).toEqual([]);
    expect((await told()).map(([name]) => name)).toEqual([
      ...["briefing_request.requested", "briefing_request.asked", "briefing_request.answered"],
    ]);
  });

  test("200: a draft that was withdrawn is no answer: a person is asked", async () => {
    await settings({ hour: "06:30", draftingAgentId: agentId });
    at("2026-03-02T02:30:00.000Z");
    await look();
    at("2026-03-02T03:29:30.000Z");
    const made = await api.post("/briefings", aBriefing());
    expect(made.status).toBe(201);
    const withdrawn = await api.post(`/briefings/${made.body.id}/withdraw`, { version: 1, reason: "Of another day." });
    expect(withdrawn.body).toMatchObject({ state: "withdrawn" });
    at("2026-03-02T03:30:00.000Z");
    await look();
    expect(await all()).toMatchObject([{ state: "asked" }]);
  });

  test("200: a draft that is withdrawn after it has answered asks a person at once, within a term of its own; another draft answers again", async () => {
    await settings({ hour: "06:30", draftingAgentId: agentId });
    at("2026-03-02T02:30:00.000Z");
    await look();
    const [{ id }] = await all();
    const writer = await here.person({ roles: ["operational"] });
    const inbox = async () =>
      (await restClient(url, await writer.session({ openedAt: time.getTime() })).get("/inbox")).body.items;
    const drafted = async () => {
      const { body } = await api.post("/briefings", aBriefing());
      await look();
      expect(await all()).toMatchObject([{ id, state: "answered" }]);
      expect(await inbox()).toEqual([]);
      return body.id;
    };
    const taken = (briefing: string) => api.post(`/briefings/${briefing}/withdraw`, { version: 1, reason: "Not so." });
    const [first, second] = [await drafted(), await drafted()];
    await taken(first);
    await look();
    expect(await all()).toMatchObject([{ state: "answered" }]);
    await taken(second);
    // Before the hour at which a person would have been asked: the agent has heard of it once, and hears nothing more.
    at("2026-03-02T02:40:00.000Z");
    await look();
    await look();
    const reason = "There is no draft of it any more.";
    expect(await all()).toMatchObject([{ id, state: "asked", stateReason: reason }]);
    expect(await inbox()).toMatchObject([
      { kind: "briefing_request", id, state: "asked", since: time.toISOString(), dueAt: "2026-03-02T04:40:00.000Z" },
    ]);
    expect((await told()).at(-1)).toEqual(["briefing_request.asked", { id, from: "answered", to: "asked", reason }]);
    await drafted();
    expect((await here.trail(uuidOf(id))).map(({ event }) => event)).toEqual(["request", "answer", "ask", "answer"]);
  });

  test("200: it stays answered when the draft goes with its day", async () => {
    await settings({ hour: "06:30", draftingAgentId: agentId });
    at("2026-03-02T02:30:00.000Z");
    await look();
    const { body } = await api.post("/briefings", aBriefing());
    await look();
    at("2026-03-02T19:59:59.000Z");
    await api.post(`/briefings/${body.id}/withdraw`, { version: 1, reason: "Too late." });
    at("2026-03-02T20:00:00.000Z");
    await look();
    await run("briefings.expire");
    await look();
    expect(await all()).toMatchObject([{ day: "2026-03-02", state: "answered" }]);
  });

  test("200: without a drafting agent a person is asked at once; with a draft already there, nobody is", async () => {
    await settings({ hour: "06:30" });
    at("2026-03-02T02:30:00.000Z");
    await look();
    expect(await all()).toMatchObject([{ state: "asked", agentId: null }]);
    at("2026-03-03T02:00:00.000Z");
    await api.post("/briefings", aBriefing());
    at("2026-03-03T02:30:00.000Z");
    await look();
    expect(await today("2026-03-03")).toHaveLength(0);
    expect((await all()).map(({ state }: { state: string }) => state)).toEqual(["lapsed"]);
  });

  test.each([
    [
      "an hour that the clocks skip comes when they skip it",
      "02:30",
      "2026-03-29T00:59:00.000Z",
      "2026-03-29T01:00:00.000Z",
    ],
    ["an hour that they show twice comes once", "02:30", "2026-10-25T00:29:00.000Z", "2026-10-25T00:30:00.000Z"],
  ])("200: %s", async (_, hour, before, from) => {
    await home.owner`update organisations set time_zone = 'Europe/Berlin' where id = ${here.tenantId}`;
    await settings({ hour, draftingAgentId: agentId });
    at(before);
    await look();
    expect(await all()).toEqual([]);
    for (const minutes of [0, 59, 60, 61, 120]) {
      at(new Date(Date.parse(from) + minutes * 60_000).toISOString());
      await look();
    }
    expect(await all()).toHaveLength(1);
    expect((await all())[0].to).toBe(new Date(from).toISOString());
  });

  test("200: by state, page by page", async () => {
    await settings({ hour: "06:30", draftingAgentId: agentId });
    for (const day of ["02", "03", "04"]) {
      at(`2026-03-${day}T02:30:00.000Z`);
      await look();
    }
    const first = (await api.get("/briefing-requests?limit=2")).body;
    const rest = (await api.get(`/briefing-requests?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items].map(({ day }) => day)).toEqual(["2026-03-04", "2026-03-03", "2026-03-02"]);
    expect((await api.get("/briefing-requests?state=lapsed")).body.items).toHaveLength(2);
  });
});

describe("briefingRequests.get", () => {
  test("200, 404: one's own; not another organisation's", async () => {
    await settings({ hour: "06:30" });
    at("2026-03-02T02:30:00.000Z");
    await look();
    const [request] = await all();
    expect((await api.get(`/briefing-requests/${request.id}`)).body).toEqual(request);
    const elsewhere = restClient(url, await (await home.place({ now: time })).key());
    expect(await elsewhere.get(`/briefing-requests/${request.id}`)).toMatchObject(
      refused(404, "briefing_request_not_found"),
    );
  });
});

describe("a briefing's day", () => {
  test.each([
    ["Asia/Dubai", "2026-03-02T19:59:59.000Z", "2026-03-02", "2026-03-02T20:00:00.000Z"],
    ["Europe/Berlin", "2026-03-29T21:59:59.000Z", "2026-03-29", "2026-03-29T22:00:00.000Z"],
    ["Europe/Berlin", "2026-10-25T22:59:59.000Z", "2026-10-25", "2026-10-25T23:00:00.000Z"],
    ["Africa/Cairo", "2026-04-23T21:59:59.000Z", "2026-04-23", "2026-04-23T22:00:00.000Z"],
  ])("%s: what was not distributed expires when the day ends, and not before", async (zone, last, day, next) => {
    await home.owner`update organisations set time_zone = ${zone} where id = ${here.tenantId}`;
    at(last);
    const { body } = await api.post("/briefings", aBriefing());
    expect(body.day).toBe(day);
    await run("briefings.expire");
    expect((await api.get(`/briefings/${body.id}`)).body.state).toBe("draft");
    at(next);
    expect((await api.post("/briefings", aBriefing({ day }))).body.code).toBe("briefing_day_past");
    await run("briefings.expire");
    expect((await api.get(`/briefings/${body.id}`)).body).toMatchObject({ state: "expired", version: 2 });
    expect(await here.trail(uuidOf(body.id))).toHaveLength(2);
  });
});
