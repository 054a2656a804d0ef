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
const told = async (name = "action.overdue") =>
  (await home.owner`select payload from outbox where tenant_id = ${here.tenantId} and name = ${name} order by seq`).map(
    ({ payload }) => payload,
  );
const look = async (name = "terms.overdue") => {
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

describe("an overdue action whose people can't see to it", () => {
  const inbox = async (person: Person) => {
    const theirs = restClient(url, await person.session({ openedAt: time.getTime() }));
    const [{ items }, counts] = [(await theirs.get("/inbox")).body, (await theirs.get("/inbox/counts")).body];
    expect(counts.items.map(({ waiting }: { waiting: number }) => waiting)).toEqual(items.length ? [items.length] : []);
    return items.map(({ id, via, moves }: Record<string, unknown>) => [id, via, moves]);
  };
  const moves = ["start", "block", "complete", "cancel"];
  const late = async (fields: object = {}) => {
    const id = await made({ dueDay: "2026-03-03", ...fields });
    time = new Date("2026-03-03T20:00:00.000Z");
    await look();
    await look("actions.left");
    return id;
  };
  /** Says something of a person, as an administrator who has proven a second factor. */
  const say = async (verb: string, { id }: Person, said: object) => {
    const admin = await here.person();
    const proven = restClient(url, await admin.session({ proven: true, openedAt: time.getTime() }));
    expect((await proven.post(`/people/${id}/${verb}`, said)).status).toBe(200);
  };
  const lose = (person: Person) => say("revoke-role", person, { role: "operational" });

  test("is not theirs who lost the role for it, but whoever's may complete it, told once; and theirs alone when they have it again", async () => {
    const id = await late();
    expect(await inbox(owner)).toEqual([[id, "you", moves]]);
    expect(await inbox(other)).toEqual([]);
    await lose(owner);
    expect(await inbox(owner)).toEqual([]);
    expect(await waits(owner)).toEqual([]);
    await look("actions.left");
    await look("actions.left");
    expect(await inbox(owner)).toEqual([]);
    expect(await inbox(await here.person({ roles: ["executive"] }))).toEqual([]);
    expect(await inbox(other)).toEqual([[id, "permission", moves]]);
    expect(await told("action.stalled")).toEqual([{ id }]);
    expect(await told()).toHaveLength(1);
    await say("grant-role", owner, { role: "operational" });
    await look("actions.left");
    expect(await inbox(owner)).toEqual([[id, "you", moves]]);
    expect(await inbox(other)).toEqual([]);
    expect((await here.trail(uuidOf(id))).map(({ reason }) => reason)).toEqual([
      ...[
        null,
        "Nobody has acted in time.",
        "Nobody who sees to it can any more.",
        "Somebody who sees to it can again.",
      ],
    ]);
  });

  test("is theirs for whom it is handed over, or who completes it in their place", async () => {
    const [handed, done] = [await late(), await made({ dueDay: "2026-03-04" })];
    time = new Date("2026-03-04T20:00:00.000Z");
    await lose(owner);
    await look("actions.left");
    expect((await inbox(other)).map(([id]: string[]) => id)).toEqual([handed, done]);
    const third = await here.person({ roles: ["operational"] });
    const session = restClient(url, await other.session({ openedAt: time.getTime() }));
    expect((await session.patch(`/actions/${handed}`, { version: 1, ownerId: third.id })).status).toBe(200);
    expect((await session.post(`/actions/${done}/complete`, { version: 1 })).status).toBe(200);
    await look("actions.left");
    // Who has completed it doesn't verify it.
    expect(await inbox(other)).toEqual([]);
    expect(await inbox(third)).toEqual([
      [handed, "you", moves],
      [done, "permission", ["verify", "reopen"]],
    ]);
  });

  test("goes on neither while a deputy that it names can see to it, nor one of its owner's of that day", async () => {
    const [named, standIn, third] = [
      await here.person({ roles: ["operational"] }),
      await here.person({ roles: ["operational"] }),
      await here.person({ roles: ["operational"] }),
    ];
    const unable = await here.person({ roles: ["executive"] });
    const days = { fromDay: "2026-03-01", toDay: "2026-03-04" };
    const deputies = [standIn, unable].map(({ id }) => ({ personId: id, ...days }));
    await api.post(`/people/${owner.id}/set-deputies`, { version: 1, deputies });
    const id = await late({ deputyIds: [named.id] });
    await lose(owner);
    await look("actions.left");
    expect(await inbox(third)).toEqual([]);
    expect(await inbox(named)).toEqual([[id, "you", moves]]);
    await lose(named);
    await look("actions.left");
    expect(await inbox(named)).toEqual([]);
    expect(await inbox(third)).toEqual([]);
    expect(await inbox(standIn)).toEqual([[id, "deputy", moves]]);
    expect(await inbox(unable)).toEqual([]);
    time = new Date("2026-03-04T20:00:00.000Z");
    await look("actions.left");
    expect(await inbox(standIn)).toEqual([[id, "permission", moves]]);
    expect(await inbox(third)).toEqual([[id, "permission", moves]]);
  });

  test("goes on as well from who is shut out, or no longer cleared; never to whom it lies above", async () => {
    const low = await here.person({ roles: ["operational"], clearance: "public" });
    const [shut, secret] = [await late(), await made({ dueDay: "2026-03-04", ownerId: other.id })];
    const third = await here.person({ roles: ["operational"] });
    time = new Date("2026-03-04T20:00:00.000Z");
    await look("actions.left");
    expect(await inbox(third)).toEqual([]);
    await say("disable", owner, { reason: "They have left us." });
    await say("set-clearance", other, { version: 1, clearance: "public" });
    await look("actions.left");
    expect((await inbox(third)).map(([id]: string[]) => id)).toEqual([shut, secret]);
    expect(await inbox(low)).toEqual([]);
    expect(await inbox(other)).toEqual([]);
  });

  test("a minute's tick of the clock finds it", () => {
    const { schedules } = background({ fetchFeed: async () => expect.fail("no feed is due"), print: unprinted });
    expect(schedules.find(({ name }) => name === "actions.left")).toMatchObject({ everySeconds: 60 });
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
