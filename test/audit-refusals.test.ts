import { randomBytes } from "node:crypto";
import type { Server } from "@dais/api/server";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { reported, rowsOf } from "./support/auditing.ts";
import { type Place, place } from "./support/place.ts";
import { postureRoom } from "./support/posture.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let time = Date.parse("2026-03-02T08:00:00.000Z");
beforeAll(async () => {
  server = await startServer({ sources: { now: () => new Date(time), random: randomBytes } });
});
let here: Place;
let api: RestClient;
beforeEach(async () => {
  time += 600_000;
  here = await place({ now: new Date(time) });
  api = restClient(server.url, await here.key());
});
const refused = async () => {
  await server.kernel.settle();
  return rowsOf(here, "refused");
};

describe("refusals of who is known", () => {
  test("404: somebody asked for what isn't there for them: on record with the id, whyever it isn't", async () => {
    const there = await place({ now: new Date(time) });
    const theirs = await reported(restClient(server.url, await there.key()));
    const secret = await reported(api, { classification: "secret" });
    const nobodys = idOf("sig", crypto.randomUUID());
    const low = api.as(await here.key({ clearance: "internal" }));
    for (const id of [theirs, secret, nobodys]) expect((await low.get(`/signals/${id}`)).status).toBe(404);
    const entries = await refused();
    expect(entries.map(({ resource_id }) => resource_id)).toEqual([theirs, secret, nobodys].map(uuidOf));
    // The entries say the same of all three.
    for (const { operation, problem, resource_type, classification, decision } of entries)
      expect([operation, problem, resource_type, classification, decision]).toEqual([
        ...["signals.get", "signal_not_found", "signal", null],
        {},
      ]);
    expect(await rowsOf(there, "refused")).toEqual([]);
  });

  test("403 and 401: four eyes, and a second factor that was asked for, with the thing that it was about", async () => {
    const room = await postureRoom(server.url, () => time);
    here = room.here;
    const both = await here.person({ roles: ["operational", "approver"] });
    const { id } = await room.proposed(await room.as(both));
    expect((await room.confirmed(id, both)).body.code).toBe("four_eyes");
    const unproven = restClient(server.url, await room.chief.session());
    const said = { version: 1, reason: "Seen from the site." };
    expect((await unproven.post(`/posture/changes/${id}/confirm`, said)).body.code).toBe("step_up_required");
    expect(await refused()).toMatchObject([
      { problem: "four_eyes", resource_id: uuidOf(id), actor_id: both.id, action: "posture.confirm" },
      { problem: "step_up_required", actor_id: room.chief.id, resource_id: null },
    ]);
  });

  test("409, 412, 422 and 400 are no refusals: whoever may do it met the state of things", async () => {
    const id = await reported(api);
    await api.post(`/signals/${id}/acknowledge`, { version: 7 });
    await api.post(`/signals/${id}/dismiss`, { version: 1, reason: "A test." });
    await api.post(`/signals/${id}/acknowledge`, { version: "x" });
    expect(await refused()).toEqual([]);
  });

  test("an attack makes six entries a minute of its kind, which say how often and at what", async () => {
    const reader = api.as(await here.key({ permissions: ["signal.read"] }));
    const ids = Array.from({ length: 40 }, () => idOf("sig", crypto.randomUUID()));
    for (const id of ids) await reader.get(`/signals/${id}`);
    expect(await refused()).toHaveLength(5);
    time += 60_000;
    const entries = await refused();
    expect(entries).toHaveLength(6);
    expect(entries.at(-1)).toMatchObject({ problem: "signal_not_found", resource_id: null, decision: { times: 35 } });
    expect(entries.at(-1)?.decision.resourceIds).toEqual(ids.slice(5).map(uuidOf));
    // Another problem, and another minute, are counted anew.
    await reader.post("/signals", {});
    await reader.get(`/signals/${ids[0]}`);
    expect(await refused()).toHaveLength(8);
  });

  test("what was counted is written when the server stops", async () => {
    const own = await startServer({ sources: { now: () => new Date(time) } });
    const reader = restClient(own.url, await here.key({ permissions: [] }));
    for (let n = 0; n < 9; n += 1) await reader.get("/signals");
    await own.stop();
    const entries = await rowsOf(here, "refused");
    expect(entries.map(({ decision }) => decision.times ?? 1)).toEqual([1, 1, 1, 1, 1, 4]);
  });
});
