import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { place } from "./support/place.ts";
import { agentOf, because, keyMadeBy, type PostureRoom, postureRoom, refused } from "./support/posture.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let room: PostureRoom;
let officer: RestClient;
let chief: RestClient;
const home = async () => {
  room = await postureRoom(url);
  [officer, chief] = [await room.as(room.officer), await room.as(room.chief)];
};
beforeAll(async () => {
  url = (await startServer()).url;
  await home();
});

const signal = async (classification: string) =>
  (await restClient(url, await room.here.key()).post("/signals", aSignal({ classification }))).body.signal.id;
const trailOf = (id: string) => room.here.trail(uuidOf(id));

describe("posture.propose", () => {
  test("201: it changes nothing, is on record and told, and lies where the answer says", async () => {
    await home();
    const made = await officer.post("/posture/changes", { level: "high", reason: because });
    expect(made).toMatchObject({
      status: 201,
      body: {
        fromLevel: "normal",
        level: "high",
        rank: 2,
        state: "proposed",
        entityId: null,
        classification: "public",
      },
    });
    expect(made.body.proposedBy).toBe(room.officer.id);
    expect(made.headers.get("location")).toBe(`/v1/posture/changes/${made.body.id}`);
    expect((await officer.get(`/posture/changes/${made.body.id}`)).body).toEqual(made.body);
    expect((await room.current()).level).toBe("normal");
    expect(await trailOf(made.body.id)).toMatchObject([
      { action: "posture.propose", event: "propose", to_state: "proposed", persons: [room.officer.id] },
    ]);
    expect(await told(room.here)).toEqual([["posture.proposed", { id: made.body.id }]]);
  });

  test("201: by an agent, in its own name", async () => {
    const agent = await agentOf(room.here, room.officer);
    const made = await room.proposed(restClient(url, agent.key), { level: "critical" });
    expect(made).toMatchObject({ proposedBy: agent.id, state: "proposed" });
  });

  test("201: as classified as the highest of its signals, and there for nobody below", async () => {
    const signalIds = [await signal("internal"), await signal("confidential"), await signal("public")];
    const made = await room.proposed(officer, { signalIds: [...signalIds, signalIds[0]] });
    expect(made).toMatchObject({ classification: "confidential", signalIds });
    const low = await room.as(await room.here.person({ roles: ["operational", "approver"], clearance: "internal" }));
    const missing = refused(404, "posture_change_not_found");
    expect(await low.get(`/posture/changes/${made.id}`)).toMatchObject(missing);
    expect(await low.get(`/posture/changes/${made.id}/moves`)).toMatchObject(missing);
    expect(await low.post(`/posture/changes/${made.id}/confirm`, { version: 1, reason: because })).toMatchObject(
      missing,
    );
    const { items } = (await low.get("/posture/changes?limit=100")).body;
    expect(items.map(({ id }: { id: string }) => id)).not.toContain(made.id);
    await room.confirmed(made.id);
    const [seen, hidden] = [(await chief.get("/posture")).body, (await low.get("/posture")).body];
    expect(seen).toMatchObject({ id: made.id, level: "elevated", reason: because });
    expect(hidden).toEqual({ ...seen, reason: "" });
  });

  test("409 posture_level_holds, 422 for a level, an entity or signals that are not there for the caller", async () => {
    await home();
    const other = await place();
    const secret = await signal("secret");
    const low = await room.as(await room.here.person({ roles: ["operational"], clearance: "internal" }));
    const propose = (more: object, by = officer) =>
      by.post("/posture/changes", { level: "high", reason: because, ...more });
    expect(await propose({ level: "normal" })).toMatchObject(refused(409, "posture_level_holds"));
    expect(await propose({ level: "alarm" })).toMatchObject(refused(422, "posture_level_unknown"));
    expect(await propose({ entityId: other.entities.company })).toMatchObject(refused(422, "posture_entity_unknown"));
    const foreign = (await restClient(url, await other.key()).post("/signals", aSignal())).body.signal.id;
    const unknown = (signalIds: string[]) => refused(422, "posture_signal_unknown", { signalIds });
    expect(await propose({ signalIds: [secret, foreign] })).toMatchObject(unknown([foreign]));
    expect(await propose({ signalIds: [secret] }, low)).toMatchObject(unknown([secret]));
    expect((await propose({ reason: "too short" })).status).toBe(400);
    expect((await propose({ signalIds: Array(51).fill(secret) })).status).toBe(400);
  });
});

describe("posture.changes", () => {
  test("200: newest first, page by page, of a state, of an entity, and none of another organisation's", async () => {
    await home();
    const { company } = room.here.entities;
    const made: string[] = [];
    for (const entityId of [undefined, company, undefined, company])
      made.unshift((await room.proposed(officer, entityId ? { entityId } : {})).id);
    await officer.post(`/posture/changes/${made[0]}/withdraw`, { version: 1 });
    const ids = async (query: string) => {
      const { body } = await chief.get(`/posture/changes?${query}`);
      return [...body.items.map(({ id }: { id: string }) => id), body.nextCursor] as string[];
    };
    expect(await ids("")).toEqual([...made, null]);
    expect(await ids("state=proposed")).toEqual([...made.slice(1), null]);
    expect(await ids(`entityId=${company}&state=proposed`)).toEqual([made[2], null]);
    const [first, second, cursor] = await ids("limit=2");
    expect([first, second, ...(await ids(`limit=2&cursor=${cursor}`))]).toEqual([...made, null]);
    expect(await chief.get(`/posture/changes?limit=2&state=proposed&cursor=${cursor}`)).toMatchObject({ status: 400 });
    expect((await restClient(url, await (await place()).key()).get("/posture/changes")).body.items).toEqual([]);
  });
});

describe("posture.change", () => {
  test("404 posture_change_not_found: another organisation's, and a posture that nobody proposed", async () => {
    const { id } = await room.proposed(officer);
    const elsewhere = await room.as(await (await place()).person());
    expect(await elsewhere.get(`/posture/changes/${id}`)).toMatchObject(refused(404, "posture_change_not_found"));
    const history = (await chief.get("/posture/history")).body.items.at(-1);
    expect(await chief.get(`/posture/changes/${history.id}`)).toMatchObject(refused(404, "posture_change_not_found"));
  });
});

describe("posture.moves", () => {
  test("200: what each caller may do, and why not the rest: the same as trying it says", async () => {
    await home();
    const agent = await agentOf(room.here, room.officer);
    const { id } = await room.proposed(restClient(url, agent.key));
    const [both, plain] = [
      await room.here.person({ roles: ["operational", "approver"] }),
      restClient(url, await room.chief.session()),
    ];
    const why = async (api: RestClient) =>
      Object.fromEntries(
        (await api.get(`/posture/changes/${id}/moves`)).body.items.map((one: { event: string; why: string }) => [
          one.event,
          one.why,
        ]),
      );
    expect(await why(await room.as(both))).toEqual({ confirm: null, reject: null, withdraw: "posture_not_own" });
    expect(await why(officer)).toEqual({ confirm: "forbidden", reject: "forbidden", withdraw: null });
    expect(await why(plain)).toEqual({ confirm: "step_up_required", reject: null, withdraw: "forbidden" });
    expect(await why(restClient(url, agent.key))).toEqual({
      confirm: "agent_denied",
      reject: "forbidden",
      withdraw: null,
    });
    await room.confirmed(id);
    const over = "posture_wrong_state";
    expect(await why(await room.as(both))).toEqual({ confirm: over, reject: over, withdraw: over });
  });
});

describe("posture.reject", () => {
  test("200: with a reason, on record and told, and the posture stays", async () => {
    await home();
    const { id } = await room.proposed(officer);
    const answer = await chief.post(`/posture/changes/${id}/reject`, { version: 1, reason: "No." });
    expect(answer.body).toMatchObject({ state: "rejected", stateReason: "No.", decidedBy: room.chief.id, version: 2 });
    expect((await trailOf(id)).at(-1)).toMatchObject({ action: "posture.reject", reason: "No." });
    expect((await told(room.here)).at(-1)).toEqual([
      "posture.rejected",
      { id, from: "proposed", to: "rejected", reason: "No." },
    ]);
    expect((await room.current()).level).toBe("normal");
    expect(await room.confirmed(id, room.chief, 2)).toMatchObject(
      refused(409, "posture_wrong_state", { state: "rejected" }),
    );
    const late = await chief.post(`/posture/changes/${id}/reject`, { version: 1, reason: "No." });
    expect(late).toMatchObject(refused(412, "posture_changed", { version: 2 }));
  });
});

describe("posture.withdraw", () => {
  test("200: by who proposed it, be it an agent, and by who answers for the agent", async () => {
    const agent = await agentOf(room.here, room.officer);
    const key = restClient(url, await keyMadeBy(room.here, await room.here.person()));
    const its = restClient(url, agent.key);
    for (const [proposer, by] of [
      [officer, officer],
      [its, its],
      [its, officer],
      [key, key],
    ] as const) {
      const { id } = await room.proposed(proposer);
      const answer = await by.post(`/posture/changes/${id}/withdraw`, { version: 1, reason: "It was cancelled." });
      expect(answer).toMatchObject({ status: 200, body: { state: "withdrawn", stateReason: "It was cancelled." } });
    }
  });

  test("403 posture_not_own: by anybody else", async () => {
    const agent = await agentOf(room.here, room.officer);
    const other = await room.as(await room.here.person({ roles: ["admin"] }));
    for (const proposer of [officer, restClient(url, agent.key)]) {
      const { id } = await room.proposed(proposer);
      for (const by of [other, restClient(url, (await agentOf(room.here, room.officer)).key)])
        expect(await by.post(`/posture/changes/${id}/withdraw`, { version: 1 })).toMatchObject(
          refused(403, "posture_not_own"),
        );
    }
  });
});
