import { randomUUID } from "node:crypto";
import type { Log } from "@dais/kernel/context";
import type { Steady } from "@dais/kernel/relay/steady";
import type { Perform } from "@dais/kernel/task";
import { endings, escalate, finish, pruneCallbacks, recall, tenantsLate } from "@dais/modules/dispatches/sending";
import { turn } from "./turn.ts";

export type KeepingOptions = { perform: Perform; line: Steady; now(): Date; log: Log };

const dayMs = 24 * 3_600_000;
/** What vendors told is kept for so long; that people said it, for as long as it might be said to us again. */
const keepMs = 7 * dayMs;
const knowMs = 400 * dayMs;
const pruneEveryMs = 600_000;

/** Looks after what isn't sending: who has not acknowledged in time, what was stopped, and what is over. */
export function keeping({ perform, line, now, log }: KeepingOptions) {
  let prunedAt = 0;
  const on = (tenantId: string) => ({ tenantId, requestId: `dispatches-${randomUUID()}` });

  return async function look(): Promise<boolean> {
    for (const tenantId of await line.use((lane) => tenantsLate(lane, now())))
      await turn(log, "escalation", { tenantId }, () => perform(escalate, on(tenantId), undefined));
    const { stopped, over } = await line.use(endings);
    for (const { tenantId, dispatchId } of stopped)
      await turn(log, "recalling what was stopped", { tenantId, dispatchId }, async () => {
        while (await perform(recall, on(tenantId), dispatchId));
      });
    for (const { tenantId, dispatchId } of over)
      await turn(log, "the end of a dispatch", { tenantId, dispatchId }, () =>
        perform(finish, on(tenantId), dispatchId),
      );
    if (performance.now() > prunedAt) {
      prunedAt = performance.now() + pruneEveryMs;
      const ago = (ms: number) => new Date(now().getTime() - ms);
      while ((await line.use((lane) => pruneCallbacks(lane, ago(keepMs), ago(knowMs)))) === 5000);
    }
    return false;
  };
}
