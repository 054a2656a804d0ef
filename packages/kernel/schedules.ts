import type { AnyJob, Job } from "./jobs.ts";

/** When: at the beginning of each so many seconds of UTC, or by a cron expression of five fields in the tenant's own zone or in UTC. */
export type When = { everySeconds: number } | { cron: string; zone: "tenant" | "UTC" };

/**
 * A job that the clock enqueues in each tenant. It fires once for each moment, however many processes run, and at most once for all those
 * that were missed while none did.
 */
export type Schedule = When & {
  /** Whatever it has acted on is remembered by this name. */
  name: string;
  job: AnyJob;
  data: unknown;
};

/** @throws Error where the data doesn't fit the job's schema */
export function schedule<In>(of: When & { name: string; job: Job<In>; data: In }): Schedule {
  of.job.schema.parse(of.data);
  return of as Schedule;
}
