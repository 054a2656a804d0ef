import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Signal, SignalInput } from "@dais/contracts/signals";
import type { Kernel } from "@dais/kernel/dispatch";
import type { z } from "zod";
import { keyOf } from "./personas.ts";
import type { Decision } from "./reports.ts";

type Input = z.input<typeof SignalInput>;
type Finding = { xpath: string; code: string; message: string };
type Taken = {
  alerts: { outcome: string; signalId: string | null; identifier: string | null; findings: Finding[] }[];
};
type Page = { items: Signal[]; nextCursor: string | null };
type Receipts = { items: { id: string | null; problem: string | null }[] };

/** A caller of the API with the key of somebody of the demo. */
export type Caller = ReturnType<typeof asHolder>;

/** Calls with the key of a persona, or of `agent`, `integration` or `falak`. */
export function asHolder(kernel: Kernel, holder: string) {
  async function call<T>(operation: string, input: object): Promise<T> {
    const answer = await kernel.dispatch({
      operation,
      readInput: () => input,
      credential: { scheme: "bearer", text: keyOf(holder) },
      foreign: null,
      idempotencyKey: null,
      requestId: `demo-${randomUUID()}`,
      traceparent: null,
      address: "127.0.0.1",
    });
    if (!answer.problem) return answer.output as T;
    if (answer.problem.code !== "rate_limited") {
      throw new Error(`The demo can't go on: ${operation} as ${holder} answered ${answer.problem.code}.`);
    }
    await sleep((answer.limit?.resetSeconds ?? 1) * 1000);
    return call(operation, input);
  }

  return {
    call,
    /** Reports signals by a document of alerts, in whatever state it is. What they are classified as is public. */
    ingestCap: async (xml: Uint8Array): Promise<Taken["alerts"]> =>
      (await call<Taken>("signals.ingestCap", { xml, classification: "public" })).alerts,
    /** The titles of all signals that were not merged, by their ids. */
    async titles(): Promise<Map<string, string>> {
      const titles = new Map<string, string>();
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: Page = await call("signals.list", { limit: 100, ...(cursor ? { cursor } : {}) });
        for (const { id, title } of page.items) titles.set(id, title);
        cursor = page.nextCursor;
      }
      return titles;
    },
    /** Reports signals, and says of each the id that it has, now or already. */
    async ingest(signals: readonly Input[]): Promise<string[]> {
      const { items } = await call<Receipts>("signals.ingestBatch", { items: signals });
      return items.map(({ id, problem }) => {
        if (id === null) throw new Error(`The demo can't go on: a signal was refused with ${problem}.`);
        return id;
      });
    },
  };
}

/** Brings a signal to where a decision wants it, from wherever it is on the way there. */
export async function settle({ call }: Caller, id: string, { to, reason }: Omit<Decision, "id">): Promise<void> {
  let signal = await call<Signal>("signals.get", { id });
  const move = (event: string, said: object = {}) =>
    call<Signal>(`signals.${event}`, { id, version: signal.version, ...said });
  if (signal.state === "new") signal = await move("acknowledge");
  if (signal.state === "acknowledged" && to !== "acknowledge") await move(to, { reason });
}
