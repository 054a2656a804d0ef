import { operations } from "@dais/contracts";
import { usualLevels } from "@dais/contracts/posture";
import { beforeAll, describe, expect, test } from "vitest";
import { place } from "./support/place.ts";
import { type PostureRoom, postureRoom, refused } from "./support/posture.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let room: PostureRoom;
let admin: RestClient;
const home = async () => {
  room = await postureRoom(url);
  admin = await room.as(await room.here.person());
};
beforeAll(async () => {
  url = (await startServer()).url;
  await home();
});

const level = (key: string) => ({ key, name: { en: key, ar: "مستوى" }, criteria: { en: `When ${key}.`, ar: null } });
const put = (digest: string, keys: string[]) =>
  admin.send("/posture/levels", { method: "PUT", body: { digest, levels: keys.map(level) } });
const read = async () => (await admin.get("/posture/levels")).body;

describe("posture.levels", () => {
  test("200: four where the organisation has none of its own, in both languages, and they are what the document shows", async () => {
    const { items, digest } = await read();
    expect(items).toEqual(usualLevels);
    expect(items.map(({ key }: { key: string }) => key)).toEqual(["normal", "elevated", "high", "critical"]);
    for (const { name, criteria } of items) expect([name.ar, criteria.ar]).not.toContain(null);
    expect(operations.get("posture.levels")?.meta.examples[0]?.output).toEqual({ digest, items });
    expect((await restClient(url, await (await place()).key()).get("/posture/levels")).body.digest).toBe(digest);
  });
});

describe("posture.setLevels", () => {
  test("200: all at once, in their order, on record and told; proposals go by them", async () => {
    await home();
    const before = await read();
    const set = await put(before.digest, ["normal", "watch", "storm"]);
    expect(set).toMatchObject({ status: 200, body: { changed: true } });
    expect(set.body.items.map(({ key, rank }: { key: string; rank: number }) => [key, rank])).toEqual([
      ["normal", 0],
      ["watch", 1],
      ["storm", 2],
    ]);
    const after = await read();
    expect(after).toEqual({ digest: set.body.digest, items: set.body.items });
    expect(after.digest).not.toBe(before.digest);
    expect((await room.here.trail(room.here.tenantId)).at(-1)).toMatchObject({
      ...{ action: "posture.set_levels", changed: true },
      changes: { levels: [before.items, after.items] },
    });
    expect((await told(room.here)).map(([name]) => name)).toEqual(["posture.levels_set"]);
    const officer = await room.as(room.officer);
    const gone = await officer.post("/posture/changes", { level: "elevated", reason: "As before the change." });
    expect(gone).toMatchObject(refused(422, "posture_level_unknown"));
    expect((await room.bringTo("storm")).body).toMatchObject({ level: "storm", rank: 2 });
  });

  test("200: the same again changes nothing, and is on record as that", async () => {
    const { digest } = await read();
    const keys = ["normal", "watch", "storm"];
    expect((await put(digest, keys)).body).toMatchObject({ changed: false, digest });
    expect((await room.here.trail(room.here.tenantId)).at(-1)).toMatchObject({ changed: false });
  });

  test("412 posture_levels_changed: somebody was faster", async () => {
    await home();
    const { digest } = await read();
    const answers = await Promise.all(["one", "two"].map((key) => put(digest, ["normal", key])));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(answers.find(({ status }) => status === 412)?.body).toMatchObject({
      code: "posture_levels_changed",
      digest: (await read()).digest,
    });
  });

  test("409 posture_level_in_force: a level that holds somewhere, or is proposed, stays", async () => {
    await home();
    const { company } = room.here.entities;
    await room.bringTo("critical", company);
    const { id } = await room.proposed(await room.as(room.officer), { level: "high" });
    const { digest } = await read();
    const missing = refused(409, "posture_level_in_force", { levels: ["normal", "high", "critical"] });
    expect(await put(digest, ["calm", "elevated"])).toMatchObject(missing);
    await (await room.as(room.chief)).post(`/posture/changes/${id}/reject`, { version: 1, reason: "No." });
    expect((await put(digest, ["normal", "watch", "critical"])).status).toBe(200);
    expect((await read()).items).toHaveLength(3);
  });

  test("200: ranks move, and what is up or down goes by those that hold now", async () => {
    await home();
    await room.bringTo("high");
    await room.bringTo("elevated");
    expect(await room.bringTo("normal")).toMatchObject(refused(409, "posture_dwell"));
    const { digest } = await read();
    expect((await put(digest, ["elevated", "normal", "critical"])).status).toBe(200);
    expect((await room.bringTo("normal")).body).toMatchObject({ level: "normal", rank: 1 });
  });

  test("400: a level twice, one alone, a key that is none; 403 for who is no administrator", async () => {
    const { digest } = await read();
    for (const keys of [["a", "a"], ["a"], ["A", "b"], []]) expect((await put(digest, keys)).status).toBe(400);
    const officer = await room.as(room.officer);
    const body = { digest, levels: ["normal", "b"].map(level) };
    expect(await officer.send("/posture/levels", { method: "PUT", body })).toMatchObject(refused(403, "forbidden"));
  });
});
