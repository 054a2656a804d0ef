import type { Contract } from "@dais/contracts";
import { createTRPCClient, httpBatchLink, httpLink, splitLink, type TRPCClient } from "@trpc/client";
import { ForeignAnswer } from "./errors.ts";
import { withoutDirection } from "./infinite.ts";
import { type Patience, retrying, type Sources } from "./retry.ts";
import { streaming } from "./stream.ts";

export type ClientOptions = {
  /** The server's origin: `https://dais.example.com`. */
  url: string;
  /** An API key's text, or what answers with the one that holds now. It is asked before every request. */
  key?: string | (() => string | Promise<string>) | undefined;
  /** Headers for every request, or what answers with them. */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);
  /** Instead of the platform's own: for tests, proxies, cookies. */
  fetch?: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** An attempt without an answer after this long counts as lost. 30 000 by default. */
  timeoutMs?: number;
  /** 5 attempts, 250 ms, 20 000 ms by default. */
  retry?: Partial<Patience>;
  /** For tests. */
  sources?: Partial<Sources>;
};

/** Dais as typed functions: `client.signals.list.query({ limit: 2 })`, `….ingest.mutate({ … })`, `client.events.stream.subscribe({ … })`. */
export type DaisClient = TRPCClient<Contract>;

/**
 * Makes a client. Its calls are sent again while their answer is lost, or the server asks to wait; a change carries one
 * Idempotency-Key over all its attempts, so that it happens once. Reads that start together share a request; a change goes alone.
 * A refused call rejects with `DaisProblem`, one without any answer with `LostAnswer`.
 */
export function createClient(options: ClientOptions): DaisClient {
  const http = { url: `${options.url.replace(/\/+$/, "")}/trpc`, fetch: carefully(options) };
  const headers = () => headersOf(options);
  const own = { patience: { ...patience, ...options.retry }, sources: { ...sources, ...options.sources } };
  const { timeoutMs = 30_000, fetch = globalThis.fetch } = options;
  const calls = splitLink<Contract>({
    condition: ({ type }) => type === "query",
    true: httpBatchLink({ ...http, headers, maxItems: mostBatched, maxURLLength: longestUrl }),
    false: httpLink({
      ...http,
      headers: async ({ op }) => ({ ...(await headers()), "idempotency-key": op.context.idempotencyKey as string }),
    }),
  });
  return createTRPCClient<Contract>({
    links: [
      splitLink({
        condition: ({ type }) => type === "subscription",
        true: streaming({ ...own, url: http.url, headers, timeoutMs, fetch }),
        false: [withoutDirection, retrying(own.patience, own.sources), calls],
      }),
    ],
  });
}

/**
 * A key of the caller's own for one change, as the call's options: `client.signals.ingest.mutate(input, withKey(key))`. Whoever keeps
 * it with what they are about to send may send it again after a crash, and it happens once.
 */
export const withKey = (idempotencyKey: string) => ({ context: { idempotencyKey } });

const patience: Patience = { attempts: 5, firstWaitMs: 250, longestWaitMs: 20_000 };

/** As many as the server takes in one request. */
const mostBatched = 20;
/** What proxies let through. */
const longestUrl = 8000;

async function headersOf({ key, headers = {} }: ClientOptions): Promise<Record<string, string>> {
  const given = typeof headers === "function" ? await headers() : headers;
  const text = typeof key === "function" ? await key() : key;
  return text === undefined ? given : { ...given, authorization: `Bearer ${text}` };
}

/** Every attempt has its time, and an answer that isn't JSON is none of the server's. */
function carefully({ fetch, timeoutMs = 30_000 }: ClientOptions) {
  return async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const time = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, time]) : time;
    const response = await (fetch ?? globalThis.fetch)(url, { ...init, signal });
    if (!/\bjson\b/i.test(response.headers.get("content-type") ?? "")) throw new ForeignAnswer(response);
    return response;
  };
}

const sources: Sources = {
  random: Math.random,
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    }),
  // Not `randomUUID`: browsers keep that from pages that came without TLS.
  newKey: () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
};
