import { createServer as createTls, type Server } from "node:https";
import { connect, type Socket } from "node:net";
import { line } from "@dais/adapters/outgoing/line";
import { lastWord, watching } from "@dais/worker/couriers/wanted";
import { afterEach, describe, expect, test } from "vitest";
import { localCertificate } from "./support/certificate.ts";
import { never, rawServer } from "./support/couriers.ts";

const { key, cert } = localCertificate();
const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
const opened = <T extends { close(): unknown }>(one: T): T => {
  open.push(one);
  return one;
};

/** A server of HTTPS that speaks to nobody before it is let. */
async function slowServer() {
  const waiting: (() => void)[] = [];
  let requests = 0;
  const server: Server = createTls({ key, cert }, (request, response) => {
    requests += 1;
    request.resume().on("end", () => response.end("taken"));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  open.push({ close: () => new Promise((done) => server.close(done)) });
  const front = opened(
    await rawServer((socket: Socket) => {
      const speak = () => {
        const behind = connect(port, "127.0.0.1");
        behind.on("error", () => {}).on("close", () => socket.destroy());
        socket.on("close", () => behind.destroy());
        socket.pipe(behind).pipe(socket);
      };
      waiting.push(speak);
    }),
  );
  return {
    url: new URL(`https://127.0.0.1:${front.port}/messages`),
    waiting,
    requests: () => requests,
  };
}
const post = (url: URL) => ({ method: "POST" as const, url, headers: {}, body: "Leave the pier." });

describe("line.say, where it may be called off", () => {
  test("asked when TLS stands, however long that took; then nothing is said", async () => {
    const there = await slowServer();
    const way = opened(line({ ca: cert }));
    const order: string[] = [];
    const said = way.say(post(there.url), never, async () => {
      order.push("asked");
      return false;
    });
    await expect.poll(() => there.waiting.length).toBe(1);
    order.push("let");
    there.waiting[0]?.();
    expect(await said).toEqual({ kind: "lost", left: false, code: "called_off" });
    expect([order, there.requests()]).toEqual([["let", "asked"], 0]);
  });

  test("asked on a connection that is there already, too", async () => {
    const there = await slowServer();
    const way = opened(line({ ca: cert }));
    const said = way.say(post(there.url), never, async () => true);
    await expect.poll(() => there.waiting.length).toBe(1);
    there.waiting[0]?.();
    expect(await said).toMatchObject({ kind: "answered", status: 200, text: "taken" });
    expect(await way.say(post(there.url), never, async () => false)).toMatchObject({ code: "called_off" });
    expect([there.waiting.length, there.requests()]).toEqual([1, 1]);
  });

  test("whose time is over while it is asked has said nothing", async () => {
    const there = await slowServer();
    const way = opened(line({ ca: cert }));
    const over = new AbortController();
    const said = way.say(post(there.url), over.signal, async () => {
      over.abort();
      return true;
    });
    await expect.poll(() => there.waiting.length).toBe(1);
    there.waiting[0]?.();
    expect(await said).toEqual({ kind: "lost", left: false, code: "timed_out" });
    expect(there.requests()).toBe(0);
  });
});

describe("whether a message is wanted still", () => {
  test("is read again where the last look is a second ago, and not before", async () => {
    let now = 0;
    let looks = 0;
    const wanted = async () => {
      looks += 1;
      return looks < 3;
    };
    const look = watching(wanted, () => new Date(now), "someone");
    const seen: [boolean, number][] = [];
    for (now of [0, 999, 1000, 1999, 2000]) seen.push([await look(), looks]);
    expect(seen).toEqual([
      [true, 1],
      [true, 1],
      [true, 2],
      [true, 2],
      [false, 3],
    ]);
  });

  test("is no where nobody can say it, or not in time", async () => {
    const away = lastWord(() => Promise.reject(new Error("The database is away.")), never);
    expect([await away.still(), away.why()]).toEqual([false, "unavailable"]);
    const over = new AbortController();
    const silent = lastWord(() => new Promise<boolean>(() => {}), over.signal);
    const asked = silent.still();
    over.abort();
    expect([await asked, silent.why()]).toEqual([false, "unavailable"]);
    const off = lastWord(async () => false, never);
    expect([await off.still(), off.why()]).toEqual([false, "called_off"]);
  });
});
