import { connect } from "node:net";
import { isPublic } from "@dais/adapters/outgoing/address";
import { type PosterOptions, poster, refusing } from "@dais/adapters/webhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FeedServer, feedServer } from "./support/feed-server.ts";

let there: FeedServer;
beforeAll(async () => {
  there = await feedServer();
});
afterAll(() => there.stop());

/** Sends to the stand-in, whose name `dais` no DNS knows and whose certificate nobody has signed. */
const post = (url: string, options: Partial<PosterOptions> = {}) =>
  poster({
    ...{
      allowed: ["dais"],
      plainHere: false,
      ca: there.pem,
      resolve: async () => ["127.0.0.1"],
      now: () => new Date(),
    },
    ...options,
  })({ url, headers: { "webhook-id": "evt_1" }, body: Buffer.from('{"a":"ü"}') });

describe("a receiver", () => {
  test("gets the bytes by POST, with their length and our headers", async () => {
    let got = "";
    const page = there.at((response, request) => {
      request.on("data", (part) => (got += part));
      request.on("end", () => response.writeHead(202).end("thanks"));
    });
    expect(await post(page.url)).toEqual({ kind: "answered", status: 202, retryAfterSeconds: null });
    expect(got).toBe('{"a":"ü"}');
    expect(page.asked[0]).toMatchObject({ "webhook-id": "evt_1", "content-length": "10", host: `dais:${there.port}` });
  });

  test("says how long it wants to be left alone", async () => {
    const page = there.at((response) => response.writeHead(429, { "retry-after": "30" }).end());
    expect(await post(page.url)).toEqual({ kind: "answered", status: 429, retryAfterSeconds: 30 });
  });

  test("with a certificate that nobody trusts is not told anything", async () => {
    const page = there.at((response) => response.end());
    const usual = {
      ...{ allowed: ["dais"], plainHere: false },
      resolve: async () => ["127.0.0.1"],
      now: () => new Date(),
    };
    const answer = await poster(usual)({ url: page.url, headers: {}, body: Buffer.from("x") });
    expect(answer).toEqual({ kind: "unanswered", code: "certificate_refused" });
    expect(page.asked).toEqual([]);
  });

  test("that leads to this machine is not followed", async () => {
    const inside = there.at((response) => response.end());
    for (const status of [301, 302, 307, 308]) {
      const page = there.at((response) => response.writeHead(status, { location: inside.url }).end());
      expect(await post(page.url)).toMatchObject({ kind: "answered", status });
    }
    expect(inside.asked).toEqual([]);
  });

  test("that hangs is left when the time is over, and its line is cut", async () => {
    const page = there.at(() => {});
    expect(await post(page.url, { timeoutMs: 200 })).toEqual({ kind: "unanswered", code: "timed_out" });
    await expect.poll(there.open).toBe(0);
  });

  test("that streams for ever has said all by its status: little is read of it, and its line is cut", async () => {
    let sent = 0;
    const page = there.at((response) => {
      const more = () => {
        if (response.destroyed) return;
        sent += 4096;
        response.write("x".repeat(4096), () => setImmediate(more));
      };
      response.writeHead(200);
      more();
    });
    expect(await post(page.url)).toMatchObject({ kind: "answered", status: 200 });
    await expect.poll(there.open).toBe(0);
    const then = sent;
    expect(then).toBeGreaterThan(0);
    expect(sent).toBe(then);
  });

  test("that drips is not waited for to its end", async () => {
    const page = there.at((response) => {
      response.writeHead(200).write("x");
    });
    expect(await post(page.url, { timeoutMs: 10_000 })).toMatchObject({ kind: "answered", status: 200 });
    await expect.poll(there.open).toBe(0);
  });

  test("that speaks no HTTP, or ends without a word", async () => {
    const page = there.at(({ socket }) => socket?.end("SSH-2.0-nonsense\r\n\r\n"));
    expect(await post(page.url)).toEqual({ kind: "unanswered", code: "unexpected_answer" });
    const silent = there.at(({ socket }) => socket?.destroy());
    expect(await post(silent.url)).toEqual({ kind: "unanswered", code: "unreachable" });
  });

  test("that nobody can connect to: refused, unknown, and a name server that never answers", async () => {
    const socket = connect(there.port, "127.0.0.1").on("error", () => {});
    socket.destroy();
    expect(await post("https://dais:1/x")).toEqual({ kind: "unanswered", code: "unreachable" });
    expect(await post("https://dais/x", { resolve: async () => [] })).toEqual({
      kind: "unanswered",
      code: "unresolved",
    });
    const never = { resolve: () => new Promise<never>(() => {}), connectMs: 100 };
    expect(await post("https://dais/x", never)).toEqual({ kind: "unanswered", code: "timed_out" });
  });
});

describe("addresses", () => {
  test("of a name that turns private at the second look: refused then, and never connected to", async () => {
    const answers = [["93.184.216.34"], ["127.0.0.1"], ["10.0.0.7"]];
    const looks: string[] = [];
    const resolve = async (host: string) => {
      looks.push(host);
      return answers[looks.length - 1] ?? [];
    };
    expect(await refusing({ allowed: [], plainHere: false }, resolve)("https://rebind.example/x")).toBe(false);
    const before = there.connections();
    for (const _ of [1, 2]) {
      const answer = await post(`https://rebind.example:${there.port}/x`, { allowed: [], resolve });
      expect(answer).toEqual({ kind: "unanswered", code: "address_refused" });
    }
    expect(there.connections()).toBe(before);
    expect(looks).toHaveLength(3);
  });

  test("are connected to as they were checked: the name is looked up once for each attempt", async () => {
    const page = there.at((response) => response.end());
    let looks = 0;
    const resolve = async () => {
      looks += 1;
      return looks === 1 ? ["127.0.0.1"] : ["203.0.113.9"];
    };
    expect(await post(page.url, { resolve })).toMatchObject({ kind: "answered" });
    expect([looks, page.asked.length]).toEqual([1, 1]);
  });

  test("one closed address among several refuses the name", async () => {
    const resolve = async () => ["93.184.216.34", "169.254.169.254"];
    expect(await post("https://both.example/", { allowed: [], resolve })).toMatchObject({ code: "address_refused" });
    expect(isPublic("169.254.169.254")).toBe(false);
  });

  test("a name that can't be looked up soon is not refused when a webhook is made: it is judged when it is sent to", async () => {
    const hosts = { allowed: [], plainHere: false };
    expect(await refusing(hosts, () => new Promise(() => {}), 50)("https://slow.example/")).toBe(false);
    expect(await refusing(hosts, async () => [])("https://unknown.example/")).toBe(false);
  });
});
