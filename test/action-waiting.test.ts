import { uuidOf } from "@dais/contracts/kit/ids";
import { background } from "@dais/modules";
import { beforeEach, describe, expect, test } from "vitest";
import { unprinted } from "./support/background.ts";
import { ownDatabase } from "./support/jobs.ts";
import type { Person } from "./support/people.ts";
import type { Place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";

const home = await ownDatabase();
const { url } = home.server;
const { jobs } = background({ fetchFeed: async () => expect.fail("no feed is due"), print: unprinted });

let here: Place;
let api: RestClient;
let time: Date;
let owner: Person;
let other: Person;

beforeEach(async () => {
  // A Monday morning in Dubai.
  time = new Date("2026-03-02T05:00:00.000Z");
  home.clock.now = () => time;
  here = await home.place({ now: time });
  api = restClient(url, await here.key());
  owner = await here.person({ roles: ["operational"] });
  other = await here.person({ roles: ["operational"] });
});

const made = async (fields: object): Promise<string> => {
  const said = { title: "A", classification: "internal", ownerId: owner.id, ...fields };
  return (await api.post("/actions", said)).body.id;
};
const told = async () =>
  (
    await home.owner`select payload from outbox where tenant_id = ${here.tenantId} and name = 'action.overdue' order by seq`
  ).map(({ payload }) => payload);
const look = async () => {
  const job = jobs.find(({ name }) => name === "terms.overdue") ?? expect.fail("nobody looks for what is overdue");
  await home.server.kernel.perform(
    {
      ...{ name: job.name, action: job.action, quiet: true },
      run: (ctx) => job.run(ctx, {}, { id: "", position: null }, undefined),
    },
    { tenantId: here.tenantId, requestId: "looking" },
    undefined,
  );
};
const waits = async (person: Person, query = "") => {
  const key = await person.session({ openedAt: time.getTime() });
  const { items } = (await restClient(url, key).get(`/me/waiting${query}`)).body;
  return items.map(({ resourceId, overdue }: Record<string, unknown>) => [resourceId, overdue]);
};

describe("an action past its day", () => {
  test("is told once, from the end of the day in the organisation's zone on, and never where it has none", async () => {
    const id = await made({ dueDay: "2026-03-03" });
    await made({});
    time = new Date("2026-03-03T19:59:59.999Z");
    await look();
    expect(await told()).toEqual([]);
    time = new Date("2026-03-03T20:00:00.000Z");
    await look();
    await look();
    const dueAt = "2026-03-03T20:00:00.000Z";
    expect(await told()).toEqual([{ id, state: "open", since: "2026-03-02T05:00:00.000Z", dueAt }]);
    expect(await waits(owner, "?overdue=true")).toEqual([[id, true]]);
  });

  test("is not told again when it is handed over; but when it is late again after another day was set", async () => {
    const id = await made({ dueDay: "2026-03-03" });
    time = new Date("2026-03-04T05:00:00.000Z");
    await look();
    await api.patch(`/actions/${id}`, { version: 1, ownerId: other.id });
    await look();
    expect(await told()).toHaveLength(1);
    expect(await waits(owner)).toEqual([]);
    expect(await waits(other)).toEqual([[id, true]]);
    await api.patch(`/actions/${id}`, { version: 2, dueDay: "2026-03-05" });
    expect(await waits(other)).toEqual([[id, false]]);
    time = new Date("2026-03-06T05:00:00.000Z");
    await look();
    expect(await told()).toHaveLength(2);
  });

  test("is seen by whoever stands in for its owner, at once", async () => {
    const id = await made({ dueDay: "2026-03-03" });
    const deputies = [{ personId: other.id, fromDay: "2026-03-01", toDay: "2026-03-31" }];
    await api.post(`/people/${owner.id}/set-deputies`, { version: 1, deputies });
    expect(await waits(other)).toEqual([]);
    time = new Date("2026-03-03T20:00:00.000Z");
    await look();
    expect(await waits(other)).toEqual([[id, true]]);
  });

  test("lies in the inbox of the deputies that it names, until they are named no longer or it is done", async () => {
    const third = await here.person({ roles: ["operational"] });
    const id = await made({ dueDay: "2026-03-03", deputyIds: [other.id, third.id] });
    const inbox = async (person: Person) => {
      const theirs = restClient(url, await person.session({ openedAt: time.getTime() }));
      const [{ items }, counts] = [(await theirs.get("/inbox")).body, (await theirs.get("/inbox/counts")).body];
      return [items.map((item: Record<string, unknown>) => [item.id, item.via]), counts.items];
    };
    const lies = [[[id, "you"]], [{ kind: "action", waiting: 1, overdue: 1 }]];
    expect(await inbox(other)).toEqual([[], []]);
    time = new Date("2026-03-03T20:00:00.000Z");
    for (const each of [owner, other, third]) expect(await inbox(each)).toEqual(lies);
    await look();
    expect(await told()).toHaveLength(1);
    await api.patch(`/actions/${id}`, { version: 1, deputyIds: [third.id] });
    expect(await inbox(other)).toEqual([[], []]);
    expect(await inbox(third)).toEqual(lies);
    await api.post(`/actions/${id}/complete`, { version: 2 });
    expect(await home.owner`select 1 from waiting where resource_id = ${uuidOf(id)} and person_id is not null`).toEqual(
      [],
    );
  });

  test("is late no more when it is done: then it waits for a verification, within five working days", async () => {
    const id = await made({ dueDay: "2026-03-03" });
    await api.post(`/actions/${id}/complete`, { version: 1 });
    const [row] = await home.owner`select * from waiting where resource_id = ${uuidOf(id)}`;
    expect(row).toMatchObject({ permission: "action.verify", due_at: new Date("2026-03-09T20:00:00.000Z") });
    time = new Date("2026-03-09T20:00:00.000Z");
    await look();
    expect(await told()).toMatchObject([{ id, state: "done" }]);
  });
});

describe("how long an action may be worked on", () => {
  test("422 term_unknown: its own day says it, and no organisation; how long a verification takes, it may say", async () => {
    const set = (state: string) =>
      api.post("/terms/set", { machine: "action", state, term: { amount: 2, unit: "workingDays" } });
    expect(await set("open")).toMatchObject({ status: 422, body: { code: "term_unknown" } });
    expect((await set("done")).status).toBe(200);
    const { items } = (await api.get("/terms")).body;
    expect(items.filter(({ machine }: { machine: string }) => machine === "action")).toMatchObject([{ state: "done" }]);
    const { body } = await api.get("/workflows/action");
    expect(body.states[0]).toMatchObject({ state: "open", waits: { person: "ownerId", until: "dueAt", hours: null } });
  });
});
