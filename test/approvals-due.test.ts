import { uuidOf } from "@dais/contracts/kit/ids";
import { askApproval } from "@dais/kernel/approvals/ask";
import { task } from "@dais/kernel/task";
import { background } from "@dais/modules";
import { dueBy } from "@dais/modules/approvals/due";
import { beforeEach, describe, expect, test } from "vitest";
import { type ApprovalRoom, approvalRoom, refused } from "./support/approvals.ts";
import { unprinted } from "./support/background.ts";
import { ownDatabase } from "./support/jobs.ts";
import type { Person } from "./support/people.ts";

const home = await ownDatabase();
const { url } = home.server;
const { jobs, schedules } = background({ fetchFeed: async () => expect.fail("no feed is due"), print: unprinted });
const hour = 3_600_000;

let time: Date;
let room: ApprovalRoom;
let [one, two, three] = [] as unknown as [Person, Person, Person];

beforeEach(async () => {
  // A Monday morning in Dubai.
  time = new Date("2026-03-02T05:00:00.000Z");
  home.clock.now = () => time;
  room = await approvalRoom(url, () => time.getTime(), { owner: home.owner, now: time });
  [one, two, three] = [await room.approver(), await room.approver(), await room.approver()];
});

const later = (hours: number) => {
  time = new Date(time.getTime() + hours * hour);
};
const at = (hours: number) => new Date(time.getTime() + hours * hour).toISOString();
const run = async (name: string) => {
  const job = jobs.find((each) => each.name === name) ?? expect.fail(name);
  const work = { name: job.name, action: job.action, quiet: true as const };
  await home.server.kernel.perform(
    { ...work, run: (ctx) => job.run(ctx, {}, { id: "", position: null }, undefined) },
    { tenantId: room.here.tenantId, requestId: "looking" },
    undefined,
  );
};
const look = () => run("approvals.due");
const told = async (name: string) =>
  (
    await home.owner`select payload from outbox where tenant_id = ${room.here.tenantId} and name = ${name} order by seq`
  ).map(({ payload }) => payload);
const waitingOf = (id: string) =>
  home.owner`select * from waiting where tenant_id = ${room.here.tenantId} and resource_id = ${uuidOf(id)} order by slot`;

describe("what waits for several", () => {
  test("has a row for each of them, of one age; who has decided leaves it, and the others go on as they did", async () => {
    const id = await room.asked([one, two, three, "posture.confirm", "posture.confirm"], { needed: 3 });
    const since = time;
    expect(await waitingOf(id)).toMatchObject(
      [one.uuid, two.uuid, three.uuid, null].map((person_id, slot) => ({ slot, person_id, since, state: "pending" })),
    );
    later(1);
    await room.approve(id, two);
    const rows = await waitingOf(id);
    expect(rows).toMatchObject([one.uuid, three.uuid, null].map((person_id) => ({ person_id, since })));
    expect(rows[0]?.barred).toEqual(expect.arrayContaining([two.uuid, room.officer.uuid]));
    later(24 * 7);
    await Promise.all([run("terms.overdue"), run("terms.overdue")]);
    expect(await told("approval.overdue")).toMatchObject([{ id, state: "pending", since: since.toISOString() }]);
    expect((await waitingOf(id)).every(({ overdue_at }) => overdue_at?.getTime() === time.getTime())).toBe(true);
    await room.approve(id, one, 2);
    expect((await waitingOf(id))[0]).toMatchObject({ person_id: three.uuid, since, overdue_at: time });
    await room.approve(id, three, 3);
    expect(await waitingOf(id)).toEqual([]);
  });

  test("in order, the next waits since now", async () => {
    const id = await room.asked([one, two], { inOrder: true });
    later(30);
    await room.approve(id, one);
    expect(await waitingOf(id)).toMatchObject([{ slot: 0, person_id: two.uuid, since: time }]);
  });

  test("a deputy sees it after the second term, and decides it then", async () => {
    const deputies = [{ personId: two.id, fromDay: "2026-03-01", toDay: "2026-03-30" }];
    expect((await room.api.post(`/people/${one.id}/set-deputies`, { version: 1, deputies })).status).toBe(200);
    const id = await room.asked([one]);
    expect(await room.approve(id, two)).toMatchObject(refused(403, "approval_not_yours"));
    later(24 * 5);
    await run("terms.overdue");
    expect(await room.inbox(two)).toEqual([]);
    later(24 * 7);
    expect(await room.inbox(two)).toMatchObject([{ id, via: "deputy", onBehalfOf: one.id }]);
    expect((await room.approve(id, two)).body).toMatchObject({ state: "granted", steps: [{ by: two.id }] });
  });
});

describe("a deadline", () => {
  test("409 approval_expired: nobody decides after it, and it ends on record and is told, once", async () => {
    const subject = { type: "purchase", id: "PO-7" };
    const id = await room.asked([one], { deadlineAt: at(10), subject });
    later(10);
    expect(await room.approve(id, one)).toMatchObject(refused(409, "approval_expired"));
    await Promise.all([look(), look()]);
    expect(await room.get(id)).toMatchObject({ state: "expired", stateReason: "Nobody decided in time.", version: 2 });
    expect(await told("approval.expired")).toMatchObject([{ id, from: "pending", to: "expired", subject }]);
    expect(await room.inbox(one)).toEqual([]);
    expect(await home.owner`select event from audit where resource_id = ${uuidOf(id)} order by seq`).toMatchObject([
      { event: "request" },
      { event: "expire" },
    ]);
  });

  test("escalates: then whom the request names decides an open step, too, for as long again; then it expires", async () => {
    const both = [await room.asked([one, two], { deadlineAt: at(10), escalateTo: three.id }), ""];
    both[1] = await room.asked([one], { deadlineAt: at(10), escalateTo: "posture.confirm" });
    const [id, other] = both as [string, string];
    expect(await room.approve(id, three)).toMatchObject(refused(403, "approval_not_yours"));
    await room.approve(id, one);
    later(11);
    await look();
    await look();
    expect(await told("approval.escalated")).toEqual(
      [
        { id, subject: null },
        { id: other, subject: null },
      ].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
    expect(await room.get(id)).toMatchObject({ escalatedAt: time.toISOString(), version: 3, state: "pending" });
    expect(await room.inbox(three)).toMatchObject([{ id }, { id: other }]);
    expect((await room.approve(id, three, 3)).body).toMatchObject({
      state: "granted",
      steps: [{ by: one.id }, { approver: two.id, by: three.id }],
    });
    later(9);
    await look();
    expect(await room.get(other)).toMatchObject({ state: "expired" });
  });
});

describe("who can't decide any more", () => {
  const shut = async (person: Person) =>
    expect((await room.api.post(`/people/${person.id}/disable`, { reason: "They have left us." })).status).toBe(200);

  test("their step passes to their deputy of today, who decides it", async () => {
    const deputies = [{ personId: two.id, fromDay: "2026-03-01", toDay: "2026-03-30" }];
    await room.api.post(`/people/${one.id}/set-deputies`, { version: 1, deputies });
    const id = await room.asked([one]);
    await look();
    expect(await told("approval.passed")).toEqual([]);
    await shut(one);
    await look();
    await look();
    expect(await told("approval.passed")).toEqual([{ id, step: 1, toId: two.id }]);
    expect(await room.get(id)).toMatchObject({
      version: 2,
      steps: [{ approver: one.id, standIn: two.id, open: true }],
    });
    expect(await room.inbox(two)).toMatchObject([{ id, via: "you" }]);
    expect((await room.approve(id, two, 2)).body).toMatchObject({ state: "granted" });
  });

  test("without one it is told once that it is stuck: shut out, without the role, or no longer cleared", async () => {
    const id = await room.asked([one, two, three], { classification: "secret" });
    await shut(one);
    const admin = await room.as(await room.here.person());
    expect((await admin.post(`/people/${two.id}/revoke-role`, { role: "approver" })).status).toBe(200);
    const lower = { version: 1, clearance: "internal" };
    expect((await admin.post(`/people/${three.id}/set-clearance`, lower)).status).toBe(200);
    await look();
    await look();
    expect(await told("approval.stalled")).toEqual([1, 2, 3].map((step) => ({ id, step })));
    // A deputy comes later.
    const four = await room.approver();
    const deputies = [{ personId: four.id, fromDay: "2026-03-01", toDay: "2026-03-30" }];
    expect((await room.api.post(`/people/${two.id}/set-deputies`, { version: 2, deputies })).status).toBe(200);
    await look();
    expect(await told("approval.passed")).toEqual([{ id, step: 2, toId: four.id }]);
  });

  test("it ends where deputies are there who can't decide either, and goes on behind them", async () => {
    const deputised = async (person: Person, deputy: Person) => {
      const deputies = [{ personId: deputy.id, fromDay: "2026-03-01", toDay: "2026-03-30" }];
      expect((await room.api.post(`/people/${person.id}/set-deputies`, { version: 1, deputies })).status).toBe(200);
    };
    const four = await room.approver();
    await deputised(one, two);
    await deputised(three, four);
    const stuck = [await room.asked([one]), await room.asked([one]), await room.asked([one])];
    const last = await room.asked([three]);
    await shut(one);
    await shut(two);
    await shut(three);
    const job = dueBy(2);
    const steps = async () => {
      let position: unknown = null;
      for (let n = 1; n <= 10; n += 1) {
        const step = await home.server.kernel.perform(
          {
            ...{ name: job.name, action: job.action, quiet: true as const },
            run: (ctx, at: unknown) => job.run(ctx, {}, { id: "", position: at }, undefined),
          },
          { tenantId: room.here.tenantId, requestId: "looking" },
          position,
        );
        if (!step) return n;
        position = step.next;
      }
      return null;
    };
    expect([await steps(), await steps()]).toEqual([3, 2]);
    expect(await told("approval.stalled")).toEqual(stuck.map((id) => ({ id, step: 1 })));
    expect(await told("approval.passed")).toEqual([{ id: last, step: 1, toId: four.id }]);
  });

  test("the clock looks each minute", () => {
    expect(schedules.find(({ name }) => name === "approvals.due")).toMatchObject({ everySeconds: 60 });
  });
});

describe("askApproval", () => {
  test("asks within another change: what it is about is told with the outcome; who caused it decides nothing of it", async () => {
    const subject = { type: "communication_cap", id: "sms" };
    const raise = task({
      name: "communications.raise",
      action: "communication.raise",
      run: (ctx, approvers: string[]) =>
        askApproval(ctx, { title: "400 more messages today", classification: "internal", subject, approvers }),
    });
    const on = { tenantId: room.here.tenantId, onBehalfOf: one.id, requestId: "request-of-the-test" };
    const perform = (approvers: string[]) => home.server.kernel.perform(raise, on, approvers);
    await expect(perform([one.id])).rejects.toMatchObject({ code: "approval_approver_unfit" });
    const asked = (await perform(["approval.approve"])) ?? expect.fail("it was not asked");
    expect(asked).toMatchObject({ requestedBy: "system", needed: 1, subject });
    expect(await room.approve(asked.id, one)).toMatchObject(refused(403, "four_eyes"));
    expect((await room.approve(asked.id, two)).status).toBe(200);
    expect(await told("approval.granted")).toMatchObject([{ id: asked.id, subject }]);
  });
});
