import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApprovalRoom, approvalRoom, refused } from "./support/approvals.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { proposer } from "./support/proposals.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let room: ApprovalRoom;
let [one, two, three] = [] as unknown as [Person, Person, Person];
beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  room = await approvalRoom(url);
  [one, two, three] = [await room.approver(), await room.approver(), await room.approver()];
});
const names = async () => (await told(room.here)).map(([name]) => name);
const votes = (id: string) => asOwner()`select * from approval_votes where approval_id = ${uuidOf(id)} order by step`;
const code = ({ status, body }: { status: number; body: { code?: string } }) => body.code ?? status;

describe("approvals.request", () => {
  test("201: on record and told, with who stands where, and it waits for those named", async () => {
    const amount = { amount: "1250000.00", currency: "AED" };
    const subject = { type: "purchase", id: "PO-7" };
    const answer = await room.ask([one, two], { amount, subject, inOrder: true });
    const { id } = answer.body;
    expect(answer).toMatchObject({
      status: 201,
      body: {
        ...{ amount, subject, state: "pending", version: 1, needed: 2, inOrder: true, requestedBy: room.officer.id },
        steps: [
          { order: 1, approver: one.id, open: true, decision: null },
          { order: 2, approver: two.id, open: false, decision: null },
        ],
        ...{ outcome: null, contentSha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    });
    expect(answer.headers.get("location")).toMatch(new RegExp(`/approvals/${id}$`));
    expect(await room.here.trail(uuidOf(id))).toMatchObject([{ action: "approval.request", to_state: "pending" }]);
    expect(await told(room.here)).toContainEqual(["approval.requested", { id, subject }]);
    expect(await room.inbox(one)).toMatchObject([
      { kind: "approval", id, path: `/approvals/${id}`, moves: ["approve", "refuse"], via: "you", onBehalfOf: null },
    ]);
    expect(await room.inbox(two)).toEqual([]);
  });

  test("201: an agent may request, and never decide; whoever is behind it decides nothing of it either", async () => {
    const agent = await proposer(room.here, { owner: one, actsFor: [two] });
    const id = await room.asked(["approval.approve"], {}, restClient(url, agent.key));
    const said = await restClient(url, agent.key).post(`/approvals/${id}/approve`, { version: 1 });
    expect(said).toMatchObject(refused(403, "agent_denied"));
    expect(await room.approve(id, one)).toMatchObject(refused(403, "four_eyes"));
    expect((await room.approve(id, two)).status).toBe(200);
  });

  test("422: what can't be asked", async () => {
    const hour = 3_600_000;
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const option = (key: string) => ({ key, label: { en: key } });
    const unknown = `per_${"0".repeat(26)}`;
    const cases: [string, string[], object][] = [
      ["approval_approver_unknown", [unknown], {}],
      ["approval_approver_unknown", [`grp_${"0".repeat(26)}`], {}],
      ["approval_approver_unknown", ["budget.approve"], {}],
      ["approval_approver_twice", [one.id, one.id], {}],
      ["approval_approver_unfit", [room.officer.id], {}],
      ["approval_needed_too_many", [one.id], { needed: 2 }],
      ["approval_option_twice", [one.id], { options: [option("a"), option("a")] }],
      ["approval_deadline", [one.id], { deadlineAt: at(-hour) }],
      ["approval_deadline", [one.id], { deadlineAt: at(367 * 24 * hour) }],
      ["approval_deadline", [one.id], { escalateTo: two.id }],
      ["approval_entity_unknown", [one.id], { entityId: `ent_${"0".repeat(26)}` }],
      ["approval_classification_unknown", [one.id], { classification: "cosmic" }],
    ];
    for (const [expected, approvers, more] of cases)
      expect(code(await room.ask(approvers, more)), `${expected} ${JSON.stringify(more)}`).toBe(expected);
    expect(await names()).toEqual([]);
  });

  test("400: money that is none", async () => {
    for (const amount of [
      { amount: 12.5, currency: "AED" },
      { amount: "-1", currency: "AED" },
      { amount: "1e9", currency: "AED" },
      { amount: "1", currency: "aed" },
      { amount: "1", currency: "QQQ" },
    ])
      expect((await room.ask([one], { amount })).status, JSON.stringify(amount)).toBe(400);
  });

  test("422 approval_approver_unfit: who is not cleared, shut out or may not; said by name only to who may read people", async () => {
    const low = await room.approver({ clearance: "internal" });
    const out = await room.approver({ disabled: true });
    const reader = await room.here.person({ roles: ["executive"] });
    const secret = { classification: "secret" };
    const unfit = [low.id, out.id, reader.id];
    expect(await room.ask([one.id, ...unfit], secret)).toMatchObject(
      refused(422, "approval_approver_unfit", { approvers: unfit }),
    );
    const blind = await room.here.key({ permissions: ["approval.request"] });
    const answer = await room.ask(unfit, secret, restClient(url, blind));
    expect(code(answer)).toBe("approval_approver_unfit");
    expect(answer.body).not.toHaveProperty("approvers");
    // Not even the only one of a group.
    const group = (await room.api.post("/groups", { name: { en: "Board" }, ownerId: one.id })).body.id;
    await room.api.post(`/groups/${group}/add-member`, { memberId: low.id });
    expect(code(await room.ask([group], secret))).toBe("approval_approver_unfit");
    expect((await room.ask([group])).status).toBe(201);
  });

  test("404: what lies above a caller's clearance is not there, nor in lists or the inbox", async () => {
    const low = await room.here.person({ roles: ["executive", "approver"], clearance: "internal" });
    const id = await room.asked(["approval.approve"], { classification: "confidential" });
    expect(await room.approve(id, low)).toMatchObject(refused(404, "approval_not_found"));
    const api = await room.as(low);
    expect((await api.get(`/approvals/${id}`)).status).toBe(404);
    expect((await api.get("/approvals")).body.items).toEqual([]);
    expect((await api.get("/inbox")).body.items).toEqual([]);
    expect((await api.get("/inbox/counts")).body).toEqual({ items: [], more: false });
    expect(await room.inbox(one)).toHaveLength(1);
  });
});

describe("approvals.approve", () => {
  test("200: all of two in order: the second waits for the first, and both make it granted; each vote is on record", async () => {
    const subject = { type: "purchase", id: "PO-7" };
    const id = await room.asked([one, two], { inOrder: true, subject });
    expect(await room.approve(id, two)).toMatchObject(refused(403, "approval_not_yours"));
    const first = await room.approve(id, one, 1, { comment: "As in the budget." });
    expect(first).toMatchObject({
      status: 200,
      body: {
        ...{ state: "pending", version: 2 },
        steps: [
          { open: false, decision: "approve", by: one.id, onBehalfOf: null, comment: "As in the budget." },
          { open: true },
        ],
      },
    });
    expect([await room.inbox(one), await room.inbox(two)]).toMatchObject([[], [{ id, via: "you" }]]);
    expect(await room.approve(id, one, 2)).toMatchObject(refused(403, "approval_voted"));
    expect(await room.approve(id, two, 2)).toMatchObject({
      status: 200,
      body: { state: "granted", version: 3, outcome: { option: null, amount: null } },
    });
    expect(await room.inbox(two)).toEqual([]);
    const { contentSha256 } = await room.get(id);
    expect(await votes(id)).toMatchObject([
      { step: 1, person_id: one.uuid, decision: "approve", version: 1, content_sha256: contentSha256 },
      { step: 2, person_id: two.uuid, decision: "approve", version: 2, content_sha256: contentSha256 },
    ]);
    expect(await told(room.here)).toEqual([
      ["approval.requested", { id, subject }],
      ["approval.voted", { id, step: 1, decision: "approve" }],
      ["approval.granted", { id, from: "pending", to: "granted", reason: null, subject }],
    ]);
    expect((await room.here.trail(uuidOf(id))).slice(1)).toMatchObject([
      { action: "approval.approve", from_state: "pending", to_state: "pending", decision: { contentSha256, step: 1 } },
      { action: "approval.approve", from_state: "pending", to_state: "granted", decision: { contentSha256 } },
    ]);
    expect(await room.approve(id, three, 3)).toMatchObject(refused(409, "approval_wrong_state"));
  });

  test("200: any one of three, and two of three at once", async () => {
    const any = await room.asked([one, two, three], { needed: 1 });
    expect((await room.approve(any, three)).body).toMatchObject({ state: "granted" });
    const some = await room.asked([one, two, three], { needed: 2 });
    expect((await room.refuse(some, one)).body).toMatchObject({ state: "pending" });
    expect((await room.approve(some, three, 2)).body).toMatchObject({ state: "pending" });
    expect((await room.approve(some, two, 3)).body).toMatchObject({ state: "granted" });
  });

  test("200: the option that enough have chosen, with its amount; level ones are none", async () => {
    const options = ["falcon", "oryx"].map((key, n) => ({
      ...{ key, label: { en: key } },
      amount: { amount: `${n + 1}00.50`, currency: "AED" },
    }));
    const choice = { options, needed: 2 };
    const id = await room.asked([one, two, three], choice);
    expect(await room.approve(id, one)).toMatchObject(refused(422, "approval_option_required"));
    expect(await room.approve(id, one, 1, { option: "camel" })).toMatchObject(refused(422, "approval_option_unknown"));
    await room.approve(id, one, 1, { option: "falcon" });
    await room.approve(id, two, 2, { option: "oryx" });
    expect((await room.approve(id, three, 3, { option: "oryx" })).body).toMatchObject({
      state: "granted",
      outcome: { option: "oryx", amount: { amount: "200.50", currency: "AED" } },
    });
    const level = await room.asked([one, two], choice);
    await room.approve(level, one, 1, { option: "falcon" });
    expect((await room.approve(level, two, 2, { option: "oryx" })).body).toMatchObject({
      ...{ state: "refused", outcome: null, stateReason: "No option can be chosen by 2 any more." },
    });
    const plain = await room.asked([one]);
    expect(await room.approve(plain, one, 1, { option: "oryx" })).toMatchObject(
      refused(422, "approval_option_unknown"),
    );
  });

  test("200: whoever is in a group, over groups, and whoever holds a permission; each person for one step only", async () => {
    const { api } = room;
    const group = async (memberId: string) => {
      const { id } = (await api.post("/groups", { name: { en: "Board" }, ownerId: one.id })).body;
      await api.post(`/groups/${id}/add-member`, { memberId });
      return id as string;
    };
    const outer = await group(await group(two.id));
    const id = await room.asked([outer, "posture.confirm"]);
    expect(await room.inbox(two)).toMatchObject([{ id, via: "permission" }]);
    const other = await room.asked([outer]);
    expect(await room.inbox(two, "?kind=approval")).toMatchObject([{ id }, { id: other, via: "group" }]);
    expect(await room.inbox(three)).toMatchObject([{ id, via: "permission" }]);
    expect((await room.approve(id, two)).body.steps).toMatchObject([{ decision: null }, { decision: "approve" }]);
    expect(await room.approve(id, two, 2)).toMatchObject(refused(403, "approval_voted"));
    expect(await room.approve(id, three, 2)).toMatchObject(refused(403, "approval_not_yours"));
    expect(await room.inbox(two)).toMatchObject([{ id: other }]);
    expect((await room.approve(other, two)).body).toMatchObject({ state: "granted" });
  });

  test("412, 409: two who decide at once are one after the other, and the outcome comes once", async () => {
    for (let n = 0; n < 6; n += 1) {
      const id = await room.asked([one, two], { needed: 1 });
      const answers = await Promise.all([room.approve(id, one), n % 2 ? room.refuse(id, two) : room.approve(id, two)]);
      const { state } = await room.get(id);
      expect(answers.map(code).filter((one) => one !== 200)).toEqual(["approval_changed"]);
      const outcomes = (await told(room.here)).filter(
        ([name, payload]) => /granted|refused/.test(name as string) && (payload as { id: string }).id === id,
      );
      expect(outcomes).toHaveLength(state === "pending" ? 0 : 1);
      expect(await votes(id)).toHaveLength(1);
    }
  });

  test("403 four_eyes: not who requested it, in none of their ways; the key of theirs, nor by delegation from another", async () => {
    const both = await room.here.person({ roles: ["operational", "approver"] });
    const id = await room.asked([one, "approval.approve"], { needed: 1 }, await room.as(both));
    expect(await room.approve(id, both)).toMatchObject(refused(403, "four_eyes"));
    expect(await room.moves(id, both)).toMatchObject([
      { event: "approve", allowed: false, why: "four_eyes" },
      { event: "refuse", allowed: false, why: "four_eyes" },
      { event: "withdraw", allowed: true },
    ]);
    expect(await room.inbox(both)).toEqual([]);
    await room.delegate(one, both);
    await room.delegate(both, two);
    expect(await room.approve(id, both)).toMatchObject(refused(403, "four_eyes"));
    const reader = await room.here.person({ roles: ["executive"] });
    await room.delegate(both, reader);
    expect(await room.approve(id, reader)).toMatchObject(refused(403, "four_eyes"));
    expect(await room.inbox(reader)).toEqual([]);
    expect((await room.approve(id, one)).status).toBe(200);
  });

  test("DA003, DA004: nor by raw SQL, with an entry that says who requested it, or with too few votes", async () => {
    const id = await room.asked([one, two]);
    const forge = (person: Person) =>
      asOwner().begin(async (sql) => {
        await sql`update approvals set state = 'granted', version = 2 where id = ${uuidOf(id)}`;
        const row = {
          ...{ id: crypto.randomUUID(), tenant_id: room.here.tenantId, at: new Date(), outcome: "done", changed: true },
          ...{ actor_kind: "user", actor_id: person.id, persons: [person.id], operation: "approvals.approve" },
          ...{ action: "approval.approve", resource_type: "approval", resource_id: uuidOf(id), resource_version: 2 },
          ...{ event: "approve", from_state: "pending", to_state: "granted", request_id: "forged", salt: "salt" },
        };
        await sql`insert into audit ${sql(row)}`;
      });
    await expect(forge(room.officer)).rejects.toMatchObject({ code: expect.stringMatching(/DA003|DA004/) });
    await expect(forge(one)).rejects.toMatchObject({ code: "DA004" });
    expect(await room.get(id)).toMatchObject({ state: "pending", version: 1 });
  });

  test("200: by a delegation, for its giver, also where the receiver approves things of their own; never both as two", async () => {
    const entity = room.here.entities.company;
    const reader = await room.here.person({ roles: ["executive"] });
    await room.delegate(one, reader, { entityId: entity });
    const elsewhere = await room.asked([one]);
    const id = await room.asked([one, two], { entityId: entity });
    expect(await room.inbox(reader)).toMatchObject([
      { id, via: "delegation", onBehalfOf: one.id, moves: ["approve", "refuse"] },
    ]);
    expect(await room.approve(elsewhere, reader)).toMatchObject(refused(403, "delegation_entity"));
    expect((await room.approve(id, reader)).body.steps).toMatchObject([
      { decision: "approve", by: reader.id, onBehalfOf: one.id },
      { decision: null },
    ]);
    expect(await room.approve(id, one, 2)).toMatchObject(refused(403, "approval_voted"));
    expect(await room.inbox(one)).toMatchObject([{ id: elsewhere }]);
    // Who is an approver, too, acts for the giver where the giver is named.
    await room.delegate(one, three);
    expect(await room.moves(elsewhere, three)).toMatchObject([{ event: "approve", allowed: true }, {}, {}]);
    expect((await room.approve(elsewhere, three)).body).toMatchObject({
      state: "granted",
      steps: [{ by: three.id, onBehalfOf: one.id }],
    });
    const trail = await room.here.trail(uuidOf(elsewhere));
    expect(trail.at(-1)).toMatchObject({ actor_id: three.id, on_behalf_of: one.id, persons: [three.id, one.id] });
    const pair = await room.asked([one, three]);
    expect((await room.approve(pair, three)).body.steps).toMatchObject([
      { decision: null },
      { by: three.id, onBehalfOf: null },
    ]);
    expect(await room.approve(pair, three, 2)).toMatchObject(refused(403, "approval_voted"));
    expect((await room.approve(pair, one, 2)).body).toMatchObject({ state: "granted" });
  });

  test("403 approval_voted: not for somebody who has decided, nor again for somebody else", async () => {
    const reader = await room.here.person({ roles: ["executive"] });
    await room.delegate(one, reader);
    const id = await room.asked([one, "approval.approve"]);
    expect((await room.approve(id, one)).status).toBe(200);
    expect(await room.approve(id, reader, 2)).toMatchObject(refused(403, "approval_voted"));
    expect(await room.inbox(reader)).toEqual([]);
    await room.delegate(two, reader);
    const other = await room.asked([one, two]);
    const { steps } = (await room.approve(other, reader)).body;
    const rest = steps[0].onBehalfOf === one.id ? two : one;
    expect(await room.approve(other, reader, 2)).toMatchObject(refused(403, "approval_voted"));
    expect((await room.approve(other, rest, 2)).body).toMatchObject({ state: "granted" });
  });

  test("401, 403: a second factor just now, and a person", async () => {
    const id = await room.asked([one]);
    const stale = restClient(url, await one.session({ proven: 6 * 60_000 }));
    expect(await stale.post(`/approvals/${id}/approve`, { version: 1 })).toMatchObject(
      refused(401, "step_up_required"),
    );
    expect(await room.api.post(`/approvals/${id}/approve`, { version: 1 })).toMatchObject(
      refused(403, "person_required"),
    );
    expect(await room.approve(id, one, 7)).toMatchObject(refused(412, "approval_changed", { version: 1 }));
  });
});

describe("approvals.refuse", () => {
  test("200: refused as soon as enough can't approve any more; one of all is enough", async () => {
    const all = await room.asked([one, two]);
    expect((await room.refuse(all, two)).body).toMatchObject({
      state: "refused",
      stateReason: "Too dear.",
      outcome: null,
    });
    const some = await room.asked([one, two, three], { needed: 2 });
    expect((await room.refuse(some, one)).body).toMatchObject({ state: "pending" });
    expect((await room.refuse(some, two, 2)).body).toMatchObject({ state: "refused" });
    expect(await names()).toContain("approval.refused");
    expect(await room.inbox(three)).toEqual([]);
    const id = await room.asked([one]);
    const said = { name: "own", permissions: ["approval.refuse"], clearance: "internal" };
    const admin = await room.as(await room.here.person({ roles: ["admin", "approver"] }));
    const { secret } = (await admin.post("/api-keys", said)).body;
    expect(await restClient(url, secret).post(`/approvals/${id}/refuse`, { version: 1, reason: "No." })).toMatchObject(
      refused(403, "person_required"),
    );
  });
});

describe("approvals.withdraw", () => {
  test("200: by who requested it, or a person behind that; 403 approval_foreign by others", async () => {
    const id = await room.asked([one]);
    const api = await room.as(await room.here.person());
    expect(await api.post(`/approvals/${id}/withdraw`, { version: 1 })).toMatchObject(refused(403, "approval_foreign"));
    const officer = await room.as(room.officer);
    expect((await officer.post(`/approvals/${id}/withdraw`, { version: 1 })).body).toMatchObject({
      state: "withdrawn",
    });
    expect(await room.inbox(one)).toEqual([]);
    expect(await names()).toContain("approval.withdrawn");
    const agent = await proposer(room.here, { owner: room.officer });
    const its = await room.asked([one], {}, restClient(url, agent.key));
    expect((await officer.post(`/approvals/${its}/withdraw`, { version: 1 })).status).toBe(200);
    const again = await room.asked([one], {}, restClient(url, agent.key));
    expect((await restClient(url, agent.key).post(`/approvals/${again}/withdraw`, { version: 1 })).status).toBe(200);
  });
});

describe("approvals.list", () => {
  test("200: newest first, page by page, by state and by subject", async () => {
    const subject = { type: "purchase", id: "PO-7" };
    const ids = [await room.asked([one]), await room.asked([one], { subject }), await room.asked([one])];
    await room.refuse(ids[0] as string, one);
    const api = await room.as(one);
    const found = async (query: string) =>
      (await api.get(`/approvals?${query}`)).body.items.map((its: { id: string }) => its.id);
    expect(await found("state=pending")).toEqual([ids[2], ids[1]]);
    expect(await found("subjectType=purchase&subjectId=PO-7")).toEqual([ids[1]]);
    const first = (await api.get("/approvals?limit=2")).body;
    const rest = (await api.get(`/approvals?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids.toReversed());
  });
});

describe("approvals.get", () => {
  test("200 with an ETag, 304 with it", async () => {
    const id = await room.asked([one]);
    const api = await room.as(one);
    const etag = (await api.get(`/approvals/${id}`)).headers.get("etag") as string;
    const again = await api.send(`/approvals/${id}`, { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
  });
});

describe("approvals.moves", () => {
  test("200: for whom it waits, and why not for the others", async () => {
    const id = await room.asked([one, two], { inOrder: true });
    const why = async (person: Person) =>
      (await room.moves(id, person)).map(({ allowed, why }: { allowed: boolean; why: string }) => why ?? allowed);
    expect(await why(one)).toEqual([true, true, "forbidden"]);
    expect(await why(two)).toEqual(["approval_not_yours", "approval_not_yours", "forbidden"]);
    expect(await why(room.officer)).toEqual(["forbidden", "forbidden", true]);
  });
});
