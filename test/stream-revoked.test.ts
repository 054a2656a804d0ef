import type { Server } from "@dais/api/server";
import { beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { happens } from "./support/events.ts";
import { type Place, place } from "./support/place.ts";
import { proxy } from "./support/proxy.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { listen, rpcStreamOf, type Stream, streamOf, subjects, until } from "./support/streams.ts";

let server: Server;
let other: Server;
let here: Place;
let admin: RestClient;
beforeAll(async () => {
  [server, other] = await Promise.all([startServer(), startServer()]);
});
beforeEach(async () => {
  here = await place();
  admin = restClient(server.url, await (await here.person()).session({ proven: true }));
});
const done = async (path: string, body: object = {}) => {
  const answer = await admin.post(path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
/** What tests let happen, and not what their own changes tell. */
const types = ["signal.ingested", "entity.created", "person.updated"];
/** The same credential's streams, on both processes and over both of these faces. */
const everywhere = (credential: string): Promise<Stream[]> =>
  Promise.all(
    [server, other].flatMap(({ url }) => [
      listen(`${streamOf(url)}?${types.map((type) => `types=${type}`).join("&")}`, credential),
      listen(rpcStreamOf(url, { types }), credential),
    ]),
  );
const events = ({ sent }: Stream) => sent.filter(({ data }) => data.specversion).map(({ data }) => data.subject);

/** Waits until each is over, and expects each to have been told that it is signed out, and nothing after. */
async function signedOut(streams: Stream[]): Promise<void> {
  await until(() => streams.every((stream) => stream.over()));
  for (const stream of streams) {
    expect(stream.over()).toBe("ended");
    const last = stream.sent.at(-1);
    if (last?.event === "end") expect(last.data).toEqual({ type: "stream.end", reason: "signed_out" });
    else
      expect(last).toMatchObject({
        event: "serialized-error",
        data: { data: { problem: { code: "unauthenticated" } } },
      });
  }
}

describe("in the middle of a stream", () => {
  test("a permission that is withdrawn holds from the next event on, and so does one that is given", async () => {
    const person = await here.person({ roles: ["auditor", "integration"] });
    const streams = await everywhere(await person.session());
    const all = async (count: number) => {
      await until(() => streams.every((stream) => events(stream).length >= count));
    };
    const [before] = await happens(server, here, { what: "person" });
    await all(1);
    await done(`/people/${person.id}/revoke-role`, { role: "auditor" });
    for (const process of [server, other]) await happens(process, here, { what: "person" });
    // Whoever has heard of this one has come past those.
    const [meanwhile] = await happens(server, here, { what: "entity" });
    await all(2);
    await done(`/people/${person.id}/grant-role`, { role: "auditor" });
    const [after] = await happens(other, here, { what: "person" });
    await all(3);
    for (const stream of streams) expect(events(stream)).toEqual([before, meanwhile, after]);
  });

  test("a clearance that is lowered holds from the next event on", async () => {
    const person = await here.person({ roles: ["executive"] });
    const streams = await everywhere(await person.session());
    const [before] = await happens(server, here, { classification: "secret" });
    await until(() => streams.every((stream) => events(stream).length === 1));
    await done(`/people/${person.id}/set-clearance`, { version: 1, clearance: "internal" });
    await happens(server, here, { classification: "secret" });
    const [after] = await happens(server, here, { classification: "internal" });
    await until(() => streams.every((stream) => events(stream).length === 2));
    for (const stream of streams) expect(events(stream)).toEqual([before, after]);
  });

  test("a key that is revoked: its streams end, and hear nothing more", async () => {
    const made = await admin.post("/api-keys", { name: "stream", permissions: ["signal.read"], clearance: "secret" });
    expect(made.status).toBe(201);
    const streams = await everywhere(made.body.secret);
    await done(`/api-keys/${made.body.id}/revoke`);
    await happens(server, here);
    await signedOut(streams);
    expect(streams.flatMap(events)).toEqual([]);
    const again = await listen(streamOf(other.url), made.body.secret);
    expect(again.status).toBe(401);
  });

  test("a person who is signed out, or disabled: their streams end, and nobody else's", async () => {
    const person = await here.person({ roles: ["executive"] });
    const [first, second] = await Promise.all([person.session(), person.session()]);
    const streams = [await everywhere(first), await everywhere(second)].flat();
    const own = await everywhere(await (await here.person({ roles: ["executive"] })).session());
    await done(`/people/${person.id}/sign-out`);
    await signedOut(streams);
    const later = await everywhere(await person.session());
    await done(`/people/${person.id}/disable`, { reason: "A test of the doors." });
    await signedOut(later);
    const [id] = await happens(server, here);
    await until(() => own.every((stream) => events(stream).at(-1) === id));
    expect([...streams, ...later].flatMap(events)).toEqual([]);
  });

  test("one session of several that is ended: its streams end, and the others' go on", async () => {
    const person = await here.person({ roles: ["executive"] });
    const [first, second] = await Promise.all([person.session(), person.session()]);
    const streams = [await everywhere(first), await everywhere(second)] as const;
    const api = restClient(server.url, second);
    const { items } = (await api.get("/sessions")).body;
    const away = items.find(({ current }: { current: boolean }) => !current);
    expect((await api.post(`/sessions/${away.id}/revoke`)).status).toBe(200);
    await signedOut(streams[0]);
    const [id] = await happens(other, here);
    await until(() => streams[1].every((stream) => events(stream).at(-1) === id));
  });

  test("a session that nobody uses ends, however its stream is left open", async () => {
    const clock = { time: Date.now() };
    const own = await startServer({ redis: null, sources: { now: () => new Date(clock.time) } });
    const person = await here.person({ roles: ["executive"] });
    const stream = await listen(streamOf(own.url), await person.session({ sessions: own.sessions }));
    await happens(own, here);
    await until(() => stream.sent.length === 1);
    clock.time += 29 * 60_000;
    await happens(own, here);
    await until(() => stream.sent.length === 2);
    clock.time += 2 * 60_000;
    await signedOut([stream]);
  });

  test("a key ends by itself: its streams do, too", async () => {
    const clock = { time: Date.now() };
    const own = await startServer({ redis: null, sources: { now: () => new Date(clock.time) } });
    const expiresAt = new Date(clock.time + 86_400_000).toISOString();
    const body = { name: "short", permissions: ["signal.read"], clearance: "secret", expiresAt };
    const made = await admin.post("/api-keys", body);
    expect(made.status).toBe(201);
    const stream = await listen(streamOf(own.url), made.body.secret);
    await until(() => stream.lastId());
    clock.time += 86_400_000;
    await signedOut([stream]);
  });
});

describe("while nobody can be asked whether a caller may still hear", () => {
  test("nothing is told, streams end, and none is opened; when Redis is back, all is as before", async () => {
    const target = new URL(inject("redis"));
    const wire = await proxy(
      target.hostname ? { host: target.hostname, port: Number(target.port) } : { path: target.pathname },
    );
    const own = await startServer({ redis: `redis://${wire.host}:${wire.port}` });
    const key = await here.key();
    const streams = [await listen(streamOf(own.url), key), await listen(rpcStreamOf(own.url), key)];
    await happens(own, here);
    await until(() => streams.every((stream) => events(stream).length === 1));
    wire.cut();
    // By another process, whose Redis is there.
    await happens(server, here);
    await until(() => streams.every((stream) => stream.over()));
    expect(streams.map((stream) => events(stream).length)).toEqual([1, 1]);
    expect(streams[0]?.sent.at(-1)?.data).toEqual({ type: "stream.end", reason: "unavailable" });
    expect(streams[1]?.sent.at(-1)).toMatchObject({ data: { data: { problem: { code: "unavailable" } } } });
    expect((await listen(streamOf(own.url), key)).status).toBe(503);
    wire.mend();
    let again = streams[0] as Stream;
    await until(async () => {
      again = await listen(streamOf(own.url), key, { headers: { "last-event-id": streams[0]?.lastId() as string } });
      return again.status === 200;
    });
    await until(() => again.sent.length === 1);
    expect(subjects(again)).toHaveLength(1);
    await wire.close();
  });
});
