import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { background } from "@dais/modules";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { makeAgent } from "./support/agents.ts";
import { unprinted } from "./support/background.ts";
import { ownDatabase } from "./support/jobs.ts";
import type { Person } from "./support/people.ts";
import type { Place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";

const home = await ownDatabase();
const { url } = home.server;
const { jobs } = background({ fetchFeed: async () => expect.fail("no feed is due"), print: unprinted });
const day = 86_400_000;

let here: Place;
let admin: Person;
let api: RestClient;
let time: Date;

beforeEach(async () => {
  // A Monday morning in Dubai.
  time = new Date("2026-03-02T05:00:00.000Z");
  home.clock.now = () => time;
  here = await home.place({ now: time });
  admin = await here.person();
  api = restClient(url, await here.key());
});

const agent = async (): Promise<string> =>
  makeAgent(home.owner, here.tenantId, time, { ownerId: (await here.person({ roles: [] })).uuid });
const suspend = (id: string, version = 1) => api.post(`/agents/${id}/suspend`, { version, reason: "A test." });
const rows = () => home.owner`select * from waiting where tenant_id = ${here.tenantId} order by since, resource_id`;
const term = (amount: number, unit: "hours" | "workingDays") =>
  api.post("/terms/set", { machine: "agent", state: "suspended", term: { amount, unit } });
const told = async () =>
  (
    await home.owner`select name, payload from outbox where tenant_id = ${here.tenantId} and name = 'agent.overdue' order by seq`
  ).map(({ payload }) => payload);
const look = async () => {
  const job = jobs.find(({ name }) => name === "terms.overdue") ?? expect.fail("nobody looks for what is overdue");
  await home.server.kernel.perform(
    {
      name: job.name,
      action: job.action,
      quiet: true,
      run: (ctx) => job.run(ctx, {}, { id: "", position: null }, undefined),
    },
    { tenantId: here.tenantId, requestId: "looking" },
    undefined,
  );
};
const signedIn = (person: Person) => person.session({ openedAt: time.getTime() });

describe("what waits", () => {
  test("a move into a state that waits keeps who acts next and by when; one out of it takes that away", async () => {
    const id = await agent();
    await suspend(id);
    expect(await rows()).toMatchObject([
      {
        machine: "agent",
        resource_id: uuidOf(id),
        state: "suspended",
        permission: "agent.resume",
        person_id: null,
        classification: "public",
        since: time,
        // The fifth working day is the Monday after: it ends at midnight in Dubai.
        due_at: new Date("2026-03-09T20:00:00.000Z"),
        overdue_at: null,
        escalates_at: null,
      },
    ]);
    const proven = restClient(url, await admin.session({ proven: true, openedAt: time.getTime() }));
    expect((await proven.post(`/agents/${id}/resume`, { version: 2 })).status).toBe(200);
    expect(await rows()).toEqual([]);
    await suspend(id, 3);
    expect(await rows()).toHaveLength(1);
    await api.post(`/agents/${id}/retire`, { version: 4, reason: "It is not needed." });
    expect(await rows()).toEqual([]);
  });

  test("what is refused or rolled back leaves no trace, and what never waits none either", async () => {
    const id = await agent();
    expect((await suspend(id, 7)).status).toBe(412);
    const { id: signal } = (await api.post("/signals", aSignal())).body.signal;
    expect((await api.post(`/signals/${signal}/acknowledge`, { version: 1 })).status).toBe(200);
    expect(await rows()).toEqual([]);
  });

  test("the organisation's own term, weekend, holidays and zone count", async () => {
    const due = async () => {
      await suspend(await agent());
      time = new Date(time.getTime() + 1);
      return new Date(Number((await rows()).at(-1)?.due_at)).toISOString();
    };
    await term(36, "hours");
    expect(await due()).toBe("2026-03-03T17:00:00.000Z");
    await term(2, "workingDays");
    const id = idOf("org", here.tenantId);
    const set = (version: number, more: object) => api.patch(`/organisations/${id}`, { version, ...more });
    expect(await due()).toBe("2026-03-04T20:00:00.000Z");
    await set(1, { calendar: { weekend: ["tuesday", "friday"], holidays: ["2026-03-04"] } });
    // Wednesday is a holiday, Thursday the first, Friday off, Saturday the second.
    expect(await due()).toBe("2026-03-07T20:00:00.000Z");
    await set(2, { timeZone: "America/New_York", calendar: { weekend: ["saturday", "sunday"], holidays: [] } });
    // Still Monday in New York, whose clocks are changed on the Sunday after.
    await term(5, "workingDays");
    expect(await due()).toBe("2026-03-10T04:00:00.000Z");
  });
});

/** The calendar day of a moment in a zone. */
const dayIn = (zone: string, at: number) =>
  new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

describe("working days", () => {
  test("whatever zone, calendar and moment: the term ends with the last moment of the n-th working day after", async () => {
    const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
    const zones = [
      "Asia/Dubai",
      "America/New_York",
      "Europe/London",
      "Africa/Cairo",
      "America/Havana",
      "Asia/Kathmandu",
      "Pacific/Auckland",
      "Asia/Beirut",
    ];
    const from = Date.parse("2025-01-01T00:00:00Z");
    const cases = fc.record({
      zone: fc.constantFrom(...zones),
      since: fc.integer({ min: 0, max: 2 * 365 * 24 * 3600 }).map((s) => from + s * 1000),
      n: fc.integer({ min: 1, max: 30 }),
      weekend: fc.uniqueArray(fc.constantFrom(...days), { maxLength: 6 }),
      holidays: fc.uniqueArray(
        fc.integer({ min: 0, max: 760 }).map((d) => new Date(from + d * day).toISOString().slice(0, 10)),
        { maxLength: 40 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ zone, since, n, weekend, holidays }) => {
        const calendar = home.owner.json({ calendar: { weekend, holidays } } as never);
        await home.owner`update organisations set time_zone = ${zone}, settings = settings || ${calendar} where id = ${here.tenantId}`;
        const [row] = await home.owner`
          select end_of_term(${here.tenantId}, ${new Date(since)}, null, ${n}, '{"weekend":[],"holidays":[]}') as due`;
        const due = Number(row?.due);
        // Counted by hand: day after day.
        let at = Date.parse(`${dayIn(zone, since)}T00:00:00Z`);
        for (let left = n; left > 0; ) {
          at += day;
          const off = weekend.includes(days[new Date(at).getUTCDay()] as never);
          if (!off && !holidays.includes(new Date(at).toISOString().slice(0, 10))) left -= 1;
        }
        const last = new Date(at).toISOString().slice(0, 10);
        expect(dayIn(zone, due - 1)).toBe(last);
        expect(dayIn(zone, due) > last).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("what is overdue", () => {
  test("is told once, however often one looks, and again only when it waits again", async () => {
    const id = await agent();
    await term(2, "hours");
    await suspend(id);
    const since = time.toISOString();
    time = new Date(time.getTime() + 2 * 3_600_000 - 1);
    await look();
    expect(await told()).toEqual([]);
    time = new Date(time.getTime() + 1);
    const dueAt = time.toISOString();
    await Promise.all([look(), look(), look()]);
    await look();
    expect(await told()).toEqual([{ id, state: "suspended", since, dueAt }]);
    expect(await rows()).toMatchObject([{ overdue_at: time, escalates_at: new Date(time.getTime() + 2 * 3_600_000) }]);
    expect(await here.trail(uuidOf(id))).toMatchObject([
      { event: "register" },
      { event: "suspend" },
      { action: "term.overdue", changed: false },
    ]);
    const proven = restClient(url, await admin.session({ proven: true, openedAt: time.getTime() }));
    await proven.post(`/agents/${id}/resume`, { version: 2 });
    await suspend(id, 3);
    expect(await rows()).toMatchObject([{ overdue_at: null, escalates_at: null }]);
    time = new Date(time.getTime() + day);
    await look();
    expect(await told()).toHaveLength(2);
  });

  test("a second term of days is as long as the first, and begins with the day on which that ended", async () => {
    await term(1, "workingDays");
    await suspend(await agent());
    time = new Date("2026-03-06T12:00:00.000Z");
    await look();
    // Monday; due with Tuesday; the second term with Wednesday, although nobody looked until Friday.
    expect(await rows()).toMatchObject([
      { due_at: new Date("2026-03-03T20:00:00.000Z"), escalates_at: new Date("2026-03-04T20:00:00.000Z") },
    ]);
  });

  test("a minute's tick of the clock finds it in every organisation", async () => {
    const { jobs, schedules } = background({ fetchFeed: async () => expect.fail("no feed is due"), print: unprinted });
    expect(schedules.find(({ name }) => name === "terms.overdue")).toMatchObject({ everySeconds: 60 });
    await term(1, "hours");
    await suspend(await agent());
    time = new Date(time.getTime() + 3_700_000);
    const schedule = schedules.filter(({ name }) => name === "terms.overdue");
    const { stop } = await home.work(
      jobs.filter(({ name }) => name === "terms.overdue"),
      { schedules: schedule },
    );
    await home.tick();
    await expect.poll(told, { timeout: 20_000 }).toHaveLength(1);
    await stop();
  });
});

describe("me.waiting", () => {
  const mine = async (person: Person, query = "") =>
    (await restClient(url, await signedIn(person)).get(`/me/waiting${query}`)).body.items;

  test("200: what waits for a permission of the caller's, oldest first, page by page, and for nobody else", async () => {
    const ids = [];
    for (let n = 0; n < 3; n += 1) {
      ids.push(await agent());
      await suspend(ids.at(-1) as string);
      time = new Date(time.getTime() + 1000);
    }
    const all = await mine(admin);
    expect(all.map(({ resourceId }: { resourceId: string }) => resourceId)).toEqual(ids);
    expect(all[0]).toEqual({
      machine: "agent",
      resourceId: ids[0],
      state: "suspended",
      since: "2026-03-02T05:00:00.000Z",
      dueAt: "2026-03-09T20:00:00.000Z",
      overdue: false,
      via: "permission",
      fromId: null,
    });
    expect(await mine(await here.person({ roles: ["executive"] }))).toEqual([]);
    const session = restClient(url, await signedIn(admin));
    const first = (await session.get("/me/waiting?limit=2")).body;
    const second = (await session.get(`/me/waiting?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items]).toEqual(all);
    expect(second.nextCursor).toBeNull();
    expect(await mine(admin, "?overdue=true")).toEqual([]);
    time = new Date("2026-03-09T20:00:00.000Z");
    expect((await mine(admin, "?overdue=true")).map(({ overdue }: { overdue: boolean }) => overdue)).toEqual([
      true,
      true,
      true,
    ]);
    expect(await mine(admin, "?overdue=false")).toEqual([]);
  });

  test("200: what waits for a person is theirs, and their deputy's of that day once the second term has passed", async () => {
    const [boss, deputy] = [await here.person({ roles: ["executive"] }), await here.person({ roles: ["executive"] })];
    const deputies = [{ personId: deputy.id, fromDay: "2026-03-04", toDay: "2026-03-05" }];
    expect((await api.post(`/people/${boss.id}/set-deputies`, { version: 1, deputies })).status).toBe(200);
    const at = (hours: number) => new Date(Date.parse("2026-03-02T05:00:00.000Z") + hours * 3_600_000);
    await home.owner`insert into waiting (tenant_id, machine, resource_id, state, person_id, classification, since, due_at, overdue_at, escalates_at)
      values (${here.tenantId}, 'agent', ${crypto.randomUUID()}, 'suspended', ${boss.uuid}, 'internal', ${at(0)}, ${at(10)}, ${at(10)}, ${at(60)})`;
    expect(await mine(boss)).toMatchObject([{ via: "you", fromId: null, overdue: false }]);
    // The first day of the deputy's, but the second term still runs.
    time = at(50);
    expect(await mine(deputy)).toEqual([]);
    expect(await mine(boss)).toMatchObject([{ overdue: true }]);
    time = at(60);
    expect(await mine(deputy)).toMatchObject([{ via: "deputy", fromId: boss.id, overdue: true }]);
    // Midnight of the last day, in Dubai.
    time = new Date("2026-03-05T20:00:00.000Z");
    expect(await mine(deputy)).toEqual([]);
  });

  test("200: what lies above the caller's clearance is not there", async () => {
    const low = await here.person({ roles: ["admin"], clearance: "public" });
    await home.owner`insert into waiting (tenant_id, machine, resource_id, state, permission, classification, since)
      values (${here.tenantId}, 'agent', ${crypto.randomUUID()}, 'suspended', 'agent.resume', 'internal', ${time})`;
    expect(await mine(low)).toEqual([]);
    expect(await mine(admin)).toMatchObject([{ dueAt: null, overdue: false }]);
  });
});
