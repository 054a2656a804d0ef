import type { Server } from "@dais/api/server";
import { Envelope } from "@dais/contracts/kit/envelope";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { happens } from "./support/events.ts";
import { place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { listen, rpcStreamOf, streamOf, subjects, until } from "./support/streams.ts";

let server: Server;
let url: string;
beforeAll(async () => {
  server = await startServer({ env: { STREAM_BEAT_SECONDS: "1" } });
  ({ url } = server);
});
const metric = async (of: Server, name: string) =>
  Number((await (await fetch(`${of.url}/metrics`)).text()).match(new RegExp(`^${name}.* (\\d+)$`, "m"))?.[1] ?? 0);

type Event = Record<string, unknown>;
const clients: Client[] = [];
afterAll(() => Promise.all(clients.map((client) => client.close())));

/** A stock client of revision 2026-07-28 that listens to the events: what their updates carried. */
async function overMcp(key: string, at = url) {
  const told: Event[] = [];
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  clients.push(client);
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${at}/mcp`), { requestInit }));
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
    expect(params.uri).toBe("dais://events");
    told.push(params._meta?.["dais/event"] as Event);
  });
  return { told, client, subscription: await client.listen({ resourceSubscriptions: ["dais://events"] }) };
}

describe("events.stream", () => {
  test("200: the same events over REST, tRPC and MCP, to the letter and in their order", async () => {
    const here = await place();
    const key = await here.key();
    const [rest, rpc, mcp] = await Promise.all([
      listen(streamOf(url), key),
      listen(rpcStreamOf(url), key),
      overMcp(key),
    ]);
    const ids = [...(await happens(server, here, { times: 3 })), ...(await happens(server, here, { what: "entity" }))];
    await until(() => [rest.sent, rpc.sent, mcp.told].every((told) => told.length >= 4));
    const [event] = rest.sent;
    expect(Envelope.parse(event?.data)).toEqual(event?.data);
    expect(subjects(rest)).toEqual(ids);
    const plain = (sent: { data: { type?: string } }[]) => sent.map(({ data }) => data);
    const told = plain(rpc.sent.filter(({ data }) => data.specversion));
    expect(told).toEqual(plain(rest.sent));
    expect(mcp.told).toEqual(told);
    expect(rpc.sent.find(({ data }) => data.subject === ids[1])?.id).toBe(rest.sent[1]?.id);
  });

  test("200: a change over one face is told to who listens on another, with the request that did it", async () => {
    const here = await place();
    const key = await here.key();
    const stream = await listen(streamOf(url), key);
    const body = { key: "news", name: { en: "News", ar: null }, kind: "company" };
    const made = await restClient(url, key).post("/entities", body, { "x-request-id": "the-one-that-did-it" });
    expect(made.status).toBe(201);
    await until(() => stream.sent.length === 1);
    expect(stream.sent[0]?.data).toMatchObject({
      type: "entity.created",
      subject: made.body.id,
      tenant: here.slug,
      requestid: "the-one-that-did-it",
    });
  });

  test("200: as a stream should be: not kept, not held back, alive, and with a place from the first moment", async () => {
    const stream = await listen(streamOf(url), await (await place()).key());
    expect(stream.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "ratelimit-policy": expect.stringMatching(/^"read"/),
    });
    await until(() => stream.lastId() !== "");
    expect(stream.retry()).toBeGreaterThan(0);
    const before = stream.beats();
    await until(() => stream.beats() > before + 1);
    expect(stream.sent).toEqual([]);
    const rpc = await listen(rpcStreamOf(url), await (await place()).key());
    await until(() => rpc.sent.some(({ event }) => event === "ping"));
    expect(rpc.sent[0]).toMatchObject({ event: "connected", data: { reconnectAfterInactivityMs: 3000 } });
  });

  test("200: HEAD has the headers, and opens nothing", async () => {
    const head = await listen(streamOf(url), await (await place()).key(), { method: "HEAD" });
    expect([head.status, head.headers["content-type"]]).toEqual([200, "text/event-stream"]);
    await until(head.over);
    expect(head.text()).toBe("");
  });

  test("200: who asks for some events hears of those", async () => {
    const here = await place();
    const key = await here.key();
    const entityId = here.entities.company;
    const signals = await listen(streamOf(url, { types: "signal.ingested" }), key);
    const company = await listen(streamOf(url, { entityId }), key);
    const [signal] = await happens(server, here, { what: "signal" });
    const [entity] = await happens(server, here, { what: "entity", entityId });
    const [last] = await happens(server, here, { what: "signal", entityId });
    await until(() => subjects(signals).length === 2 && subjects(company).length === 2);
    expect(subjects(signals)).toEqual([signal, last]);
    expect(subjects(company)).toEqual([entity, last]);
  });

  test("200: nobody hears of what they have no permission for, whatever they ask for", async () => {
    const here = await place();
    const some = await listen(streamOf(url), await here.key({ permissions: ["entity.read"] }));
    const none = await listen(
      streamOf(url, { types: "signal.ingested" }),
      await here.key({ permissions: ["job.read"] }),
    );
    const agent = await listen(streamOf(url), await here.key({ kind: "agent", permissions: ["signal.read"] }));
    const [signal] = await happens(server, here, { what: "signal" });
    const [entity] = await happens(server, here, { what: "entity" });
    await until(() => subjects(some).length === 1 && subjects(agent).length === 1);
    expect(subjects(some)).toEqual([entity]);
    expect(subjects(agent)).toEqual([signal]);
    expect(none.sent).toEqual([]);
  });

  test("200: nobody hears of what lies above their clearance", async () => {
    const here = await place();
    const low = await listen(streamOf(url), await here.key({ clearance: "internal" }));
    const high = await listen(rpcStreamOf(url), await here.key({ clearance: "secret" }));
    const ids = [];
    for (const classification of ["secret", "internal", "unheard-of", "public", null])
      ids.push(...(await happens(server, here, { classification })));
    await until(() => subjects(low).length === 3 && subjects(high).length === 4);
    expect(subjects(low)).toEqual([ids[1], ids[3], ids[4]]);
    expect(subjects(high)).toEqual([ids[0], ids[1], ids[3], ids[4]]);
  });

  test("200: nobody hears of another organisation", async () => {
    const [here, there] = await Promise.all([place(), place()]);
    const streams = await Promise.all([here, there].map(async (one) => listen(streamOf(url), await one.key())));
    const mine: string[][] = [[], []];
    for (let round = 0; round < 5; round += 1)
      for (const [n, one] of [here, there].entries()) mine[n]?.push(...(await happens(server, one)));
    await until(() => streams.every((stream) => subjects(stream).length === 5));
    expect(streams.map(subjects)).toEqual(mine);
    for (const [n, { sent }] of streams.entries())
      expect(new Set(sent.map(({ data }) => data.tenant))).toEqual(new Set([[here, there][n]?.slug]));
  });

  test("200: a person hears by their session", async () => {
    const here = await place();
    const stream = await listen(streamOf(url), await (await here.person()).session());
    const ids = await happens(server, here);
    await until(() => stream.sent.length === 1);
    expect(subjects(stream)).toEqual(ids);
  });

  test("200: what happens in one process is told by all", async () => {
    const other = await startServer();
    const here = await place();
    const stream = await listen(streamOf(other.url), await here.key());
    const ids = await happens(server, here, { times: 5 });
    await until(() => stream.sent.length === 5);
    expect(subjects(stream)).toEqual(ids);
  });

  test("a reader that goes away is forgotten at once, on every face", async () => {
    const own = await startServer();
    const key = await (await place()).key();
    const streams = await Promise.all([listen(streamOf(own.url), key), listen(rpcStreamOf(own.url), key)]);
    const { subscription } = await overMcp(key, own.url);
    expect(own.kernel.streams()).toBe(3);
    expect(await metric(own, "dais_streams_open")).toBe(3);
    for (const stream of streams) stream.stop();
    await subscription.close();
    await until(() => own.kernel.streams() === 0);
    expect(own.kernel.inFlight()).toBe(0);
  });
});

describe("as many streams as there is room for", () => {
  test("429 event_streams_exhausted: one caller has its share, and with one less there is room again", async () => {
    const { url } = await startServer({ env: { MOST_STREAMS_CALLER: "2" } });
    const here = await place();
    const key = await here.key();
    const [first] = await Promise.all([listen(streamOf(url), key), listen(rpcStreamOf(url), key)]);
    const third = await listen(streamOf(url), key);
    await until(third.over);
    expect(third.status).toBe(429);
    expect(JSON.parse(third.text())).toMatchObject({ code: "event_streams_exhausted", status: 429 });
    expect(Number(third.headers["retry-after"])).toBeGreaterThan(0);
    const rpc = await listen(rpcStreamOf(url), key);
    await until(() => rpc.sent.length > 1);
    expect(rpc.sent[1]).toMatchObject({
      event: "serialized-error",
      data: { data: { problem: { code: "event_streams_exhausted" } } },
    });
    expect((await listen(streamOf(url), await here.key())).status).toBe(200);
    first?.stop();
    let again = third;
    await until(async () => {
      again = await listen(streamOf(url), key);
      return again.status === 200;
    });
  });

  test("503 busy: all come at once, and each is answered, the one way or the other", async () => {
    const own = await startServer({ env: { MOST_STREAMS: "50", MOST_STREAMS_CALLER: "1000", MOST_IN_FLIGHT: "100" } });
    const key = await (await place()).key();
    const streams = await Promise.all(Array.from({ length: 400 }, () => listen(streamOf(own.url), key)));
    const served = streams.filter(({ status }) => status === 200);
    const turned = streams.filter(({ status }) => status === 503);
    expect(served.length + turned.length).toBe(400);
    expect(served.length).toBeLessThanOrEqual(50);
    expect(served.length).toBeGreaterThan(0);
    expect(own.kernel.streams()).toBe(served.length);
    for (const stream of turned) expect(Number(stream.headers["retry-after"])).toBeGreaterThan(0);
    await until(() => turned.every(({ over }) => over()));
    for (const stream of turned) expect(JSON.parse(stream.text()).code).toBe("busy");
  });

  test("a reader that doesn't read is cut, and what waited for it is forgotten; the others hear all", async () => {
    const own = await startServer();
    const here = await place();
    const key = await here.key();
    const deaf = await listen(streamOf(own.url), key, { read: false });
    const fine = await listen(streamOf(own.url), key);
    let told = 0;
    // What the two kernels' sockets take is lost on it: some megabytes.
    for (; own.kernel.streams() === 2 && told < 60_000; told += 1000) {
      await happens(own, here, { times: 1000 });
      await until(() => fine.sent.length === told + 1000);
    }
    expect(own.kernel.streams()).toBe(1);
    expect(await metric(own, 'dais_streams_ended_total\\{why="cut"')).toBe(1);
    // What lies in the sockets it may still read, and no end of it.
    deaf.read();
    await until(deaf.over);
    expect(deaf.over()).toBe("cut");
    expect(deaf.sent.length).toBeLessThan(told);
    expect(new Set(subjects(fine)).size).toBe(told);
  }, 120_000);

  test("a server that stops ends its streams at once, and says when to come back", async () => {
    const own = await startServer();
    const key = await (await place()).key();
    const [rest, rpc] = await Promise.all([listen(streamOf(own.url), key), listen(rpcStreamOf(own.url), key)]);
    await own.stop();
    await until(() => rest.over() && rpc.over());
    expect(rest.over()).toBe("ended");
    expect(rest.sent.at(-1)).toMatchObject({ event: "end", data: { type: "stream.end", reason: "shutting_down" } });
    expect(rest.retry()).toBeGreaterThan(0);
    expect(rpc.sent.at(-1)).toMatchObject({
      event: "serialized-error",
      data: { data: { code: "SERVICE_UNAVAILABLE", problem: { code: "unavailable" } } },
    });
  });
});
