import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { setPosture } from "./support/things.ts";

let url: string;
let here: Place;
let api: RestClient;
let ids: string[];

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  api = restClient(url, await here.key());
  const days = ["01", "02", "03", "03", "04"]; // two at the same moment
  ids = await Promise.all(
    days.map((day, rank) => setPosture(here, { since: `2026-01-${day}T04:00:00.000Z`, rank, level: `level-${rank}` })),
  );
  await setPosture(here, {
    since: "2026-01-09T04:00:00.000Z",
    level: "critical",
    rank: 9,
    entity: uuidOf(here.entities.company),
  });
  await setPosture(await place(), { since: "2026-01-20T04:00:00.000Z", level: "high" });
});

describe("posture.current", () => {
  test("200: the organisation's newest, or an entity's own", async () => {
    expect(await api.get("/posture")).toMatchObject({
      status: 200,
      body: { id: ids[4], entityId: null, level: "level-4", rank: 4 },
    });
    expect((await api.get(`/posture?entityId=${here.entities.company}`)).body).toMatchObject({
      level: "critical",
      entityId: here.entities.company,
    });
  });

  test("404 posture_not_found: where none is set, and for an entity of another organisation", async () => {
    const other = await place();
    await setPosture(other, { entity: uuidOf(other.entities.company) });
    for (const id of [here.entities.holding, other.entities.company])
      expect(await api.get(`/posture?entityId=${id}`)).toMatchObject({
        status: 404,
        body: { code: "posture_not_found" },
      });
    expect((await restClient(url, await other.key()).get("/posture")).status).toBe(404);
  });
});

describe("posture.history", () => {
  test("200: newest first, page by page, also of the same moment, complete while changes come in", async () => {
    const first = (await api.get("/posture/history?limit=2")).body;
    const added = await setPosture(here, { since: "2026-01-08T04:00:00.000Z" });
    const second = (await api.get(`/posture/history?limit=2&cursor=${first.nextCursor}`)).body;
    const third = (await api.get(`/posture/history?limit=2&cursor=${second.nextCursor}`)).body;
    const sameMoment = [ids[2], ids[3]].sort().reverse();
    const pages = [first, second, third].flatMap((page) => page.items.map((item: { id: string }) => item.id));
    expect(pages).toEqual([ids[4], ...sameMoment, ids[1], ids[0]]);
    expect(third.nextCursor).toBeNull();
    expect((await api.get("/posture/history?limit=1")).body.items[0].id).toBe(added);
  });

  test("200: an entity's own, and none of another organisation's", async () => {
    expect((await api.get(`/posture/history?entityId=${here.entities.company}`)).body.items).toMatchObject([
      { level: "critical" },
    ]);
    expect((await api.get(`/posture/history?entityId=${(await place()).entities.company}`)).body).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  test("400 invalid_cursor: the organisation's is not an entity's, nor another organisation's", async () => {
    const { nextCursor } = (await api.get("/posture/history?limit=1")).body;
    const elsewhere = restClient(url, await (await place()).key());
    for (const answer of [
      await api.get(`/posture/history?entityId=${here.entities.company}&cursor=${nextCursor}`),
      await elsewhere.get(`/posture/history?cursor=${nextCursor}`),
    ])
      expect(answer).toMatchObject({ status: 400, body: { code: "invalid_cursor" } });
  });
});
