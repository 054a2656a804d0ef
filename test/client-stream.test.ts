import { createServer } from "node:net";
import type { Server } from "@dais/api/server";
import { createClient, DaisProblem, isProblem, type Outputs } from "@dais/client";
import type { Contract } from "@dais/contracts";
import { createTRPCClient, httpSubscriptionLink } from "@trpc/client";
import { EventSource } from "eventsource";
import { beforeAll, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { happens } from "./support/events.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { until } from "./support/streams.ts";

let server: Server;
let here: Place;
let key: string;
beforeAll(async () => {
  server = await startServer({ env: { STREAM_BEAT_SECONDS: "1" } });
});
beforeEach(async () => {
  here = await place();
  key = await here.key();
});

type Dais = ReturnType<typeof createClient>;
type Input = Parameters<Dais["events"]["stream"]["subscribe"]>[0];

/** Follows the stream, and keeps what it is told. */
function follow(dais: Dais, input: Input = {}, more: { signal?: AbortSignal } = {}) {
  const [told, states, errors] = [[] as string[], [] as string[], [] as unknown[]];
  let [started, over] = [0, false];
  const { unsubscribe } = dais.events.stream.subscribe(input, {
    onStarted: () => (started += 1),
    onData: ({ data }) => told.push("subject" in data ? data.subject : data.type),
    onConnectionStateChange: ({ state }) => states.push(state),
    onError: (error) => errors.push(error),
    onComplete: () => (over = true),
    ...more,
  });
  return { told, states, errors, unsubscribe, started: () => started, over: () => over };
}
/** No waits but short ones. */
const quick = { wait: () => new Promise<void>((resolve) => setTimeout(resolve, 10)) };
const client = (url = server.url, more: Partial<Parameters<typeof createClient>[0]> = {}) =>
  createClient({ url, key, sources: quick, ...more });

/** A port that nobody has just now: servers come and go on it. */
async function freePort(): Promise<string> {
  const held = createServer();
  await new Promise<void>((resolve) => held.listen(0, "127.0.0.1", resolve));
  const { port } = held.address() as { port: number };
  await new Promise((resolve) => held.close(resolve));
  return String(port);
}

describe("client.events.stream.subscribe", () => {
  test("tells what happens, and nothing of the stream itself, until it is stopped", async () => {
    const stream = follow(client(), { types: ["signal.ingested"] });
    await until(stream.started);
    await happens(server, here, { what: "entity" });
    const ids = await happens(server, here, { times: 3 });
    await until(() => stream.told.length === 3);
    expect(stream.told).toEqual(ids);
    expect(stream.states).toEqual(["connecting", "pending"]);
    stream.unsubscribe();
    await until(() => server.kernel.streams() === 0);
    expect(stream.errors).toEqual([]);
  });

  test("its messages are typed", () => {
    type Message = Outputs["events"]["stream"] extends AsyncIterable<infer M> ? M : never;
    expectTypeOf<Message["id"]>().toEqualTypeOf<string>();
    expectTypeOf<Extract<Message["data"], { specversion: "1.0" }>["subject"]>().toEqualTypeOf<string>();
    // @ts-expect-error: there is no such filter
    const wrong: Input = { kinds: ["signal.ingested"] };
    expect(wrong).toBeDefined();
  });

  test("goes on after the last message over lost lines: nothing is missed, nothing comes twice", async () => {
    let opened = 0;
    const cutting: typeof fetch = async (input, init) => {
      opened += 1;
      const { promise, reject } = Promise.withResolvers<never>();
      const response = await fetch(input, init);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      // Every line lasts for a few messages only.
      let left = 4;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (left-- === 0) {
            reader.cancel();
            reject(new TypeError("terminated"));
          }
          const { value, done } = await Promise.race([reader.read(), promise]);
          if (done) controller.close();
          else controller.enqueue(value);
        },
      });
      return new Response(body, response);
    };
    const stream = follow(client(server.url, { fetch: cutting as never }));
    await until(stream.started);
    const told: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      told.push(...(await happens(server, here, { times: 1 + (n % 3) })));
      await until(() => stream.told.length > n);
    }
    await until(() => stream.told.length >= told.length);
    expect(stream.told).toEqual(told);
    expect(opened).toBeGreaterThan(1);
    expect(stream.errors).toEqual([]);
    stream.unsubscribe();
  });

  test("survives the server: it comes back to the next one, and misses nothing", async () => {
    const PORT = await freePort();
    const first = await startServer({ env: { PORT } });
    const stream = follow(client(first.url));
    await until(stream.started);
    const ids = await happens(server, here, { times: 2 });
    await until(() => stream.told.length === 2);
    await first.stop();
    ids.push(...(await happens(server, here, { times: 2 })));
    await until(() => stream.states.at(-1) === "connecting");
    await startServer({ env: { PORT } });
    await until(() => stream.told.length === 4);
    expect(stream.told).toEqual(ids);
    expect(stream.states.at(-1)).toBe("pending");
    stream.unsubscribe();
  });

  test("a server that has no room, or a proxy that has no server, is waited for", async () => {
    const answers: Response[] = [
      new Response("<html>Bad Gateway</html>", { status: 502, headers: { "content-type": "text/html" } }),
      Response.json({ code: "unavailable", status: 503, detail: "Away." }, { status: 503 }),
    ];
    const full = await startServer({ env: { MOST_STREAMS: "1" } });
    const held = follow(client(full.url));
    await until(held.started);
    const waits: number[] = [];
    const wait = async (ms: number) => {
      waits.push(ms);
      await quick.wait();
      if (waits.length === 4) held.unsubscribe();
    };
    const given: typeof fetch = async (...call) => answers.shift() ?? fetch(...call);
    const dais = client(full.url, { fetch: given as never, sources: { wait, random: () => 0 } });
    const stream = follow(dais);
    await until(() => stream.states.at(-1) === "pending");
    expect(waits.slice(0, 4)).toEqual([250, 500, 5000, 5000]);
    expect(stream.errors).toEqual([]);
    stream.unsubscribe();
  });

  test("a line on which nothing comes is lost", async () => {
    let opened = 0;
    const mute: typeof fetch = async (...call) => {
      opened += 1;
      if (opened > 1) return fetch(...call);
      const lines = 'event: connected\ndata: {"reconnectAfterInactivityMs":50}\n\n';
      return new Response(
        new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(lines)) }),
        { headers: { "content-type": "text/event-stream" } },
      );
    };
    const stream = follow(client(server.url, { fetch: mute as never }));
    await until(() => stream.started() === 2);
    expect(stream.states).toEqual(["connecting", "pending", "connecting", "pending"]);
    stream.unsubscribe();
  });

  test("a refusal that won't pass ends it, as the same typed problem as a call's", async () => {
    const wrong = follow(createClient({ url: server.url, key: "nonsense" }));
    const input = follow(client(), { types: [] });
    const place = follow(client(), { lastEventId: "nonsense" });
    await until(() => [wrong, input, place].every(({ errors }) => errors.length === 1));
    expect(wrong.errors[0]).toBeInstanceOf(DaisProblem);
    expect(isProblem(wrong.errors[0], "unauthenticated")).toBe(true);
    expect(isProblem(input.errors[0], "invalid_input") && input.errors[0].problem.errors).toMatchObject([
      { pointer: "/types" },
    ]);
    expect(isProblem(place.errors[0], "invalid_cursor")).toBe(true);
  });

  test("ends where its key is revoked", async () => {
    const admin = restClient(server.url, await (await here.person()).session({ proven: true }));
    const made = await admin.post("/api-keys", { name: "stream", permissions: ["signal.read"], clearance: "secret" });
    const stream = follow(createClient({ url: server.url, key: made.body.secret }));
    await until(stream.started);
    expect((await admin.post(`/api-keys/${made.body.id}/revoke`)).status).toBe(200);
    await until(() => stream.errors.length === 1);
    expect(isProblem(stream.errors[0], "unauthenticated")).toBe(true);
  });

  test("begins where it is told to, and says where too much was missed", async () => {
    const { lastEventId } = await client().events.list.query({});
    const ids = await happens(server, here, { times: 2 });
    const stream = follow(client(), { lastEventId });
    await until(() => stream.told.length === 2);
    expect(stream.told).toEqual(ids);
    stream.unsubscribe();
  });

  test("is stopped by a signal, too", async () => {
    const stop = new AbortController();
    const stream = follow(client(), {}, { signal: stop.signal });
    await until(stream.started);
    stop.abort();
    await until(stream.over);
    expect(stream.errors).toEqual([]);
  });
});

describe("tRPC's own httpSubscriptionLink, as it comes", () => {
  test("tells what happens, and comes back by itself where it was", async () => {
    const PORT = await freePort();
    const first = await startServer({ env: { PORT } });
    const withKey = (input: string | URL, init: RequestInit) =>
      fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } });
    const dais = createTRPCClient<Contract>({
      links: [
        httpSubscriptionLink({
          url: `${first.url}/trpc`,
          EventSource,
          eventSourceOptions: { fetch: withKey as never },
        }),
      ],
    });
    const stream = follow(dais as unknown as Dais);
    await until(stream.started);
    const ids = await happens(server, here, { times: 2 });
    await until(() => stream.told.length === 2);
    await first.stop();
    ids.push(...(await happens(server, here, { times: 2 })));
    await startServer({ env: { PORT } });
    await until(() => stream.told.length === 4);
    expect(stream.told).toEqual(ids);
    stream.unsubscribe();
  });

  test("is told why it is refused", async () => {
    const dais = createTRPCClient<Contract>({
      links: [httpSubscriptionLink({ url: `${server.url}/trpc`, EventSource })],
    });
    const stream = follow(dais as unknown as Dais);
    await until(() => stream.errors.length === 1);
    expect(stream.errors[0]).toMatchObject({ data: { code: "UNAUTHORIZED", problem: { code: "unauthenticated" } } });
  });
});
