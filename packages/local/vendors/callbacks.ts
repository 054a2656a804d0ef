import { Agent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { Faults } from "./faults.ts";

export type Callback = { url: string; headers: Record<string, string>; body: string };

export type CallbackOptions = {
  /** Where a public address is on this machine: what stands before the server that is told. By default the address itself. */
  route?(url: string): string;
  /** Certificates that are trusted instead of the usual ones. */
  ca?: string;
};

export type Teller = {
  /** Tells these one after the other, each made when its time has come, with what is planned to go wrong. */
  tell(about: readonly (() => Callback)[]): void;
  /** When all that was begun has been told, or given up. */
  settled(): Promise<void>;
  /** What was answered, by status; 0 where nobody did. */
  answers(): ReadonlyMap<number, number>;
  close(): void;
};

const attempts = 3;
const pauseMs = 100;

/** Sends callbacks as vendors do: several at a time, each a few times if nobody takes it. */
export function tellerOf(faults: Faults, { route = (url) => url, ca }: CallbackOptions = {}): Teller {
  const usual = { keepAlive: true, maxSockets: 16 };
  const agents = { http: new Agent(usual), https: new TlsAgent({ ...usual, ...(ca === undefined ? {} : { ca }) }) };
  const answers = new Map<number, number>();
  const waiting = new Set<() => void>();
  let under = 0;
  let closed = false;

  const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

  async function send({ url, headers, body }: Callback): Promise<void> {
    for (let attempt = 1; attempt <= attempts && !closed; attempt += 1) {
      const status = await post(new URL(route(url)), headers, body);
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (status > 0 && status < 500) return;
      await pause(pauseMs * attempt);
    }
  }

  const post = (url: URL, headers: Record<string, string>, body: string): Promise<number> =>
    new Promise((done) => {
      const tls = url.protocol === "https:";
      const options = {
        method: "POST",
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        timeout: 15_000,
      };
      const request = tls
        ? tlsRequest(url, { ...options, agent: agents.https })
        : plainRequest(url, { ...options, agent: agents.http });
      request
        .on("response", (answer) => {
          answer.resume().on("close", () => done(answer.statusCode ?? 0));
        })
        .on("timeout", () => request.destroy())
        .on("error", () => done(0));
      request.end(body);
    });

  async function all(about: readonly (() => Callback)[]): Promise<void> {
    const { twice = 0, overtaken = 0, delayMs = [0, 0] } = faults.plan;
    const order = [...about];
    for (let at = 0; at + 1 < order.length; at += 1) {
      if (!faults.chance(overtaken)) continue;
      order.splice(at, 2, ...order.slice(at, at + 2).reverse());
      at += 1;
    }
    for (const make of order) {
      const ms = faults.between(...delayMs);
      await (ms > 0 ? pause(ms) : new Promise<void>((done) => setImmediate(done)));
      if (closed) return;
      const callback = make();
      await send(callback);
      if (faults.chance(twice)) await send(callback);
    }
  }

  function ended(): void {
    under -= 1;
    if (under > 0) return;
    for (const done of waiting) done();
    waiting.clear();
  }

  return {
    tell(about) {
      if (about.length === 0 || closed) return;
      under += 1;
      all(about).then(ended, ended);
    },
    settled: () => (under === 0 ? Promise.resolve() : new Promise((done) => void waiting.add(done))),
    answers: () => answers,
    close() {
      closed = true;
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
