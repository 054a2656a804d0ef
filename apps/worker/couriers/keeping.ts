import { randomUUID } from "node:crypto";
import type { Steady } from "@dais/kernel/relay/steady";
import type { Perform } from "@dais/kernel/task";
import { endings, escalate, finish, pruneCallbacks, recall, tenantsLate } from "@dais/modules/dispatches/sending";

export type KeepingOptions = { perform: Perform; line: Steady; ask(tenantId: string): Promise<void>; now(): Date };

const dayMs = 24 * 3_600_000;
/** What vendors told is kept for so long; that people said it, for as long as it might be said to us again. */
const keepMs = 7 * dayMs;
const knowMs = 400 * dayMs;
const pruneEveryMs = 600_000;

/** Looks after what isn't sending: who has not acknowledged in time, what was stopped, what is over, and messages without an answer. */
export function keeping({ perform, line, ask, now }: KeepingOptions) {
  let prunedAt = 0;
  const on = (tenantId: string) => ({ tenantId, requestId: `dispatches-${randomUUID()}` });

  return async function look(): Promise<boolean> {
    const { asking, escalating } = await line.use((lane) => tenantsLate(lane, now()));
    for (const tenantId of escalating) await perform(escalate, on(tenantId), undefined);
    const { stopped, over } = await line.use(endings);
    for (const { tenantId, dispatchId } of stopped) while (await perform(recall, on(tenantId), dispatchId));
    for (const { tenantId, dispatchId } of over) await perform(finish, on(tenantId), dispatchId);
    await Promise.all(asking.map(ask));
    if (performance.now() > prunedAt) {
      prunedAt = performance.now() + pruneEveryMs;
      const ago = (ms: number) => new Date(now().getTime() - ms);
      while ((await line.use((lane) => pruneCallbacks(lane, ago(keepMs), ago(knowMs)))) === 5000);
    }
    return false;
  };
}
