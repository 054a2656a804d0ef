import type { Contract } from "@dais/contracts";
import { type Operation, TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { DaisProblem, ForeignAnswer } from "./errors.ts";
import { judge, type Verdict } from "./judge.ts";
import type { Patience, Sources } from "./retry.ts";
import { type SentEvent, sentEvents } from "./sse.ts";

type Options = {
  /** Where tRPC is served. */
  url: string;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Asked before every attempt. */
  headers(): Promise<Record<string, string>>;
  /** An attempt that isn't answered by then is lost. */
  timeoutMs: number;
  patience: Patience;
  sources: Sources;
};
type Observer = Parameters<Parameters<typeof observable>[0]>[0];

/**
 * Keeps a stream open until its caller has enough: a line that is lost, or a server that asks to wait, is no end of it. It goes on
 * after the last message, so nothing is missed and nothing comes twice. What ends it is a refusal that will not pass.
 */
export function streaming(options: Options): TRPCLink<Contract> {
  return () =>
    ({ op }) =>
      observable((observer) => {
        const ended = new AbortController();
        const signal = op.signal ? AbortSignal.any([op.signal, ended.signal]) : ended.signal;
        follow(op, observer as Observer, signal, options).then(
          () => observer.complete(),
          (error) => (signal.aborted ? observer.complete() : observer.error(error)),
        );
        return () => ended.abort();
      });
}

async function follow(op: Operation, { next }: Observer, signal: AbortSignal, options: Options): Promise<void> {
  const { patience, sources } = options;
  const state = (name: "connecting" | "pending", error: TRPCClientError<Contract> | null) =>
    next({ result: { type: "state", state: name, error } });
  let lastId = (op.input as { lastEventId?: string } | undefined)?.lastEventId;
  state("connecting", null);
  for (let failures = 1; ; failures += 1) {
    try {
      for await (const { event, id, data } of attempt(op, lastId, signal, options)) {
        if (event === "return") return;
        if (event === "serialized-error") throw TRPCClientError.from({ error: JSON.parse(data) });
        if (event === "connected") {
          next({ result: { type: "started" } });
          state("pending", null);
        }
        // Also where nothing is told, the place moves on.
        lastId = id ?? lastId;
        if (event !== "message") continue;
        failures = 0;
        next({ result: { type: "data", data: { id: lastId, data: JSON.parse(data) } } });
      }
      throw new Error("The stream broke off.");
    } catch (thrown) {
      const error = TRPCClientError.from<Contract>(thrown as Error);
      if (signal.aborted) throw error;
      const verdict = judge(error);
      if (verdict.kind === "final") throw refusal(verdict, error);
      state("connecting", error);
      await sources.wait(waitAfter(verdict, failures, patience, sources), signal);
    }
  }
}

const refusal = ({ problem }: Verdict, cause: TRPCClientError<Contract>): TRPCClientError<Contract> =>
  problem ? new DaisProblem(problem, { cause, idempotencyKey: null }) : cause;

function waitAfter({ retryAfterSeconds }: Verdict, failures: number, patience: Patience, { random }: Sources): number {
  // Readers that a server has sent away together should not come back together.
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1000 + random() * patience.firstWaitMs;
  const grown = Math.min(patience.firstWaitMs * 2 ** Math.max(0, failures - 1), patience.longestWaitMs);
  return grown * (1 - random() / 2);
}

/** One connection: what comes over it. Where nothing comes for as long as the server says that something must, it is lost. */
async function* attempt(
  op: Operation,
  lastId: string | undefined,
  signal: AbortSignal,
  { url, fetch, headers, timeoutMs }: Options,
): AsyncGenerator<SentEvent, void, undefined> {
  const lost = new AbortController();
  let patience = timeoutMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = AbortSignal.any([signal, lost.signal]);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => lost.abort(new DOMException("Nothing came.", "TimeoutError")), patience);
  };
  heard();
  try {
    const { lastEventId: _, ...wanted } = (op.input ?? {}) as { lastEventId?: string };
    const response = await fetch(`${url}/${op.path}?input=${encodeURIComponent(JSON.stringify(wanted))}`, {
      headers: {
        ...(await headers()),
        accept: "text/event-stream",
        ...(lastId === undefined ? {} : { "last-event-id": lastId }),
      },
      signal: over,
    });
    if (!response.body || !/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? ""))
      throw await otherAnswer(response);
    for await (const sent of sentEvents(response.body, heard, over)) {
      if (sent.event === "connected") {
        patience = JSON.parse(sent.data).reconnectAfterInactivityMs ?? timeoutMs;
        heard();
      }
      yield sent;
    }
  } finally {
    clearTimeout(timer);
    lost.abort();
  }
}

/** What isn't a stream: a problem from before tRPC was reached, or somebody else's answer. */
async function otherAnswer(response: Response): Promise<Error> {
  if (!/\bjson\b/i.test(response.headers.get("content-type") ?? "")) return new ForeignAnswer(response);
  const said = (await response.json()) as { code?: unknown; error?: unknown };
  if (said.error) return TRPCClientError.from(said as object, { meta: { response, responseJSON: said } });
  return typeof said.code === "string"
    ? new TRPCClientError(said.code, { meta: { response, responseJSON: said } })
    : new ForeignAnswer(response);
}
