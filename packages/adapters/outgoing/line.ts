import { Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { Still } from "@dais/kernel/couriers/port";
import { safeUrl } from "../http.ts";

/** What is said to somebody who sends for us. */
export type Said = { method: "GET" | "POST"; url: URL; headers: Record<string, string>; body?: string };

/**
 * What came back. `left`: whether a part of what was said may have reached them before the answer was lost; if not, it can be said again
 * without being said twice. `called_off`: nothing was said.
 */
export type Heard =
  | { kind: "answered"; status: number; header(name: string): string | null; text: string }
  | { kind: "lost"; left: boolean; code: Lost };
type Lost = "timed_out" | "unreachable" | "certificate_refused" | "unexpected_answer" | "called_off";

export type Line = {
  /** @param still Asked when there is a connection, before anything is said. */
  say(said: Said, signal: AbortSignal, still?: Still): Promise<Heard>;
  close(): void;
};

type Options = {
  /** For each exchange as a whole, waiting for a free connection included. */
  timeoutMs?: number;
  /** At once to one host. */
  connections?: number;
  /** Certificates that are trusted instead of the usual ones. */
  ca?: string;
};

/** Messages that a vendor is given at once over each channel. */
export const sendingAtOnce = 32;
/** Enough for so many channels' messages, and for what is asked about others meanwhile: nothing waits for a connection once it was handed over. */
export const socketsFor = (channels: number): number => channels * sendingAtOnce + 16;

const mostBytes = 4 * 1024 * 1024;
/** Shorter than servers usually keep a silent connection: one that they close while we speak costs us the answer. */
const idleMs = 4000;

/**
 * A line to one vendor, whose address the operators have set. It follows no redirect, repeats nothing by itself, and knows for each loss
 * whether anything had left.
 */
export function line({ timeoutMs = 10_000, connections = socketsFor(1), ca }: Options = {}): Line {
  const usual = { keepAlive: true, timeout: idleMs, maxSockets: connections, scheduling: "lifo" } as const;
  const agents = { http: new Agent(usual), https: new TlsAgent({ ...usual, ...(ca === undefined ? {} : { ca }) }) };

  return {
    async say({ method, url, headers, body }, callers, still) {
      const signal = AbortSignal.any([callers, AbortSignal.timeout(timeoutMs)]);
      if (signal.aborted) return { kind: "lost", left: false, code: "timed_out" };
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const options = { method, signal, headers: { ...headers, ...length } };
      const tls = url.protocol === "https:";
      const request = tls
        ? tlsRequest(url, { ...options, agent: agents.https })
        : plainRequest(url, { ...options, agent: agents.http });
      let left = false;
      let off = false;
      whenReady(request, tls ? "secureConnect" : "connect", async () => {
        off = still !== undefined && !(await still());
        if (off || request.destroyed) return void request.destroy();
        left = true;
        request.end(body);
      });
      try {
        const answer = await answered(request);
        const text = await textOf(answer);
        const header = (name: string) => answer.headers[name]?.toString() ?? null;
        return { kind: "answered", status: answer.statusCode ?? 0, header, text };
      } catch (error) {
        request.destroy();
        if (off) return { kind: "lost", left: false, code: "called_off" };
        return { kind: "lost", left, code: signal.aborted ? "timed_out" : meaningOf(error) };
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** A vendor's base address. @throws Error where others could listen to what is said there */
export function baseOf(text: string): URL {
  const url = safeUrl(text.endsWith("/") ? text : `${text}/`);
  if (!url) throw new Error("A vendor's address must be https, or this machine itself.");
  return url;
}

/** Does this when there is a connection: nothing can leave before. */
function whenReady(request: ClientRequest, ready: "connect" | "secureConnect", then: () => void): void {
  request.on("socket", (socket) => {
    if (socket.connecting) socket.once(ready, then);
    else then();
  });
}

const answered = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request
      .on("response", resolve)
      .on("error", reject)
      .on("close", () => reject(new Error("closed without an answer")));
  });

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    size += part.length;
    if (size > mostBytes) throw Object.assign(new Error("too much"), { code: "HPE_TOO_MUCH" });
    parts.push(part);
  }
  if (!answer.complete) throw new Error("cut short");
  return Buffer.concat(parts).toString("utf8");
}

function meaningOf(error: unknown): Extract<Heard, { kind: "lost" }>["code"] {
  const code = String((error as { code?: unknown } | null)?.code);
  if (code.startsWith("HPE_")) return "unexpected_answer";
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ? "certificate_refused" : "unreachable";
}
