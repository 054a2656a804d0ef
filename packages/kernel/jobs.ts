import { jobs } from "@dais/drizzle/schema/jobs";
import type { z } from "zod";
import type { Provenance } from "./audit.ts";
import type { Ctx } from "./context.ts";
import { rowsInserter } from "./insert.ts";
import { Problem } from "./problem.ts";

/** How a job that failed is tried again: `limit` times, first after `delaySeconds`; with `backoff` each wait is twice as long, up to an hour. */
export type Retry = { limit: number; delaySeconds: number; backoff: boolean };

/** Where a run is: at its beginning, or where its last step left it. */
export type At = {
  /** The job's uuid. */
  id: string;
  /** `next` of the step before; null at the beginning. */
  position: unknown;
};

/** There is more to do: the next step begins at `next`, which is JSON. */
export type Step = { next: unknown; done?: number; total?: number | null };

/**
 * Work in the background, done like a task: by actor `system`, on behalf of whoever caused it, in one transaction with its audit entries
 * and events. That transaction also says that it is done: it takes effect once, however often it is begun.
 */
export type Job<In, Prepared = undefined> = {
  /** Capability and verb, as an operation's path: `signals.reclassify`. A job that waits is known by it: never call it otherwise. */
  name: string;
  /** `noun.verb`, as audit entries say it. */
  action: string;
  /** What it is given, as JSON has it. One that waits since an older version of the code has that version's data. */
  schema: z.ZodType<In>;
  retry: Retry;
  /** It may find nothing to do, and then leaves no trace: no audit entry is asked of it. */
  quiet?: true;
  /** It is given up, and tried again, when it runs for so long. Of a job of many steps: a few steps, at least 60. */
  expireSeconds: number;
  /**
   * What has to be known before a step and no database can tell: what an outside system says. It is done ahead of each step, outside of
   * any transaction, so it may take as long as `expireSeconds` allow. It may be done more often than the step that follows takes effect:
   * it only asks. What it throws is a failed attempt, as if the step had thrown it.
   */
  prepare?(data: In, at: At): Promise<Prepared>;
  /**
   * Does it; or does a step of it, and answers where the next one begins. Each step is a transaction of its own, for at most ten
   * seconds: after a crash the job goes on behind the last one that was committed. What is done with somebody's rights asks `standingNow`
   * for them in each step, first and last, and fails for good where they are gone. `prepared` is what `prepare` answered; what it asked
   * about may have changed since.
   */
  run(ctx: Ctx, data: In, at: At, prepared: Prepared): Promise<Step | undefined>;
};
/** What a job throws where another attempt would come to the same: it fails for good at once, and says why. */
export class Hopeless extends Problem {}

/** Any job, whatever it is given. */
export type AnyJob = Job<unknown, unknown>;
/** @throws Error where its name is none that the contract could show */
export function job<In, Prepared = undefined>(of: Job<In, Prepared>): Job<In, Prepared> {
  if (!/^[a-z][a-zA-Z]*\.[a-z][a-zA-Z]*$/.test(of.name)) throw new Error(`${of.name} is no capability and verb`);
  return of;
}

type Timing = {
  /** Not before. By the database's clock. */
  startAfter?: Date;
  /** One at most waits for each key: where one does already, this one is not added. One that has begun doesn't wait any more. */
  singletonKey?: string;
};

/** A job to be, as a handler noted it. */
export type Enqueued = Timing & { id: string; job: AnyJob; data: unknown };

/**
 * Notes a job, to be written in the transaction of the change that wants it: where that is rolled back, there is no job.
 * @returns its uuid; of a job that `singletonKey` kept from being added, nobody's
 * @throws Error where the data doesn't fit the job's schema: a bug
 */
export function enqueue<In, Prepared>(ctx: Ctx, job: Job<In, Prepared>, data: In, timing: Timing = {}): string {
  job.schema.parse(data);
  const id = ctx.newId();
  ctx.written.jobs.push({ ...timing, id, job: job as AnyJob, data });
  return id;
}

/** The row of a job. */
export function jobRow(
  of: Pick<Provenance, "tenantId" | "requestId" | "at" | "newId"> & {
    actor: { kind: string; id: string; onBehalfOf: string | null };
    traceparent: string | null;
  },
  { id, job, data, startAfter, singletonKey }: Enqueued,
): Record<string, unknown> {
  return {
    id,
    tenant_id: of.tenantId,
    name: job.name,
    data,
    state: "waiting",
    run: of.newId(),
    attempts: 0,
    retry_limit: job.retry.limit,
    retry_delay_seconds: job.retry.delaySeconds,
    retry_backoff: job.retry.backoff,
    expire_seconds: job.expireSeconds,
    singleton_key: singletonKey ?? null,
    // What the system does is done on behalf of whoever is behind it: a job's job is the same person's.
    on_behalf_of: of.actor.kind === "system" ? of.actor.onBehalfOf : of.actor.id,
    request_id: of.requestId,
    traceparent: of.traceparent,
    start_after: startAfter?.toISOString() ?? null,
    created_at: of.at.toISOString(),
    version: 1,
  };
}

/** Writes them; pg-boss has them from then on. One whose `singletonKey` waits already is left out. */
export const insertJobs = rowsInserter(jobs, [], "on conflict do nothing");
