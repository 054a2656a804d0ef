import { pruneDeadLetters, pruneInbox, pruneOutbox } from "@dais/kernel/relay/prune";
import type { When } from "@dais/kernel/schedules";
import { pruneWebhooks } from "@dais/kernel/webhooks/prune";
import type { Execute } from "./tick.ts";

/** What the server does for itself, for all tenants at once, as dais_system. Answers with how many rows it removed. */
export type Sweep = When & { name: string; run(execute: Execute, now: Date): Promise<number> };

/** For how long what has served its purpose is kept. */
export type Retain = {
  /** Stored answers of Idempotency-Keys: 24 h at least is what callers are promised. */
  idempotencyHours: number;
  /** Events that were delivered: as long as a stream may be away. */
  outboxHours: number;
  /** Which events a consumer has taken in. */
  inboxDays: number;
  /** Events that could not be delivered, and that somebody has decided about. */
  deadLetterDays: number;
  /** Commands from queues that came to nothing, and that were done after all or dropped. */
  deadCommandDays: number;
  /** Refusals of unknown callers. */
  securityEventDays: number;
  /** Jobs that are done, failed or were dropped. */
  jobDays: number;
  /** What was sent to webhooks, and what a replay can bring. */
  webhookDays: number;
};
export const usualRetain: Retain = {
  idempotencyHours: 48,
  outboxHours: 48,
  inboxDays: 30,
  deadLetterDays: 90,
  deadCommandDays: 90,
  securityEventDays: 90,
  jobDays: 30,
  webhookDays: 30,
};

/** When somebody, or the command's success, has decided about it; null while nobody has. */
const decided = "coalesce(dropped_at, done_at)";

type Prune = (execute: Execute, before: Date) => Promise<number>;
const hours = 3_600_000;
const days = 24 * hours;

/** Each hour, each removes what is too old: some rows in each transaction, so that nobody waits for it. */
export const sweeps = (retain: Retain): Sweep[] => [
  sweep("idempotency", pruning("idempotency", "created_at"), retain.idempotencyHours * hours),
  sweep("outbox", pruneOutbox, retain.outboxHours * hours),
  sweep("inbox", pruneInbox, retain.inboxDays * days),
  sweep("deadLetters", pruneDeadLetters, retain.deadLetterDays * days),
  sweep("deadCommands", pruning("dead_commands", decided, "id"), retain.deadCommandDays * days),
  sweep("securityEvents", pruning("security_events", "last_at"), retain.securityEventDays * days),
  sweep("jobs", pruning("jobs", "finished_at", "id"), retain.jobDays * days),
  sweep("webhooks", pruneWebhooks, retain.webhookDays * days),
];

const sweep = (what: string, prune: Prune, ageMs: number): Sweep => ({
  name: `prune.${what}`,
  everySeconds: 3600,
  run: (execute, now) => prune(execute, new Date(now.getTime() - ageMs)),
});

const batch = 5000;

function pruning(table: string, column: string, key = "ctid"): Prune {
  const text = `
    with gone as (
      delete from ${table} where ${key} in (select ${key} from ${table} where ${column} < $1 limit ${batch}) returning 1 as one
    )
    select count(*)::int as count from gone`;
  return async (execute, before) => {
    for (let total = 0; ; ) {
      const [row] = await execute(text, [before.toISOString()]);
      const count = row?.count as number;
      total += count;
      if (count < batch) return total;
    }
  };
}
