import { operations } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { background } from "@dais/modules";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { unprinted } from "./support/background.ts";
import { faces } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { setDelegation } from "./support/things.ts";
import { told } from "./support/told.ts";

const hour = 3_600_000;
const day = 24 * hour;
/** By how much the servers' clock is ahead. */
let ahead = 0;
const now = () => new Date(Date.now() + ahead);
const at = (ms: number) => new Date(now().getTime() + ms).toISOString();

let server: Awaited<ReturnType<typeof startServer>>;
let url: string;
let another: string;
let here: Place;
let api: RestClient;
/** May acknowledge signals. */
let giver: Person;
/** May read them, and no more. */
let receiver: Person;
let asGiver: RestClient;
let asReceiver: RestClient;

beforeAll(async () => {
  server = await startServer({ sources: { now } });
  url = server.url;
  another = (await startServer({ sources: { now } })).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
  [giver, receiver] = [await here.person({ roles: ["operational"] }), await here.person({ roles: ["executive"] })];
  [asGiver, asReceiver] = [await as(giver), await as(receiver)];
});
afterEach(() => {
  ahead = 0;
});

const as = async (person: Person, door = url) => restClient(door, await person.session());
const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const wanted = (more: object = {}) => ({
  toId: receiver.id,
  moves: ["signal.acknowledge"],
  until: at(7 * day),
  reason: "On leave.",
  ...more,
});
const give = async (more: object = {}, by = asGiver) => {
  const answer = await by.post("/delegations", wanted(more));
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
};
const report = async (more: Record<string, unknown> = {}): Promise<string> =>
  (await api.post("/signals", aSignal(more))).body.signal.id;
const acknowledge = (id: string, by = asReceiver) => by.post(`/signals/${id}/acknowledge`, { version: 1 });
const outcome = ({ status, body }: { status: number; body: { code?: string } }) => body.code ?? status;
const endOver = async () => {
  const { jobs } = background({ fetchFeed: async () => expect.fail("no feed is due"), print: unprinted });
  const job = jobs.find(({ name }) => name === "delegations.endOver") ?? expect.fail("nobody ends them");
  const run = (ctx: never) => job.run(ctx, {}, { id: "", position: null }, undefined);
  const on = { tenantId: here.tenantId, requestId: "looking" };
  await server.kernel.perform({ name: job.name, action: job.action, quiet: true, run: run as never }, on, undefined);
};

describe("delegations.create", () => {
  test("201: on record and told, and the receiver makes the move with the next call, on every process", async () => {
    const sessions = [asReceiver, await as(receiver, another)];
    for (const session of sessions)
      expect(await acknowledge(await report(), session)).toMatchObject(refused(403, "forbidden"));
    const answer = await asGiver.post("/delegations", wanted());
    expect(answer).toMatchObject({
      status: 201,
      body: {
        fromId: giver.id,
        toId: receiver.id,
        moves: ["signal.acknowledge"],
        entityId: null,
        endedAt: null,
        createdBy: giver.id,
        version: 1,
      },
    });
    const { id, startsAt, createdAt } = answer.body;
    expect(startsAt).toBe(createdAt);
    expect(answer.headers.get("location")).toMatch(new RegExp(`/delegations/${id}$`));
    expect(await here.trail(uuidOf(id))).toMatchObject([{ action: "delegation.create", reason: "On leave." }]);
    const payload = { id, fromId: giver.id, toId: receiver.id };
    expect(await told(here)).toContainEqual(["delegation.created", payload]);
    for (const session of sessions) expect((await acknowledge(await report(), session)).status).toBe(200);
  });

  test("201: for somebody else, with the permission to", async () => {
    const admin = await here.person();
    expect(await give({ fromId: giver.id }, await as(admin))).toMatchObject({ fromId: giver.id, createdBy: admin.id });
    expect((await acknowledge(await report())).status).toBe(200);
  });

  test("201: a beginning that has passed is now", async () => {
    const { startsAt, createdAt } = await give({ startsAt: "2020-01-01T00:00:00.000Z" });
    expect(startsAt).toBe(createdAt);
  });

  test("403 delegation_others: for somebody else without it, or from somebody else to oneself", async () => {
    const other = await here.person({ roles: ["operational"] });
    expect(await asGiver.post("/delegations", wanted({ fromId: other.id }))).toMatchObject(
      refused(403, "delegation_others", { permission: "delegation.create_for" }),
    );
    const admin = await here.person();
    const toSelf = wanted({ fromId: giver.id, toId: admin.id });
    expect(await (await as(admin)).post("/delegations", toSelf)).toMatchObject(refused(403, "delegation_others"));
  });

  test("422: oneself, dates, moves that are none, people and entities that aren't there", async () => {
    const gone = await here.person({ disabled: true });
    const theirs = await (await place()).person();
    const cases: [object, string][] = [
      [{ toId: giver.id }, "delegation_self"],
      [{ until: at(-1) }, "delegation_dates"],
      [{ until: at(90 * day + hour) }, "delegation_dates"],
      [{ startsAt: at(2 * day), until: at(day) }, "delegation_dates"],
      [{ moves: ["signal.assign"] }, "delegation_move_unknown"],
      [{ moves: ["signal.acknowledge", "signal.eat"] }, "delegation_move_unknown"],
      [{ moves: ["agent.resume"] }, "delegation_not_own"],
      [{ toId: gone.id }, "delegation_receiver_unknown"],
      [{ toId: theirs.id }, "delegation_receiver_unknown"],
      [{ entityId: "ent_01kejc8ht0e6ssypg6m30swm9g" }, "delegation_entity_unknown"],
    ];
    for (const [more, code] of cases)
      expect(await asGiver.post("/delegations", wanted(more)), JSON.stringify(more)).toMatchObject(refused(422, code));
    expect(await api.post("/delegations", wanted())).toMatchObject(refused(422, "delegation_giver_unknown"));
    expect(await api.post("/delegations", wanted({ fromId: gone.id }))).toMatchObject(
      refused(422, "delegation_giver_unknown"),
    );
    expect(await told(here)).toEqual([]);
  });

  test("422 delegation_not_own: what was delegated can't be delegated on", async () => {
    const [boss, next] = [await here.person({ roles: ["approver"] }), await here.person({ roles: [] })];
    await give({ toId: boss.id });
    const on = await (await as(boss)).post("/delegations", wanted({ toId: next.id }));
    expect(on).toMatchObject(refused(422, "delegation_not_own", { moves: ["signal.acknowledge"] }));
    expect(await api.post("/delegations", wanted({ fromId: boss.id, toId: next.id }))).toMatchObject(
      refused(422, "delegation_not_own"),
    );
  });

  test("409 delegation_loop: back to the giver, over however many steps; not at another time, for another move or entity", async () => {
    const [b, c] = [await here.person({ roles: ["operational"] }), await here.person({ roles: ["operational"] })];
    const [asB, asC] = [await as(b), await as(c)];
    const { company, holding } = here.entities;
    const first = await give({ toId: b.id, entityId: company });
    await give({ toId: c.id }, asB);
    const back = (more: object = {}) => asC.post("/delegations", wanted({ toId: giver.id, ...more }));
    expect(await back()).toMatchObject(refused(409, "delegation_loop", { delegationId: first.id }));
    expect(await asB.post("/delegations", wanted({ toId: giver.id }))).toMatchObject(refused(409, "delegation_loop"));
    expect((await back({ moves: ["signal.dismiss"] })).status).toBe(201);
    expect((await back({ entityId: holding })).status).toBe(201);
    expect((await back({ startsAt: at(8 * day), until: at(9 * day) })).status).toBe(201);
    await asGiver.post(`/delegations/${first.id}/end`, {});
    expect((await back()).status).toBe(201);
  });

  test("409 delegation_loop: of two who delegate to each other at once, one of them doesn't", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await here.person({ roles: ["operational"] }), await here.person({ roles: ["operational"] })];
      const answers = await Promise.all([
        (await as(a)).post("/delegations", wanted({ toId: b.id })),
        (await as(b, another)).post("/delegations", wanted({ toId: a.id })),
      ]);
      expect(answers.map(outcome).sort()).toEqual([201, "delegation_loop"]);
    }
  });
});

describe("delegations.list", () => {
  test("200: one's own, given or received, newest first and page by page; everybody's with the permission", async () => {
    const other = await here.person({ roles: ["operational"] });
    const ids = [];
    for (const more of [{}, { moves: ["signal.dismiss"] }, { toId: other.id }]) {
      ids.unshift((await give(more)).id);
      ahead += 1000;
    }
    const list = async (by: RestClient, query: string) =>
      (await by.get(`/delegations?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await list(asGiver, "")).toEqual(ids);
    expect(await list(asGiver, "whose=given")).toEqual(ids);
    expect(await list(asGiver, "whose=received")).toEqual([]);
    expect(await list(asReceiver, "whose=received")).toEqual(ids.slice(1));
    expect(await list(await as(await here.person()), "whose=all")).toEqual(ids);
    expect(await list(api, "")).toEqual([]);
    const first = (await asGiver.get("/delegations?limit=2")).body;
    expect(await list(asGiver, `limit=2&cursor=${first.nextCursor}`)).toEqual(ids.slice(2));
    await asGiver.post(`/delegations/${ids[0]}/end`, {});
    expect(await list(asGiver, "over=true")).toEqual(ids.slice(0, 1));
    expect(await list(asGiver, "over=false")).toEqual(ids.slice(1));
  });

  test("403 delegation_others: everybody's without the permission", async () => {
    expect(await asGiver.get("/delegations?whose=all")).toMatchObject(
      refused(403, "delegation_others", { permission: "delegation.read" }),
    );
  });
});

describe("delegations.get", () => {
  test("200 for whom it is about, and who may read all; 404 for others", async () => {
    const made = await give();
    const auditor = await as(await here.person({ roles: ["auditor"] }));
    for (const by of [asGiver, asReceiver, auditor, api])
      expect((await by.get(`/delegations/${made.id}`)).body).toEqual(made);
    const stranger = await as(await here.person({ roles: ["operational"] }));
    expect(await stranger.get(`/delegations/${made.id}`)).toMatchObject(refused(404, "delegation_not_found"));
  });
});

describe("delegations.end", () => {
  test("200: nobody acts by it from that moment on, on whatever process; a second time changes nothing", async () => {
    const { id } = await give();
    const sessions = [asReceiver, await as(receiver, another)];
    for (const session of sessions) expect((await acknowledge(await report(), session)).status).toBe(200);
    const { body } = await asGiver.post(`/delegations/${id}/end`, {});
    expect(body).toMatchObject({ changed: true, delegation: { version: 2, endedAt: expect.any(String) } });
    for (const session of sessions) expect(outcome(await acknowledge(await report(), session))).toBe("forbidden");
    expect((await asGiver.post(`/delegations/${id}/end`, {})).body).toMatchObject({ changed: false });
    expect((await told(here)).map(([name]) => name).filter((name) => name.startsWith("delegation"))).toEqual([
      "delegation.created",
      "delegation.ended",
    ]);
    expect((await here.trail(uuidOf(id))).map(({ action, changed }) => [action, changed])).toEqual([
      ["delegation.create", true],
      ["delegation.end", true],
      ["delegation.end", false],
    ]);
  });

  test("200 by its receiver, and by who may for others; 404 for strangers, 403 for who may only read it", async () => {
    const asBoss = await as(await here.person({ roles: ["approver", "operational"] }));
    const { id } = await give();
    expect(await asBoss.post(`/delegations/${id}/end`, {})).toMatchObject(refused(404, "delegation_not_found"));
    const reader = await as(await here.person({ roles: ["auditor", "operational"] }));
    expect(await reader.post(`/delegations/${id}/end`, {})).toMatchObject(refused(403, "delegation_others"));
    expect((await (await as(await here.person())).post(`/delegations/${id}/end`, {})).body.changed).toBe(true);
    const boss = await here.person({ roles: ["approver"] });
    const own = await give({ toId: boss.id });
    expect((await (await as(boss)).post(`/delegations/${own.id}/end`, {})).body.changed).toBe(true);
  });
});

describe("acting by a delegation", () => {
  test("every move says so: for whom, both people, and by which delegation; reads and other calls don't", async () => {
    const { id } = await give();
    const signal = await report();
    await acknowledge(signal);
    expect((await here.trail(uuidOf(signal))).at(-1)).toMatchObject({
      action: "signal.acknowledge",
      actor_kind: "user",
      actor_id: receiver.id,
      on_behalf_of: giver.id,
      persons: [receiver.id, giver.id],
      decision: { delegation: id },
    });
    const [event] = await asOwner()`select actor_id, on_behalf_of from outbox
      where tenant_id = ${here.tenantId} and name = 'signal.acknowledged'`;
    expect(event).toEqual({ actor_id: receiver.id, on_behalf_of: giver.id });
    expect((await asReceiver.get("/me")).body).toMatchObject({ onBehalfOf: null, actor: { id: receiver.id } });
    expect((await asReceiver.get("/me")).body.permissions).not.toContain("signal.acknowledge");
  });

  test("on every face alike", async () => {
    await give();
    const key = await receiver.session();
    const operation = operations.get("signals.acknowledge") ?? expect.fail("no such operation");
    for (const [name, face] of Object.entries(faces)) {
      const id = await report();
      const said = await face(url, { operation, input: { id, version: 1 }, key, idempotencyKey: null, ifMatch: false });
      expect([name, said]).toEqual([name, { output: expect.objectContaining({ id, state: "acknowledged" }) }]);
      expect((await here.trail(uuidOf(id))).at(-1)).toMatchObject({ on_behalf_of: giver.id });
    }
  });

  test("who may by themselves uses no delegation", async () => {
    const other = await here.person({ roles: ["operational"] });
    await give({ toId: other.id });
    const signal = await report();
    await acknowledge(signal, await as(other));
    const entry = (await here.trail(uuidOf(signal))).at(-1);
    expect(entry).toMatchObject({ on_behalf_of: null, persons: [other.id] });
    expect(entry?.decision).not.toHaveProperty("delegation");
  });

  test("a move tried again with its key is made once", async () => {
    await give();
    const id = await report();
    const send = () => asReceiver.post(`/signals/${id}/acknowledge`, { version: 1 }, { "idempotency-key": "once" });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await here.trail(uuidOf(id))).filter(({ event }) => event === "acknowledge")).toHaveLength(1);
  });

  test("a thing's moves tell what one may by delegation", async () => {
    const id = await report();
    const mayAcknowledge = async () => {
      const { items } = (await asReceiver.get(`/signals/${id}/moves`)).body;
      const { allowed, why } = items.find(({ event }: { event: string }) => event === "acknowledge");
      return why ?? allowed;
    };
    expect(await mayAcknowledge()).toBe("forbidden");
    await give({ entityId: here.entities.company });
    expect(await mayAcknowledge()).toBe("delegation_entity");
    await give();
    expect(await mayAcknowledge()).toBe(true);
  });

  test("only the moves named, and nothing that is no move", async () => {
    await give({ moves: ["signal.acknowledge"] });
    const id = await report();
    const reason = "A test of the sirens.";
    expect(outcome(await asReceiver.post(`/signals/${id}/snooze`, { version: 1, until: at(day) }))).toBe("forbidden");
    expect(outcome(await asReceiver.post(`/signals/${id}/dismiss`, { version: 1, reason }))).toBe("forbidden");
    expect(outcome(await asReceiver.post(`/signals/${id}/add-note`, { body: "A test." }))).toBe("forbidden");
  });

  test("403 delegation_entity: a thing of another entity, or of none; on record, and with another delegation for that one it goes", async () => {
    const { company, holding } = here.entities;
    const { id: one } = await give({ entityId: company });
    expect((await acknowledge(await report({ entityId: company }))).status).toBe(200);
    const [elsewhere, nowhere] = [await report({ entityId: holding }), await report()];
    for (const id of [elsewhere, nowhere])
      expect(await acknowledge(id)).toMatchObject(refused(403, "delegation_entity", { delegation: one }));
    await expect
      .poll(async () => (await here.trail()).filter(({ outcome }) => outcome === "refused"), { timeout: 10_000 })
      .toMatchObject([{ problem: "delegation_entity", decision: { delegation: one } }, {}]);
    const { id: two } = await give({ entityId: holding });
    expect((await acknowledge(elsewhere)).status).toBe(200);
    expect((await here.trail(uuidOf(elsewhere))).at(-1)).toMatchObject({ decision: { delegation: two } });
    expect(outcome(await acknowledge(nowhere))).toBe("delegation_entity");
  });

  test("404: what only one of both may see is not there", async () => {
    const low = await here.person({ roles: ["executive"], clearance: "internal" });
    const lowGiver = await here.person({ roles: ["operational"], clearance: "internal" });
    await give({ toId: low.id });
    await give({}, await as(lowGiver));
    const [secret, plain] = [await report({ classification: "secret" }), await report({ classification: "internal" })];
    for (const by of [await as(low), asReceiver]) {
      expect(outcome(await acknowledge(secret, by))).toBe("signal_not_found");
    }
    expect((await acknowledge(plain)).status).toBe(200);
    // With another one by somebody who may see it, it goes by that one.
    await give();
    expect((await acknowledge(secret)).status).toBe(200);
  });

  test("from its beginning to its end by the clock, whatever a process remembers; and again where the clock steps back", async () => {
    await give({ startsAt: at(hour), until: at(2 * hour) });
    const signals = await Promise.all([1, 2, 3, 4].map(() => report()));
    const at0 = ahead;
    const tries = [];
    for (const ms of [hour - 30_000, hour + 30_000, 2 * hour - 10_000, 2 * hour + 10_000, 2 * hour - 10 * 60_000]) {
      ahead = at0 + ms;
      tries.push(outcome(await acknowledge(signals.at(-1) as string)));
      if (tries.at(-1) === 200) signals.pop();
    }
    expect(tries).toEqual(["forbidden", 200, 200, "forbidden", 200]);
  });

  test("it is over when the giver loses the role, the clearance or the account, at once and on every process", async () => {
    const admin = await as(await here.person(), another);
    const proven = restClient(url, await (await here.person()).session({ proven: true }));
    const sessions = [asReceiver, await as(receiver, another)];
    const tried = async (more: Record<string, unknown> = {}) => {
      const said = [];
      for (const session of sessions) said.push(outcome(await acknowledge(await report(more), session)));
      return said;
    };
    await give();
    expect(await tried()).toEqual([200, 200]);
    await proven.post(`/people/${giver.id}/set-clearance`, { version: 1, clearance: "public" });
    expect(await tried({ classification: "internal" })).toEqual(["signal_not_found", "signal_not_found"]);
    expect(await tried({ classification: "public" })).toEqual([200, 200]);
    const said = { role: "operational" };
    expect((await proven.post(`/people/${giver.id}/revoke-role`, said)).body.changed).toBe(true);
    expect(await tried()).toEqual(["forbidden", "forbidden"]);
    await proven.post(`/people/${giver.id}/grant-role`, said);
    expect(await tried({ classification: "public" })).toEqual([200, 200]);
    await admin.post(`/people/${giver.id}/disable`, { reason: "Left the company." });
    await proven.post(`/people/${giver.id}/disable`, { reason: "Left the company." });
    expect(await tried({ classification: "public" })).toEqual(["forbidden", "forbidden"]);
  });

  test("it ends for good, on record and told, when its time has come or its giver can't any more", async () => {
    const [past, others] = [await give({ until: at(hour) }), await give({ moves: ["signal.dismiss"], until: at(day) })];
    await endOver();
    ahead = 2 * hour;
    await endOver();
    await endOver();
    const ended = async () =>
      (await told(here)).filter(([name]) => name === "delegation.ended").map(([, { id }]) => id);
    expect(await ended()).toEqual([past.id]);
    expect((await asGiver.get(`/delegations/${past.id}`)).body).toMatchObject({ endedAt: past.until, version: 2 });
    expect((await here.trail(uuidOf(past.id))).at(-1)).toMatchObject({
      actor_kind: "system",
      action: "delegation.end",
      reason: "Its time has come.",
      changes: { endedAt: [null, past.until] },
    });
    await asOwner()`update person_roles set ended_at = now() where person_id = ${giver.uuid}`;
    await endOver();
    expect(await ended()).toEqual([past.id, others.id]);
    // One whose receiver is shut out is over, too.
    const id = await setDelegation(here);
    await asOwner()`update people set disabled_at = now()
      where id = (select to_id from delegations where id = ${uuidOf(id)})`;
    await endOver();
    expect((await ended()).at(-1)).toBe(id);
  });

  test("a delegate's inbox has what waits for the giver's permission, within entity, clearance and time", async () => {
    const [boss, deputy] = [await here.person(), await here.person({ roles: ["executive"] })];
    const inbox = async () => (await (await as(deputy)).get("/me/waiting")).body.items;
    const wait = (more: object) =>
      asOwner()`insert into waiting ${asOwner()({
        ...{ tenant_id: here.tenantId, machine: "agent", resource_id: crypto.randomUUID(), state: "suspended" },
        ...{ permission: "agent.resume", classification: "internal", since: now(), ...more },
      })}`;
    await wait({});
    await wait({ entity_id: uuidOf(here.entities.company) });
    expect(await inbox()).toEqual([]);
    const its = { toId: deputy.id, moves: ["agent.resume"], until: at(hour) };
    const { id } = await give({ ...its, entityId: here.entities.company }, await as(boss));
    expect(await inbox()).toMatchObject([{ via: "delegation", fromId: boss.id }]);
    await give(its, await as(boss));
    expect(await inbox()).toHaveLength(2);
    await wait({ classification: "secret" });
    await asOwner()`update people set clearance = 'internal' where id = ${boss.uuid}`;
    await (await as(boss)).post(`/delegations/${id}/end`, {});
    expect(await inbox()).toHaveLength(2);
    ahead = 2 * hour;
    expect(await inbox()).toEqual([]);
  });
});
