import { uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { agentOf, because, keyMadeBy, type PostureRoom, postureRoom, refused } from "./support/posture.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

const minute = 60_000;
const clock = { shift: 0 };
const now = () => Date.now() + clock.shift;
const app = postgres({ ...inject("login"), max: 1, onnotice: () => {}, connection: { role: "dais_app" } });
afterAll(() => app.end());

let url: string;
let room: PostureRoom;
let officer: RestClient;
const home = async () => {
  room = await postureRoom(url, now);
  officer = await room.as(room.officer);
};
beforeAll(async () => {
  url = (await startServer({ sources: { now: () => new Date(now()) } })).url;
  await home();
});

const history = async () => (await (await room.as(room.chief)).get("/posture/history?limit=100")).body.items;

describe("posture.confirm", () => {
  test("200: it holds from now on, under the same id, on whose word is said; recorded and told once", async () => {
    await home();
    const { id } = await room.proposed(officer, { level: "high" });
    const answer = await room.confirmed(id);
    expect(answer).toMatchObject({
      status: 200,
      body: { id, state: "confirmed", stateReason: because, decidedBy: room.chief.id, version: 2 },
    });
    expect(answer.body.decidedAt).toBe(answer.body.updatedAt);
    const source = `${room.chief.id}, proposed by ${room.officer.id}`;
    expect(await room.current()).toMatchObject({ id, level: "high", rank: 2, reason: because, source });
    expect(await history()).toHaveLength(2);
    expect((await room.here.trail(uuidOf(id))).at(-1)).toMatchObject({
      ...{ action: "posture.confirm", from_state: "proposed", to_state: "confirmed", reason: because },
      decision: { fourEyes: true, contentSha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect((await told(room.here)).map(([name]) => name)).toEqual(["posture.proposed", "posture.confirmed"]);
  });

  test("403 four_eyes: not who proposed it, nor who answers for the agent or made the key that did", async () => {
    const both = await room.here.person({ roles: ["operational", "approver"] });
    const agent = await agentOf(room.here, both);
    const hands = [await room.as(both), restClient(url, agent.key), restClient(url, await keyMadeBy(room.here, both))];
    for (const by of hands) {
      const { id } = await room.proposed(by, { level: "critical" });
      expect(await room.confirmed(id, both)).toMatchObject(refused(403, "four_eyes"));
      const [item] = (await (await room.as(both)).get(`/posture/changes/${id}/moves`)).body.items;
      expect(item).toEqual({ event: "confirm", to: "confirmed", allowed: false, why: "four_eyes" });
      expect(await room.change(id)).toMatchObject({ state: "proposed", version: 1 });
    }
  });

  test("403: never an agent, nor a key, whatever they may; 401: nobody without a second factor just now", async () => {
    const { id } = await room.proposed(officer, { level: "critical" });
    const body = { version: 1, reason: because };
    const agent = await agentOf(room.here, room.chief);
    const path = `/posture/changes/${id}/confirm`;
    expect(await restClient(url, agent.key).post(path, body)).toMatchObject(refused(403, "agent_denied"));
    expect(await restClient(url, await room.here.key()).post(path, body)).toMatchObject(
      refused(403, "person_required"),
    );
    for (const proven of [false, 6 * minute] as const) {
      const api = restClient(url, await room.chief.session({ proven, openedAt: now() }));
      expect(await api.post(path, body)).toMatchObject(refused(401, "step_up_required"));
    }
    const short = { version: 1, reason: "          x" };
    expect((await (await room.as(room.chief)).post(path, short)).status).toBe(400);
  });

  test("DA003: nor by raw SQL as the server's role, with an entry that says who pressed, or that nobody did", async () => {
    const both = await room.here.person({ roles: ["operational", "approver"] });
    const { id } = await room.proposed(await room.as(both), { level: "critical" });
    const forged = (entry: object) =>
      app.begin(async (sql) => {
        await sql`select set_config('dais.tenant', ${room.here.tenantId}, true)`;
        await sql`update posture_changes set state = 'confirmed', version = 2 where id = ${uuidOf(id)}`;
        const row = {
          ...{ id: crypto.randomUUID(), tenant_id: room.here.tenantId, at: new Date(now()), outcome: "done" },
          ...{ actor_kind: "user", actor_id: both.id, persons: [both.id], operation: "posture.confirm" },
          ...{ action: "posture.confirm", resource_type: "posture", resource_id: uuidOf(id), resource_version: 2 },
          ...{ event: "confirm", from_state: "proposed", to_state: "confirmed", changed: true },
          ...{ request_id: "forged", salt: sha256(id), ...entry },
        };
        await sql`insert into audit ${sql(row)}`;
      });
    for (const entry of [
      {},
      { persons: [] },
      { persons: [room.chief.id] },
      { actor_kind: "client", actor_id: "key_x", persons: [room.chief.id, both.id] },
      { actor_kind: "system", actor_id: "system", persons: [] },
    ])
      await expect(forged(entry)).rejects.toMatchObject({ code: "DA003" });
    await expect(forged({ event: "approve" })).rejects.toMatchObject({ code: "DA001" });
    expect(await room.change(id)).toMatchObject({ state: "proposed", version: 1 });
  });

  test("409 posture_wrong_state, posture_superseded: what starts from a level that holds no longer is overtaken, and told", async () => {
    await home();
    const { company } = room.here.entities;
    const proposals = [];
    for (const level of ["elevated", "high", "high", "critical"])
      proposals.push(await room.proposed(officer, { level }));
    const apart = await room.proposed(officer, { level: "high", entityId: company });
    const [first, ...others] = proposals.map(({ id }) => id as string);
    expect((await room.confirmed(first as string)).status).toBe(200);
    for (const id of others) {
      expect(await room.change(id)).toMatchObject({ state: "superseded", decidedBy: null, version: 2 });
      expect(await room.confirmed(id, room.chief, 2)).toMatchObject(refused(409, "posture_wrong_state"));
    }
    expect(await room.change(apart.id)).toMatchObject({ state: "proposed" });
    const names = (await told(room.here)).map(([name]) => name);
    expect(names.filter((name) => name === "posture.superseded")).toHaveLength(3);
    const { items } = (await officer.get("/posture/changes?state=superseded")).body;
    expect(items.map(({ stateReason }: { stateReason: string }) => stateReason)).toContain(
      "The posture has changed since.",
    );
  });

  test("409 posture_moved: the posture is another one, whoever set it", async () => {
    await home();
    const { id } = await room.proposed(officer, { level: "high" });
    await asOwner()`insert into posture (id, tenant_id, level, rank, reason, source, since)
      values (${crypto.randomUUID()}, ${room.here.tenantId}, 'elevated', 1, 'By hand.', 'test', ${new Date(now())})`;
    expect(await room.confirmed(id)).toMatchObject(refused(409, "posture_moved", { level: "elevated" }));
    expect(await room.change(id)).toMatchObject({ state: "proposed", version: 1 });
  });

  test("412 posture_changed: of two at once for one posture the second sees the first", async () => {
    for (let n = 0; n < 8; n += 1) {
      // A posture of its own each time, and both ways up: a second change down would have to wait, whoever comes first.
      await home();
      const both = [
        await room.proposed(officer, { level: n % 2 ? "elevated" : "high" }),
        await room.proposed(officer, { level: "critical" }),
      ];
      const answers = await Promise.all(both.map(({ id }) => room.confirmed(id)));
      const [won, lost] = answers.sort((a, b) => a.status - b.status);
      expect(won).toMatchObject({ status: 200, body: { state: "confirmed" } });
      expect(lost).toMatchObject(refused(412, "posture_changed", { version: 2, state: "superseded" }));
      expect(await room.current()).toMatchObject({ id: won?.body.id, level: won?.body.level });
    }
  });

  test("412 posture_changed for another version, 422 for the same key and another body, the first answer for the same", async () => {
    await home();
    const { id } = await room.proposed(officer);
    expect(await room.confirmed(id, room.chief, 7)).toMatchObject(refused(412, "posture_changed", { version: 1 }));
    const chief = await room.as(room.chief);
    const send = (reason: string) =>
      chief.post(`/posture/changes/${id}/confirm`, { version: 1, reason }, { "idempotency-key": "once" });
    const [first, again, other] = [await send(because), await send(because), await send(`${because} And more.`)];
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body]);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(other).toMatchObject(refused(422, "idempotency_key_reused"));
    expect(await history()).toHaveLength(2);
  });

  test("403 forbidden: who lost the role between reading and pressing", async () => {
    await home();
    const { id } = await room.proposed(officer);
    const decider = await room.here.person({ roles: ["executive", "approver"] });
    const session = await room.as(decider);
    const [move] = (await session.get(`/posture/changes/${id}/moves`)).body.items;
    expect(move).toMatchObject({ event: "confirm", allowed: true });
    const admin = await room.as(await room.here.person());
    const gone = await admin.post(`/people/${decider.id}/revoke-role`, { role: "approver" });
    expect(gone.status).toBe(200);
    expect(await session.post(`/posture/changes/${id}/confirm`, { version: 1, reason: because })).toMatchObject(
      refused(403, "forbidden", { permission: "posture.confirm" }),
    );
    expect(await room.change(id)).toMatchObject({ state: "proposed" });
  });
});

describe("after a change down", () => {
  const down = (level: string) => room.bringTo(level);
  const pass = (ms: number) => {
    clock.shift += ms;
  };
  const setDwell = async (dwellMinutes: number) => {
    const admin = await room.as(await room.here.person());
    const { id, version } = (await admin.get("/organisations/current")).body;
    await admin.patch(`/organisations/${id}`, { version, posture: { dwellMinutes } });
  };

  test("409 posture_dwell: the next one down waits 30 minutes, and no longer; up is always open", async () => {
    await home();
    await room.bringTo("critical");
    const { decidedAt } = (await down("high")).body;
    const until = new Date(Date.parse(decidedAt) + 30 * minute).toISOString();
    expect(await down("elevated")).toMatchObject(refused(409, "posture_dwell", { until }));
    expect((await room.bringTo("critical")).status).toBe(200);
    pass(29 * minute);
    expect(await down("high")).toMatchObject(refused(409, "posture_dwell", { until }));
    pass(minute + 1000);
    expect((await down("high")).status).toBe(200);
    expect((await room.bringTo("critical")).status).toBe(200);
    expect(await room.here.trail()).toEqual(
      expect.arrayContaining([expect.objectContaining({ problem: null, action: "posture.confirm" })]),
    );
  });

  test("each entity's posture has its own time", async () => {
    await home();
    const { company } = room.here.entities;
    for (const entity of [undefined, company]) await room.bringTo("critical", entity);
    expect((await room.bringTo("high")).status).toBe(200);
    expect((await room.bringTo("high", company)).status).toBe(200);
    expect(await room.bringTo("normal", company)).toMatchObject(refused(409, "posture_dwell"));
  });

  test("the organisation says how long", async () => {
    await home();
    await room.bringTo("critical");
    await room.bringTo("high");
    await setDwell(5);
    pass(4 * minute);
    expect(await down("elevated")).toMatchObject(refused(409, "posture_dwell"));
    await setDwell(0);
    expect((await down("elevated")).status).toBe(200);
    expect((await down("normal")).status).toBe(200);
  });

  test("a clock that steps back 10 minutes shortens nothing, and the newest still holds", async () => {
    await home();
    await room.bringTo("critical");
    await room.bringTo("high");
    pass(-10 * minute);
    expect(await down("elevated")).toMatchObject(refused(409, "posture_dwell"));
    const up = await room.bringTo("critical");
    expect(up.status).toBe(200);
    expect(await room.current()).toMatchObject({ id: up.body.id, level: "critical" });
    const levels = (await history()).map(({ level }: { level: string }) => level);
    expect(levels).toEqual(["critical", "high", "critical", "normal"]);
    pass(10 * minute);
  });
});
