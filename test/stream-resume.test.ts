import type { Server } from "@dais/api/server";
import { placeId } from "@dais/kernel/streams/place";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { happens } from "./support/events.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { listen, rpcStreamOf, type Stream, streamOf, subjects, until } from "./support/streams.ts";

let server: Server;
let url: string;
let here: Place;
let key: string;
beforeAll(async () => {
  server = await startServer();
  ({ url } = server);
});
beforeEach(async () => {
  here = await place();
  key = await here.key();
});
const behind = (id: string) => ({ headers: { "last-event-id": id } });
/** A place as the server under test signs it. */
const signed = (position: string, { tenantId }: Place) => placeId({ key: new Uint8Array(32), tenantId }, position);
const ended = async (stream: Stream) => {
  await until(stream.over);
  return { status: stream.status, body: JSON.parse(stream.text()) };
};

describe("a reader that comes back", () => {
  test("200: hears what it missed, once, and then what happens: by its header, over tRPC, and from a list", async () => {
    const first = await listen(streamOf(url), key);
    const ids = await happens(server, here, { times: 3 });
    await until(() => first.sent.length === 3);
    first.stop();
    const missed = [...ids.slice(1), ...(await happens(server, here, { times: 250 }))];
    const from = first.sent[0]?.id as string;
    const listed = (await restClient(url, key).get(`/events?limit=1&lastEventId=${from}`)).body;
    expect(listed.items[0].subject).toBe(ids[1]);
    const again = await Promise.all([
      listen(streamOf(url), key, behind(from)),
      listen(streamOf(url, { lastEventId: from }), key),
      listen(rpcStreamOf(url, { lastEventId: from }), key),
      listen(rpcStreamOf(url), key, behind(from)),
      // The header is newer than the address.
      listen(streamOf(url, { lastEventId: first.sent[2]?.id as string }), key, behind(from)),
    ]);
    const rest = await listen(streamOf(url, { lastEventId: listed.lastEventId }), key);
    const now = await happens(server, here);
    for (const stream of again) {
      await until(() => subjects(stream).length === missed.length + 1);
      expect(subjects(stream)).toEqual([...missed, ...now]);
    }
    await until(() => subjects(rest).length === missed.length);
    expect(subjects(rest)).toEqual([...missed.slice(1), ...now]);
  });

  test("200: from the place that it was given before anything happened", async () => {
    const first = await listen(streamOf(url), key);
    await until(() => first.lastId() !== "");
    first.stop();
    const ids = await happens(server, here, { times: 2 });
    const again = await listen(streamOf(url), key, behind(first.lastId()));
    await until(() => again.sent.length === 2);
    expect(subjects(again)).toEqual(ids);
  });

  test("200: its place moves on with what others hear, so that a quiet stream never falls behind", async () => {
    const own = await startServer({ env: { STREAM_BEAT_SECONDS: "1" } });
    const quiet = await listen(streamOf(own.url, { types: "entity.created" }), key);
    await until(() => quiet.lastId() !== "");
    const before = quiet.lastId();
    await happens(own, here, { times: 3 });
    await until(() => quiet.lastId() !== before);
    expect(quiet.sent).toEqual([]);
    const wide = await listen(streamOf(own.url), key, behind(quiet.lastId()));
    const ids = await happens(own, here);
    await until(() => wide.sent.length > 0);
    expect(subjects(wide)).toEqual(ids);
  });

  test("200: hears nothing of what it may not hear now, though it happened when it might", async () => {
    const low = await here.key({ clearance: "public", permissions: ["signal.read"] });
    const first = await listen(streamOf(url), key);
    await until(() => first.lastId() !== "");
    await happens(server, here, { classification: "secret" });
    await happens(server, here, { what: "entity" });
    const [last] = await happens(server, here, { classification: "public" });
    const again = await listen(streamOf(url), low, behind(first.lastId()));
    await until(() => again.sent.length > 0);
    expect(subjects(again)).toEqual([last]);
  });

  test("200: under load, over two restarts: nothing is missed, nothing comes twice, each thing in its order", async () => {
    const home = await place();
    const reader = await home.key();
    let done = false;
    const lines = Array.from({ length: 4 }, async () => {
      const mine: string[] = [];
      while (!done) mine.push(...(await happens(server, home, { times: 1 + (mine.length % 3) })));
      return mine;
    });
    const heard: string[] = [];
    let last: string | null = null;
    for (let round = 0; round < 3; round += 1) {
      const one = await startServer();
      const stream: Stream = await listen(streamOf(one.url), reader, last === null ? {} : behind(last));
      await until(() => stream.sent.length > 100);
      await one.stop();
      await until(stream.over);
      heard.push(...subjects(stream));
      last = stream.lastId();
    }
    done = true;
    const all = await Promise.all(lines);
    const tail = await listen(streamOf(url), reader, behind(last as unknown as string));
    await until(() => heard.length + tail.sent.length >= all.flat().length - missedBefore(all, heard));
    heard.push(...subjects(tail));
    expect(new Set(heard).size).toBe(heard.length);
    for (const line of all) {
      const its = new Set(line);
      const order = heard.filter((id) => its.has(id));
      // Whatever happened before the first stream was open is not for it.
      expect(order).toEqual(line.slice(line.length - order.length));
      expect(order.length).toBeGreaterThan(0);
    }
  }, 60_000);
});

/** How many of them happened before the first of those heard. */
const missedBefore = (lines: string[][], heard: string[]): number =>
  lines.reduce((sum, line) => {
    const at = line.findIndex((id) => heard.includes(id));
    return sum + (at === -1 ? 0 : at);
  }, 0);

describe("a place that can't be gone on from", () => {
  test.each([
    ["nonsense", () => "nonsense"],
    ["one without a signature", () => Buffer.from("1:1:").toString("base64url")],
    ["one that was tampered with", () => signed("1:1:", here).replace(/^./, "X")],
    [
      "one that another key signed",
      () => placeId({ key: new Uint8Array(32).fill(1), tenantId: here.tenantId }, "1:1:"),
    ],
    ["one that is much too long", () => "x".repeat(3900)],
  ])("400 invalid_cursor: %s", async (_, make) => {
    for (const open of [
      listen(streamOf(url), key, behind(make())),
      listen(streamOf(url, { lastEventId: make() }), key),
    ]) {
      const { status, body } = await ended(await open);
      expect([status, body.code]).toEqual([400, "invalid_cursor"]);
    }
    const rpc = await listen(rpcStreamOf(url, { lastEventId: make() }), key);
    await until(() => rpc.sent.length > 1);
    expect(rpc.sent[1]?.data.data.problem.code).toBe("invalid_cursor");
  });

  test("400 invalid_cursor: another organisation's, though it is a good one there", async () => {
    const there = await place();
    const theirs = await listen(streamOf(url), await there.key());
    await until(() => theirs.lastId() !== "");
    const { status, body } = await ended(await listen(streamOf(url), key, behind(theirs.lastId())));
    expect([status, body.code]).toEqual([400, "invalid_cursor"]);
    expect((await restClient(url, key).get(`/events?lastEventId=${theirs.lastId()}`)).body.code).toBe("invalid_cursor");
  });

  test("400 invalid_input: longer than any", async () => {
    const { status, body } = await ended(await listen(streamOf(url, { lastEventId: "x".repeat(4001) }), key));
    expect([status, body.errors[0].pointer]).toEqual([400, "/query/lastEventId"]);
  });

  test.each([
    ["older than what is kept", "0:0:"],
    ["of a database that this is not", `${2n ** 62n}:${2n ** 62n}:`],
    ["no position at all", "1:0:"],
  ])("200: %s: is told to read anew, and then hears what happens", async (_, position) => {
    const id = signed(position, here);
    const streams = [await listen(streamOf(url), key, behind(id)), await listen(rpcStreamOf(url), key, behind(id))];
    await until(() => streams.every(({ sent }) => sent.some(({ data }) => data.type === "stream.reload")));
    const ids = await happens(server, here);
    for (const stream of streams) {
      await until(() => subjects(stream).length === 1 || stream.sent.some(({ data }) => data.subject === ids[0]));
      const [reload, event] = stream.sent.filter(({ event }) => event !== "connected");
      expect(reload?.data).toEqual({ type: "stream.reload", reason: "not_kept" });
      expect(event?.data.subject).toBe(ids[0]);
      // And from there on it can come back.
      const again = await listen(streamOf(url), key, behind(reload?.id as string));
      await until(() => again.sent.length === 1);
      expect(subjects(again)).toEqual(ids);
      again.stop();
    }
    expect(streams[0]?.sent[0]?.event).toBe("reload");
    const listed = (await restClient(url, key).get(`/events?lastEventId=${id}`)).body;
    expect(listed.reload).toBe(true);
    expect(listed.items.at(-1).subject).toBe(ids[0]);
  });

  test("200: so long ago that too much has happened: is told to read anew, and then hears what happens", async () => {
    const home = await place();
    const reader = await home.key();
    const first = await listen(streamOf(url), reader);
    await until(() => first.lastId() !== "");
    first.stop();
    for (let n = 0; n < 11; n += 1) await happens(server, home, { times: 1000 });
    const again = await listen(streamOf(url), reader, behind(first.lastId()));
    const reload = () => again.sent.findIndex(({ event }) => event === "reload");
    await until(() => reload() >= 0);
    expect(again.sent[reload()]?.data).toEqual({ type: "stream.reload", reason: "too_many" });
    expect(reload()).toBeLessThan(10_500);
    const [id] = await happens(server, home);
    await until(() => subjects(again).includes(id as string));
  }, 60_000);
});
