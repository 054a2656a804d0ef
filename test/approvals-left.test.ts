import { uuidOf } from "@dais/contracts/kit/ids";
import { startJobs } from "@dais/jobs/start";
import { approvalJobs, approversChanged } from "@dais/modules/approvals";
import { nobodyFor } from "@dais/modules/approvals/left";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApprovalRoom, approvalRoom } from "./support/approvals.ts";
import type { Person } from "./support/people.ts";
import { relayHome, until } from "./support/relay.ts";

const home = await relayHome();
const { url, kernel, app } = home.server;
let room: ApprovalRoom;
let [one, two, three] = [] as unknown as [Person, Person, Person];

beforeAll(async () => {
  const sources = { now: () => new Date(), random: (n: number) => crypto.getRandomValues(new Uint8Array(n)) };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const pace = { poll: 0.5, supervise: 1, cron: 1 };
  const parts = { connection: home.connection, kernel, app, sources, log, pace };
  const jobs = await startJobs({ ...parts, jobs: approvalJobs.jobs, schedules: [] });
  await home.work([approversChanged]);
  return async () => {
    await home.rest();
    await jobs.stop(5);
  };
});
beforeEach(async () => {
  room = await approvalRoom(url, Date.now, { owner: home.owner });
  [one, two, three] = [await room.approver(), await room.approver(), await room.approver()];
});

async function group(...people: Person[]): Promise<string> {
  const { body } = await room.api.post("/groups", { name: { en: "Board", ar: null }, ownerId: room.officer.id });
  for (const person of people) await add(body.id, person);
  return body.id;
}
const add = async (id: string, { id: memberId }: Person) =>
  expect((await room.api.post(`/groups/${id}/add-member`, { memberId })).body).toEqual({ changed: true });
const leave = async (id: string, { id: memberId }: Person) =>
  expect((await room.api.post(`/groups/${id}/remove-member`, { memberId })).body).toEqual({ changed: true });
const stalled = async () =>
  (
    await home.owner`select payload from outbox where tenant_id = ${room.here.tenantId} and name = 'approval.stalled' order by seq`
  ).map(({ payload }) => payload);
const told = (all: object[]) => until(async () => expect(await stalled()).toEqual(all));
const recorded = async (id: string) =>
  (await home.owner`select reason from audit where resource_id = ${uuidOf(id)} and event = 'pass' order by seq`).map(
    ({ reason }) => reason,
  );

describe("a group that becomes too small", () => {
  test("is told of each step that nobody is left for, once, on record; and again, when it has grown and shrunk anew", async () => {
    const board = await group(one, two, three);
    // Two of three is enough for this one, whoever leaves first.
    const enough = await room.asked([board, board, board], { needed: 2 });
    const all = await room.asked([board, board, board]);
    await leave(board, three);
    await told([{ id: all, step: 3 }]);
    expect(await room.get(all)).toMatchObject({ state: "pending", version: 2 });
    expect(await recorded(all)).toEqual(["Too few are left who can decide it."]);
    expect(await room.get(enough)).toMatchObject({ state: "pending", version: 1 });
    await add(board, three);
    await until(async () => expect(await recorded(all)).toHaveLength(2));
    expect((await recorded(all))[1]).toBe("Enough can decide it again.");
    await leave(board, two);
    await told([1, 2].map(() => ({ id: all, step: 3 })));
    await leave(board, one);
    await until(async () => expect(await stalled()).toHaveLength(5));
    expect((await stalled()).slice(2)).toEqual([
      { id: enough, step: 2 },
      { id: enough, step: 3 },
      { id: all, step: 2 },
    ]);
    // Who is left decides what is theirs all the same.
    expect((await room.approve(all, three, 5)).status).toBe(200);
  });

  test("also by a role or clearance that somebody loses, and by who is shut out", async () => {
    const admin = await room.as(await room.here.person());
    const board = await group(one, two, three);
    const id = await room.asked([board], { classification: "secret" });
    expect((await admin.post(`/people/${one.id}/revoke-role`, { role: "approver" })).status).toBe(200);
    const lower = { version: 1, clearance: "internal" };
    expect((await admin.post(`/people/${two.id}/set-clearance`, lower)).status).toBe(200);
    expect((await admin.post(`/people/${three.id}/disable`, { reason: "They have left us." })).status).toBe(200);
    await told([{ id, step: 1 }]);
  });

  test("holders of a permission are counted as well", async () => {
    const id = await room.asked(["posture.confirm", "posture.confirm", "posture.confirm"]);
    const admin = await room.as(await room.here.person());
    expect((await admin.post(`/people/${one.id}/disable`, { reason: "They have left us." })).status).toBe(200);
    await told([{ id, step: 3 }]);
  });
});

describe("what nobody is left for from the beginning, or by a vote", () => {
  test("is told when it is asked for", async () => {
    const board = await group(one);
    const id = await room.asked([board, board]);
    await told([{ id, step: 2 }]);
  });

  test("is told when the only one of a group has decided for another", async () => {
    const [large, small] = [await group(one, two), await group(one)];
    const id = await room.asked([large, small]);
    expect((await room.approve(id, one)).body).toMatchObject({
      state: "pending",
      steps: [{ by: one.id }, { by: null }],
    });
    await told([{ id, step: 2 }]);
  });
});

describe("nobodyFor", () => {
  const step = (approver: string, more: object = {}) => ({
    ...{ approver, standIn: null, stuck: false, decision: null, option: null },
    ...{ by: null, onBehalfOf: null, comment: null, at: null, ...more },
  });
  const groups = ["grp_a", "grp_b", "grp_c", "posture.confirm"];

  /** The most steps that can have somebody of their own, by trying everything. */
  function most(steps: string[], able: Record<string, string[]>, taken: string[] = []): number {
    const [first, ...rest] = steps;
    if (first === undefined) return 0;
    const free = (able[first] ?? []).filter((person) => !taken.includes(person));
    const tried = free.map((person) => 1 + most(rest, able, [...taken, person]));
    return Math.max(most(rest, able, taken), ...tried);
  }

  test("agrees with trying everything, whoever is in which groups", () => {
    const people = fc.subarray(["per_1", "per_2", "per_3", "per_4"]);
    const able = fc
      .tuple(...groups.map(() => people))
      .map((all) => Object.fromEntries(all.map((some, n) => [groups[n] as string, some])));
    const asked = fc.array(fc.constantFrom(...groups), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(asked, able, fc.nat(4), (approvers, able, less) => {
        const needed = Math.max(1, approvers.length - less);
        const alone = nobodyFor({ steps: approvers.map((one) => step(one)), needed, options: [] }, able);
        const reach = most(approvers, able);
        const empty = approvers.flatMap((one, n) => (able[one]?.length === 0 ? [n] : []));
        if (reach >= needed) expect(alone).toEqual(empty);
        else {
          expect(alone).toHaveLength(approvers.length - reach);
          expect(alone).toEqual(expect.arrayContaining(empty));
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("who is named has their own step, and none of the group's besides, unless they are stuck", () => {
    const steps = [step("grp_a"), step("per_1")];
    const able = { grp_a: ["per_1"], per_1: ["per_1"] };
    expect(nobodyFor({ steps, needed: 2, options: [] }, able)).toEqual([0]);
    expect(nobodyFor({ steps, needed: 1, options: [] }, able)).toEqual([]);
    const stuck = [step("grp_a"), step("per_1", { stuck: true })];
    expect(nobodyFor({ steps: stuck, needed: 2, options: [] }, { grp_a: ["per_2"], per_1: [] })).toEqual([]);
  });

  test("votes that were given count, by the option that leads", () => {
    const voted = (option: string | null) => step("grp_b", { decision: "approve", option, by: "per_9" });
    const steps = [voted("falcon"), voted("oryx"), step("grp_a")];
    const options = ["falcon", "oryx"].map((key) => ({ key, label: { en: key, ar: null }, amount: null }));
    expect(nobodyFor({ steps, needed: 2, options }, { grp_a: ["per_1"] })).toEqual([]);
    expect(nobodyFor({ steps, needed: 2, options }, { grp_a: [] })).toEqual([2]);
  });
});
