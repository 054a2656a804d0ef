import { randomUUID } from "node:crypto";
import type { Log } from "@dais/kernel/context";
import { faultOf } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import type { Perform } from "@dais/kernel/task";
import { type Outcome, settle } from "@dais/modules/dispatches/sending";

const most = 100;
/** What comes in within so long is written together. */
const togetherMs = 40;
const restMs = 1000;
/** Of Postgres and the way to it: another try may go well. */
const passes = (error: unknown): boolean => faultOf(error) instanceof Problem;
const mostTries = 5;

/**
 * Writes down what came of messages, organisation by organisation. What can't be written is left: its lease ends, and its vendor is asked what became
 * of it.
 */
export function settling({ perform, log }: { perform: Perform; log: Log }) {
  const waiting = new Map<string, { outcome: Outcome; done: () => void }[]>();
  const under = new Set<Promise<void>>();

  function note(tenantId: string, outcome: Outcome): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const line = waiting.get(tenantId);
    if (line) line.push({ outcome, done: resolve });
    else {
      waiting.set(tenantId, [{ outcome, done: resolve }]);
      const writing = new Promise((go) => setTimeout(go, togetherMs)).then(() => flush(tenantId));
      under.add(writing);
      void writing.finally(() => under.delete(writing));
    }
    return promise;
  }

  async function flush(tenantId: string): Promise<void> {
    const all = waiting.get(tenantId) ?? [];
    waiting.delete(tenantId);
    for (let at = 0; at < all.length; at += most) await written(tenantId, all.slice(at, at + most));
  }

  async function written(tenantId: string, some: { outcome: Outcome; done: () => void }[]): Promise<void> {
    try {
      const on = { tenantId, requestId: `dispatches-${randomUUID()}` };
      await trying(() =>
        perform(
          settle,
          on,
          some.map(({ outcome }) => outcome),
        ),
      );
    } catch (error) {
      log.error({ err: error, tenantId, messages: some.length }, "what came of messages could not be written down");
      // One that can't be written keeps none of the others from it.
      if (some.length > 1) for (const one of some) await written(tenantId, [one]);
    }
    for (const { done } of some) done();
  }

  async function trying(write: () => Promise<unknown>): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        return void (await write());
      } catch (error) {
        if (failures >= mostTries || !passes(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, restMs));
      }
    }
  }

  return {
    note,
    /** Resolves when all that was noted by now is written. */
    async rest() {
      while (under.size > 0) await Promise.all(under);
    },
  };
}
export type Settling = ReturnType<typeof settling>;
