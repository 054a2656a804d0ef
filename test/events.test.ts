import type { Server } from "@dais/api/server";
import { beforeAll, describe, expect, test } from "vitest";
import { happens } from "./support/events.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let here: Place;
beforeAll(async () => {
  server = await startServer();
});
const home = async () => {
  here = await place();
  return restClient(server.url, await here.key());
};
// biome-ignore lint/suspicious/noExplicitAny: a body, as the client for tests gives it.
const ids = ({ body }: { body: Record<string, any> }) => body.items.map(({ subject }: { subject: string }) => subject);

describe("events.list", () => {
  test("200: the latest, the newest last, and the place where they end", async () => {
    const api = await home();
    const empty = (await api.get("/events")).body;
    expect(empty).toEqual({ items: [], nextCursor: null, lastEventId: expect.any(String), reload: false });
    const all = await happens(server, here, { times: 30 });
    expect(ids(await api.get("/events"))).toEqual(all.slice(-25));
    expect(ids(await api.get("/events?limit=2"))).toEqual(all.slice(-2));
    expect(ids(await api.get(`/events?limit=100&lastEventId=${empty.lastEventId}`))).toEqual(all);
  });

  test("200: who asks again and again hears everything, once", async () => {
    const api = await home();
    let { lastEventId } = (await api.get("/events")).body;
    const [told, heard]: [string[], string[]] = [[], []];
    for (const times of [0, 1, 0, 7, 3, 0]) {
      if (times > 0) told.push(...(await happens(server, here, { times })));
      const answer = await api.get(`/events?limit=5&lastEventId=${lastEventId}`);
      heard.push(...ids(answer));
      ({ lastEventId } = answer.body);
    }
    const rest = await api.get(`/events?limit=5&lastEventId=${lastEventId}`);
    expect([...heard, ...ids(rest)]).toEqual(told);
  });

  test("200: pages, as every list has them", async () => {
    const api = await home();
    const { lastEventId } = (await api.get("/events")).body;
    const all = await happens(server, here, { times: 7 });
    const path = `/events?limit=3&lastEventId=${lastEventId}`;
    const heard: string[] = [];
    let cursor: string | null = "";
    let pages = 0;
    for (; cursor !== null; pages += 1) {
      const page = await api.get(cursor ? `${path}&cursor=${cursor}` : path);
      heard.push(...ids(page));
      cursor = page.body.nextCursor;
    }
    expect([pages, heard]).toEqual([3, all]);
  });

  test("200: what is asked for, of what the caller may hear", async () => {
    await home();
    const { company } = here.entities;
    const [secret] = await happens(server, here, { classification: "secret" });
    const [entity] = await happens(server, here, { what: "entity", entityId: company });
    const [signal] = await happens(server, here, { classification: "public" });
    const asked = async (query: string, key: string) => ids(await restClient(server.url, key).get(`/events${query}`));
    expect(await asked("", await here.key())).toEqual([secret, entity, signal]);
    expect(await asked("", await here.key({ clearance: "public" }))).toEqual([entity, signal]);
    expect(await asked("", await here.key({ permissions: ["signal.read"] }))).toEqual([secret, signal]);
    expect(await asked("", await here.key({ permissions: ["job.read"] }))).toEqual([]);
    expect(await asked("?types=entity.created&types=entity.updated", await here.key())).toEqual([entity]);
    expect(await asked(`?entityId=${company}`, await here.key())).toEqual([entity]);
    expect(await asked("", await (await place()).key())).toEqual([]);
  });

  test("200: among much that the caller may not hear, a page may be empty although more follow", async () => {
    await home();
    const key = await here.key({ permissions: ["entity.read"] });
    const api = restClient(server.url, key);
    const { lastEventId } = (await api.get("/events")).body;
    await happens(server, here, { times: 1500 });
    const all = await happens(server, here, { what: "entity", times: 2 });
    const first = await api.get(`/events?lastEventId=${lastEventId}`);
    expect(ids(first)).toEqual([]);
    expect(first.body.nextCursor).not.toBeNull();
    expect(ids(await api.get(`/events?lastEventId=${first.body.lastEventId}`))).toEqual(all);
  });

  test("400 invalid_cursor: a cursor with other filters, and a stream's place in a cursor's place", async () => {
    const api = await home();
    const { lastEventId } = (await api.get("/events")).body;
    await happens(server, here, { times: 3 });
    const { nextCursor } = (await api.get(`/events?limit=1&lastEventId=${lastEventId}`)).body;
    for (const query of [`cursor=${nextCursor}&types=signal.ingested`, `cursor=${lastEventId}`])
      expect((await api.get(`/events?limit=1&${query}`)).body.code).toBe("invalid_cursor");
  });

  test.each(["types=everything", "types=signal.%2A", `types=${"a".repeat(101)}.b`, "entityId=holding", "lastEventId="])(
    "400 invalid_input: %s",
    async (query) => {
      const api = await home();
      expect(await api.get(`/events?${query}`)).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    },
  );
});
