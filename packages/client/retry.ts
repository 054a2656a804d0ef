import type { Contract } from "@dais/contracts";
import { type Operation, TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { DaisProblem, LostAnswer } from "./errors.ts";
import { judge, leavesOpen, type Verdict } from "./judge.ts";

/** How patient the client is. */
export type Patience = {
  /** How often a call is sent at most. 1: never again. */
  attempts: number;
  /** The first wait; each further one is twice as long, and each is shortened by up to a half at random. */
  firstWaitMs: number;
  /** No wait is longer. Where the server asks for a longer one, its problem is the call's answer at once. */
  longestWaitMs: number;
};

/** What the client takes from outside itself: replaced in tests. */
export type Sources = {
  /** 0 <= x < 1 */
  random(): number;
  /** Ends after so long. Rejects as soon as the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** A new Idempotency-Key: at most 255 visible ASCII characters, never the same twice. */
  newKey(): string;
};

/**
 * Sends a call again while its answer is lost or says "later". A change keeps its Idempotency-Key over all attempts, so it
 * happens once. Failures become `DaisProblem` and `LostAnswer`.
 */
export function retrying(patience: Patience, sources: Sources): TRPCLink<Contract> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const ended = new AbortController();
        const signal = op.signal ? AbortSignal.any([op.signal, ended.signal]) : ended.signal;
        const key = op.type === "mutation" ? (keyIn(op.context) ?? sources.newKey()) : null;
        const call = { ...op, signal, context: { ...op.context, idempotencyKey: key } };
        const send = () =>
          new Promise<Parameters<typeof observer.next>[0]>((resolve, reject) => {
            const sent = next(call).subscribe({ next: resolve, error: reject });
            const give = () => {
              sent.unsubscribe();
              reject(signal.reason);
            };
            signal.addEventListener("abort", give, { once: true });
          });
        persist({ op, key, signal, send, patience, sources }).then(
          (value) => {
            observer.next(value);
            observer.complete();
          },
          (error) => observer.error(error),
        );
        return () => ended.abort();
      });
}

type Call<T> = {
  op: Operation;
  key: string | null;
  signal: AbortSignal;
  send: () => Promise<T>;
  patience: Patience;
  sources: Sources;
};

async function persist<T>({ op, key, signal, send, patience, sources }: Call<T>): Promise<T> {
  if (signal.aborted) throw TRPCClientError.from(signal.reason);
  let anyLost = false;
  for (let attempts = 1; ; attempts += 1) {
    const lost = (cause: Error) => new LostAnswer({ operation: op.path, idempotencyKey: key, attempts, cause });
    try {
      return await send();
    } catch (thrown) {
      const error = TRPCClientError.from<Contract>(thrown as Error);
      // Who stops a change in flight is in the same doubt as who lost its answer; a read is simply stopped.
      if (signal.aborted) throw key === null ? error : lost(signal.reason);
      const verdict = judge(error);
      anyLost ||= verdict.kind === "lost";
      const failure = verdict.problem ? new DaisProblem(verdict.problem, { cause: error, idempotencyKey: key }) : error;
      const waitMs = waitAfter(verdict, attempts, patience, sources);
      if (waitMs === null) throw anyLost && leavesOpen(verdict) ? lost(failure) : failure;
      await sources.wait(waitMs, signal).catch((reason) => {
        throw key === null ? TRPCClientError.from(reason) : lost(reason);
      });
    }
  }
}

/** How long to wait before the next attempt; null where there is to be none. */
function waitAfter(verdict: Verdict, attempts: number, patience: Patience, { random }: Sources): number | null {
  if (verdict.kind === "final" || attempts >= patience.attempts) return null;
  const { retryAfterSeconds } = verdict;
  if (retryAfterSeconds === undefined) {
    const grown = Math.min(patience.firstWaitMs * 2 ** (attempts - 1), patience.longestWaitMs);
    return grown * (1 - random() / 2);
  }
  // Callers that were refused together should not come back together.
  const asked = retryAfterSeconds * 1000;
  return asked > patience.longestWaitMs ? null : asked + random() * patience.firstWaitMs;
}

/** The caller's own key, where it gave one. */
const keyIn = (context: Record<string, unknown>): string | null =>
  typeof context.idempotencyKey === "string" ? context.idempotencyKey : null;
